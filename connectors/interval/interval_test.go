package interval

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestOverlapIsHalfOpen(t *testing.T) {
	a := Interval{10, 20}
	for _, c := range []struct {
		name string
		b    Interval
		want bool
	}{
		{"inside", Interval{12, 13}, true},
		{"around", Interval{0, 30}, true},
		{"touches before", Interval{0, 10}, false},
		{"touches after", Interval{20, 30}, false},
		{"one second in", Interval{19, 30}, true},
		{"empty inside", Interval{15, 15}, false},
		{"turned round", Interval{18, 12}, false},
	} {
		if got := a.Overlaps(c.b); got != c.want {
			t.Errorf("%s: Overlaps = %v, want %v", c.name, got, c.want)
		}
		if got := c.b.Overlaps(a); got != c.want {
			t.Errorf("%s: not symmetric", c.name)
		}
	}
}

func TestOfNeverShrinks(t *testing.T) {
	start := time.Date(2026, 10, 25, 2, 30, 0, 999, time.UTC)
	got := Of(start, start.Add(time.Hour))
	if got.EndTime().Before(start.Add(time.Hour)) || got.StartTime().After(start) {
		t.Errorf("Of = %v, smaller than what was asked", got)
	}
}

// Every operation is compared with the plain one on a set of instants.
func TestAgainstSetsOfInstants(t *testing.T) {
	const span = 60
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	set := func(s []Interval) (out [span]bool) {
		for _, i := range s {
			for x := i.Start; x < i.End; x++ {
				out[x] = true
			}
		}
		return out
	}
	some := func() (out []Interval) {
		for range r.IntN(6) {
			a, b := r.Int64N(span), r.Int64N(span)
			out = append(out, Interval{a, b}) // some are turned round: they must count for nothing
		}
		return out
	}
	for range 20_000 {
		a, b := some(), some()
		wantA, wantB := set(a), set(b)
		ua, ub := Union(slices.Clone(a)), Union(slices.Clone(b))
		if set(ua) != wantA {
			t.Fatalf("Union(%v) = %v", a, ua)
		}
		for i := 1; i < len(ua); i++ {
			if ua[i].Start <= ua[i-1].End {
				t.Fatalf("Union(%v) = %v: not disjoint and sorted", a, ua)
			}
		}
		var minus [span]bool
		for x := range minus {
			minus[x] = wantA[x] && !wantB[x]
		}
		if got := Minus(ua, ub); set(got) != minus {
			t.Fatalf("Minus(%v, %v) = %v", ua, ub, got)
		}
		w := Interval{r.Int64N(span), r.Int64N(span)}
		var cut [span]bool
		for x := range cut {
			cut[x] = wantA[x] && int64(x) >= w.Start && int64(x) < w.End
		}
		if got := Cut(ua, w); set(got) != cut {
			t.Fatalf("Cut(%v, %v) = %v", ua, w, got)
		}
	}
}
