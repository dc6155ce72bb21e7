package icalendar

import (
	"cmp"
	"slices"
)

func compareOccurrences(a, b Occurrence) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

// inOrder sorts by start, then end; equal ones stay in the order of the text. Occurrences are spread over the window
// rather evenly, so they are dealt into as many buckets of time as there are occurrences, and each bucket is sorted.
func inOrder(all []Occurrence) []Occurrence {
	if len(all) < 2 {
		return all
	}
	first, last := all[0].Start, all[0].Start
	for i := range all {
		first, last = min(first, all[i].Start), max(last, all[i].Start)
	}
	width := (last-first)/int64(len(all)) + 1
	ends := make([]int32, (last-first)/width+2) // of each bucket; its start first, while it is filled
	for i := range all {
		ends[(all[i].Start-first)/width+1]++
	}
	for i := range ends[1:] {
		ends[i+1] += ends[i]
	}
	sorted := make([]Occurrence, len(all))
	for i := range all {
		at := &ends[(all[i].Start-first)/width]
		sorted[*at] = all[i]
		*at++
	}
	from := int32(0)
	for _, end := range ends[:len(ends)-1] {
		sortBucket(sorted[from:end])
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
