package icalendar

import (
	"bytes"
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
	order := make([]int32, len(f.spots))
	for i := range f.spots {
		at := &ends[(f.spots[i].Start-first)>>width]
		order[*at] = int32(i)
		*at++
	}
	from := int32(0)
	for _, end := range ends[:len(ends)-1] {
		if end > from+1 {
			f.sortBucket(order[from:end])
		}
		from = end
	}
	sorted := make([]Occurrence, len(order))
	for i, n := range order {
		s := &f.spots[n]
		sorted[i] = Occurrence{s.Interval, f.events[s.event]}
	}
	return sorted
}

func (f *found) sortBucket(bucket []int32) {
	if len(bucket) > 16 {
		slices.SortStableFunc(bucket, func(a, b int32) int { return compareIntervals(f.spots[a].Interval, f.spots[b].Interval) })
		return
	}
	for i := 1; i < len(bucket); i++ {
		moving := bucket[i]
		k := i
		for ; k > 0 && compareIntervals(f.spots[bucket[k-1]].Interval, f.spots[moving].Interval) > 0; k-- {
			bucket[k] = bucket[k-1]
		}
		bucket[k] = moving
	}
}

func compareIntervals(a, b interval.Interval) int {
	if a.Start != b.Start {
		return cmp.Compare(a.Start, b.Start)
	}
	return cmp.Compare(a.End, b.End)
}

// expected guesses how many occurrences there will be, so that memory is taken once.
func (r *reading) expected() int {
	days := (r.window.End-r.window.Start)/day + 1
	n := int64(len(r.text.components))
	for i := range r.text.lists {
		l := &r.text.lists[i]
		switch {
		case l.name != rrule:
		case bytes.Contains(l.value, []byte("WEEKLY")):
			n += (days/7 + 1) * int64(1+bytes.Count(l.value, []byte{','}))
		case bytes.Contains(l.value, []byte("DAILY")):
			n += days
		default:
			n += days/28 + 1
		}
	}
	return int(min(n, int64(r.text.limits.Occurrences), 1<<18))
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
