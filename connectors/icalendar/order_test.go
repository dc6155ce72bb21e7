package icalendar

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"passerelle/connectors/interval"
)

// What is taken is what a union of all occurrences and periods gives, however they lie.
func TestBusyIsTheUnionOfAllThatIsTaken(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	events := []*Event{{Meaning: Busy}, {Meaning: Free}, {Meaning: Open}}
	anywhere := func() interval.Interval {
		start := random.Int64N(100)
		return interval.Interval{Start: start, End: start + random.Int64N(12) - 1} // some have no length, some are turned round
	}
	for range 2_000 {
		var c Calendar
		var taken, offered []interval.Interval
		note := func(i interval.Interval, m Meaning) {
			switch m {
			case Busy:
				taken = append(taken, i)
			case Open:
				offered = append(offered, i)
			}
		}
		for range random.IntN(20) {
			o := Occurrence{anywhere(), events[random.IntN(len(events))]}
			c.Occurrences = append(c.Occurrences, o)
			note(o.Interval, o.Meaning)
		}
		slices.SortFunc(c.Occurrences, func(a, b Occurrence) int { return compareIntervals(a.Interval, b.Interval) })
		for range max(0, random.IntN(8)-4) {
			p := Period{anywhere(), events[random.IntN(len(events))].Meaning}
			c.Periods = append(c.Periods, p)
			note(p.Interval, p.Meaning)
		}
		if got, want := c.Busy(), interval.Union(taken); !slices.Equal(got, want) {
			t.Fatalf("busy is %v, want %v of %v and %v", got, want, c.Occurrences, c.Periods)
		}
		if got, want := c.Open(), interval.Union(offered); !slices.Equal(got, want) {
			t.Fatalf("open is %v, want %v of %v and %v", got, want, c.Occurrences, c.Periods)
		}
	}
}
