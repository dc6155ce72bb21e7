package icalendar

import (
	"cmp"
	"slices"

	"passerelle/connectors/interval"
)

// doubts gathers Doubt. Several of one reason that touch become one.
type doubts struct{ all []Doubt }

func (d *doubts) add(i interval.Interval, reason string) {
	if n := len(d.all); n > 0 && d.all[n-1].Reason == reason && d.all[n-1].Covers(i) {
		return
	}
	d.all = append(d.all, Doubt{Interval: i, Reason: reason})
}

// list is cut to the window, sorted and joined.
func (d *doubts) list(window interval.Interval) []Doubt {
	var list []Doubt
	for _, one := range d.all {
		if one.Interval = one.Clip(window); !one.Empty() {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b Doubt) int {
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Start, b.Start))
	})
	joined := list[:0]
	for _, one := range list {
		if n := len(joined); n > 0 && joined[n-1].Reason == one.Reason && one.Start <= joined[n-1].End {
			joined[n-1].End = max(joined[n-1].End, one.End)
			continue
		}
		joined = append(joined, one)
	}
	slices.SortStableFunc(joined, func(a, b Doubt) int { return cmp.Compare(a.Start, b.Start) })
	return joined
}
