package icalendar

import (
	"cmp"
	"math/bits"
	"slices"

	"passerelle/connectors/interval"
)

// spot is an occurrence that was found. It has no pointer: the collector does not look at it, and a million of them
// are sorted without its knowing.
type spot struct {
	interval.Interval
	event int32 // in found.events
}

// found is the occurrences met so far, in the order of the text.
type found struct {
	spots  []spot
	events []*Event
}

// add makes room by doubling: a calendar of few series may have many occurrences.
func (f *found) add(s spot) {
	if len(f.spots) == cap(f.spots) {
		f.spots = slices.Grow(f.spots, max(len(f.spots), 1024))
	}
	f.spots = append(f.spots, s)
}

func (f *found) occurrence(s spot) Occurrence { return Occurrence{s.Interval, f.events[s.event]} }

// inOrder lists the occurrences by start, then end; equal ones stay in the order of the text. Occurrences are spread
// over the window rather evenly, so they are dealt into as many buckets of time as there are occurrences (up to
// twice as many: a width of a power of two needs no division), and each bucket is sorted.
func (f *found) inOrder() []Occurrence {
	if len(f.spots) == 0 {
		return nil
	}
	first, last := f.spots[0].Start, f.spots[0].Start
	for i := range f.spots {
		first, last = min(first, f.spots[i].Start), max(last, f.spots[i].Start)
	}
	width := bits.Len64(uint64(last-first) / uint64(len(f.spots))) // as a power of two
	ends := make([]int32, (last-first)>>width+2)                   // of each bucket; its start first, while it is filled
	for i := range f.spots {
		ends[(f.spots[i].Start-first)>>width+1]++
	}
	for i := range ends[1:] {
		ends[i+1] += ends[i]
	}
	sorted := make([]Occurrence, len(f.spots))
	for i := range f.spots {
		at := &ends[(f.spots[i].Start-first)>>width]
		sorted[*at] = f.occurrence(f.spots[i])
		*at++
	}
	from := int32(0)
	for _, end := range ends[:len(ends)-1] {
		if end > from+1 {
			sortBucket(sorted[from:end])
		}
		from = end
	}
	return sorted
}

func sortBucket(bucket []Occurrence) {
	if len(bucket) > 16 {
		slices.SortStableFunc(bucket, compareOccurrences)
		return
	}
	for i := 1; i < len(bucket); i++ {
		for k := i; k > 0 && compareOccurrences(bucket[k-1], bucket[k]) > 0; k-- {
			bucket[k-1], bucket[k] = bucket[k], bucket[k-1]
		}
	}
}

func compareOccurrences(a, b Occurrence) int { return compareIntervals(a.Interval, b.Interval) }

func compareIntervals(a, b interval.Interval) int {
	if a.Start != b.Start {
		return cmp.Compare(a.Start, b.Start)
	}
	return cmp.Compare(a.End, b.End)
}

// dropRepeated removes the occurrences that several events of one UID have in common, from an index on.
func (f *found) dropRepeated(from int) {
	part := f.spots[from:]
	slices.SortStableFunc(part, func(a, b spot) int { return compareIntervals(a.Interval, b.Interval) })
	part = slices.CompactFunc(part, func(a, b spot) bool {
		return a.Interval == b.Interval && f.events[a.event].Meaning == f.events[b.event].Meaning
	})
	f.spots = f.spots[:from+len(part)]
}
