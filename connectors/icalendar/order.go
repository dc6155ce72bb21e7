package icalendar

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"

	"passerelle/connectors/interval"
)

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

// inOrder sorts by start, then end; equal ones stay in the order of the text. Occurrences are spread over the window
// rather evenly, so they are dealt into as many buckets of time as there are occurrences (up to twice as many: a width
// of a power of two needs no division), and each bucket is sorted. Only their numbers are, and they move once.
func (r *reading) inOrder() {
	all := r.calendar.Occurrences
	if len(all) < 2 {
		return
	}
	first, last := all[0].Start, all[0].Start
	for i := range all {
		first, last = min(first, all[i].Start), max(last, all[i].Start)
	}
	width := bits.Len64(uint64(last-first) / uint64(len(all))) // as a power of two
	buckets := int((last-first)>>width + 1)
	ends := emptied(r.work.table, buckets+1)[:buckets+1] // of each bucket; its start first, while it is filled
	clear(ends)
	for i := range all {
		ends[(all[i].Start-first)>>width+1]++
	}
	for i := range ends[1:] {
		ends[i+1] += ends[i]
	}
	order := emptied(r.work.tails, len(all))[:len(all)]
	for i := range all {
		at := &ends[(all[i].Start-first)>>width]
		order[*at] = int32(i)
		*at++
	}
	from := int32(0)
	for _, end := range ends[:buckets] {
		if end > from+1 {
			sortBucket(all, order[from:end])
		}
		from = end
	}
	permute(all, order)
	r.work.table, r.work.tails = ends, order
}

// sortBucket sorts the numbers of some occurrences.
func sortBucket(all []Occurrence, bucket []int32) {
	if len(bucket) > 16 {
		slices.SortStableFunc(bucket, func(a, b int32) int { return compareIntervals(all[a].Interval, all[b].Interval) })
		return
	}
	for i := 1; i < len(bucket); i++ {
		moving := bucket[i]
		k := i
		for ; k > 0 && compareIntervals(all[bucket[k-1]].Interval, all[moving].Interval) > 0; k-- {
			bucket[k] = bucket[k-1]
		}
		bucket[k] = moving
	}
}

// permute puts all[order[i]] to place i, cycle by cycle. It spoils order.
func permute(all []Occurrence, order []int32) {
	for i := range order {
		if order[i] < 0 {
			continue
		}
		hole, moving := int32(i), all[i]
		for order[hole] != int32(i) {
			next := order[hole]
			all[hole], order[hole] = all[next], -1
			hole = next
		}
		all[hole], order[hole] = moving, -1
	}
}

func compareIntervals(a, b interval.Interval) int {
	if a.Start != b.Start {
		return cmp.Compare(a.Start, b.Start)
	}
	return cmp.Compare(a.End, b.End)
}

// dropRepeated removes the occurrences that several events of one UID have in common, from an index on.
func (r *reading) dropRepeated(from int) {
	all := r.calendar.Occurrences
	part := all[from:]
	slices.SortStableFunc(part, func(a, b Occurrence) int { return compareIntervals(a.Interval, b.Interval) })
	part = slices.CompactFunc(part, func(a, b Occurrence) bool { return a.Interval == b.Interval && a.Meaning == b.Meaning })
	r.calendar.Occurrences = all[:from+len(part)]
}
