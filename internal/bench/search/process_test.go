package search

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// processorTime is what a process has had of all processors so far, but for threads that have ended; those of Go and of
// PostgreSQL last. The kernel counts it in nanoseconds for each thread, and for the whole process in hundredths of a second.
func processorTime(t *testing.T, pid int) (sum time.Duration) {
	t.Helper()
	needsProc(t)
	threads := fmt.Sprintf("/proc/%d/task", pid)
	all, err := os.ReadDir(threads)
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range all {
		text, err := os.ReadFile(threads + "/" + thread.Name() + "/schedstat")
		if errors.Is(err, fs.ErrNotExist) { // it has just ended
			continue
		}
		var ran time.Duration
		if _, wrong := fmt.Sscan(string(text), &ran); err != nil || wrong != nil {
			t.Fatal(errors.Join(err, wrong))
		}
		sum += ran
	}
	return sum
}

// resident is the memory that a process holds, in megabytes of a million bytes.
func resident(t *testing.T, pid int) float64 {
	t.Helper()
	needsProc(t)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			kib, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib * 1024 / 1e6
		}
	}
	t.Fatal("VmRSS is not said")
	return 0
}

// needsProc skips where the kernel does not say what processes take: it is not measured there.
func needsProc(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skip("there is no /proc here")
	}
}
