package simulation

import (
	"slices"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// others reports whether the diary has another event at a time than that of a reference: somebody else's, or one of ours that
// a human put there.
func (d *diary) others(reference string, at interval.Interval) bool {
	return slices.ContainsFunc(d.events, func(e event) bool { return e.Reference != reference && e.Overlaps(at) })
}

// human does something in the diary: deletes, moves or edits an event of ours, or adds one of her own. ours is one of our
// times, where hers may stand in the way.
func (d *diary) human(ours interval.Interval) {
	mine := make([]int, 0, len(d.events))
	for i, e := range d.events {
		if e.Reference != "" {
			mine = append(mine, i)
		}
	}
	if len(mine) == 0 || d.chance(400) {
		e := event{Appointment: connectors.Appointment{Version: d.version(), Interval: ours}, edited: true}
		e.Upstream = d.id + "/" + e.Version
		d.events = append(d.events, e)
		d.note("  %s: a human adds an event at %s", d.id, ours)
		return
	}
	i := mine[d.IntN(len(mine))]
	e := &d.events[i]
	d.touched[e.Reference] = true
	switch d.IntN(3) {
	case 0:
		d.note("  %s: a human deletes %s", d.id, e.Reference)
		d.events = append(d.events[:i:i], d.events[i+1:]...)
	case 1:
		by := int64(d.IntN(5)-2) * int64((30 * time.Minute).Seconds())
		if d.chance(400) {
			by = ours.Start - e.Start
		}
		e.Interval = interval.Interval{Start: e.Start + by, End: e.End + by}
		e.Version, e.edited = d.version(), true
		d.note("  %s: a human moves %s to %s", d.id, e.Reference, e.Interval)
	case 2:
		e.Version, e.edited = d.version(), true
		d.note("  %s: a human edits %s", d.id, e.Reference)
	}
}
