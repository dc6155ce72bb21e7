package booking

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"passerelle/connectors/interval"
)

// The nearest slots are those that sorting all of them by distance would give.
func TestTheNearestSlots(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 2_000 {
		var all []Slot
		for range r.IntN(9) {
			start := int64(r.IntN(12))
			all = append(all, Slot{Interval: interval.Interval{Start: start, End: start + 1 + int64(r.IntN(2))}, PlacedMotif: &PlacedMotif{Books: r.IntN(4) > 0}})
		}
		slices.SortStableFunc(all, func(a, b Slot) int { return cmp.Compare(a.Start, b.Start) })
		lost := interval.Interval{Start: 6, End: 7}
		want := slices.DeleteFunc(slices.Clone(all), func(x Slot) bool { return !x.Books || x.Interval == lost })
		slices.SortStableFunc(want, func(a, b Slot) int { return cmpDistance(a.Start, b.Start, lost.Start) })
		want = want[:min(3, len(want))]
		slices.SortStableFunc(want, func(a, b Slot) int { return cmp.Compare(a.Start, b.Start) })
		same := func(a, b Slot) bool { return a.Interval == b.Interval }
		if got := nearest(all, lost); !slices.EqualFunc(got, want, same) {
			t.Fatalf("of %v: %v, want %v", all, got, want)
		}
	}
}
