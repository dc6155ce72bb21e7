package search

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ticks is in how many the kernel counts a second of processor time, on every Linux that Go runs on.
const ticks = 100

// processorTime is what a process has had of all processors so far.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	text := proc(t, pid, "stat")
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:]) // from the third on: the second may hold anything
	var sum time.Duration
	for _, f := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		sum += time.Duration(n) * time.Second / ticks
	}
	return sum
}

// resident is the memory that a process holds, in megabytes of a million bytes.
func resident(t *testing.T, pid int) float64 {
	t.Helper()
	for line := range strings.Lines(proc(t, pid, "status")) {
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

// proc is what the kernel says of a process; where there is no /proc, what needs it is not measured.
func proc(t *testing.T, pid int, name string) string {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc here")
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
