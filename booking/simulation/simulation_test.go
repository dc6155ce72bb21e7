package simulation

import (
	"cmp"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"passerelle/booking"
	"passerelle/internal/prove"
)

// keptSeeds are all that ever failed, one a line, and what they broke.
//
//go:embed testdata/seeds.txt
var keptSeeds string

// Whatever the order in which calls, workers, humans, losses and crashes meet, every promise is kept.
func TestAnyInterleaving(t *testing.T) {
	n, base := prove.Size(300, 20_000), rand.Uint64()
	t.Logf("%d seeds from %d", n, base)
	list := kept(t)
	for i := range n {
		list = append(list, base+uint64(i))
	}
	taken := play(t, list)
	var never []string
	for _, step := range machine() {
		if taken[step] == 0 {
			never = append(never, fmt.Sprintf("%s on %q", step.from, step.on))
		}
	}
	t.Logf("%d of %d steps were taken; never: %s", len(machine())-len(never), len(machine()), strings.Join(never, ", "))
	if most := len(machine()) / 3; len(never) > most || n >= 20_000 && len(never) > 0 {
		t.Errorf("the seeds do not reach enough: %d steps were never taken", len(never))
	}
}

// kept reads the seeds that ever failed.
func kept(t *testing.T) (list []uint64) {
	t.Helper()
	for line := range strings.Lines(keptSeeds) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" || word == "#" {
			continue
		}
		seed, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			t.Fatalf("testdata/seeds.txt: %v", err)
		}
		list = append(list, seed)
	}
	return list
}

// play plays seeds, the first of the list first, until one fails, and counts the steps that they took.
func play(t *testing.T, list []uint64) map[reached]int {
	t.Helper()
	var next atomic.Int64
	var failed atomic.Bool
	var mu sync.Mutex
	taken := make(map[reached]int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				o, err := Run(list[i], Parts{}, nil)
				mu.Lock()
				for step, n := range o.reached {
					taken[step] += n
				}
				mu.Unlock()
				if err != nil || o.Violation != nil {
					failed.Store(true)
					t.Errorf("seed %d, to be kept in testdata/seeds.txt: %v %v\n%s", list[i], err, o.Violation, traceOf(list[i]))
				}
			}
		})
	}
	wg.Wait()
	return taken
}

// traceOf is what happened in a seed, the end of it if it is long.
func traceOf(seed uint64) string {
	var lines []string
	if _, err := Run(seed, Parts{}, func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }); err != nil {
		return err.Error()
	}
	return strings.Join(lines[max(0, len(lines)-250):], "\n")
}

// machine lists the steps that there are, but for those of orientations, which are not simulated: an agenda that lies
// about a page that people fill in has no slots to lose.
func machine() (all []reached) {
	for _, from := range booking.Statuses() {
		for _, e := range booking.Events() {
			if _, _, err := booking.Step(booking.Standing{Status: from}, e); err == nil && e != booking.HandOn && e != booking.Learn && from != booking.HandedOff {
				all = append(all, reached{from, e})
			}
		}
	}
	return all
}

// A seed that failed is worth keeping only because it plays the same again.
func TestASeedIsOneRun(t *testing.T) {
	base := rand.Uint64()
	t.Logf("seeds from %d", base)
	digests := make(map[string]bool)
	for i := range uint64(40) {
		first, err := Run(base+i, Parts{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Run(base+i, Parts{}, func(string, ...any) {})
		if err != nil || again.Digest != first.Digest {
			t.Errorf("seed %d ends otherwise the second time: %v", base+i, err)
		}
		digests[first.Digest] = true
	}
	if len(digests) < 40 {
		t.Errorf("40 seeds are %d runs", len(digests))
	}
}

// PASSERELLE_SEED names a seed whose trace is to be read.
func TestASeedThatIsNamed(t *testing.T) {
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("PASSERELLE_SEED"), "1"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Run(seed, Parts{}, t.Logf)
	if err != nil || o.Violation != nil {
		t.Error(err, o.Violation)
	}
}

// BenchmarkSeed is what one seed costs.
func BenchmarkSeed(b *testing.B) {
	for i := range b.N {
		if _, err := Run(uint64(i), Parts{}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
