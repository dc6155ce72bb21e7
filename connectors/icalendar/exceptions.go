package icalendar

import "slices"

// exceptions is a set of instances that a series does not have: EXDATE, or the RECURRENCE-ID of overrides.
//
// A time is matched as an instant; a time without zone on the wall of the series; a date as the whole day. In a
// series of whole days only days are compared. All lists are sorted by ready.
type exceptions struct {
	instants []int64
	walls    []int64 // without zone
	strange  []int64 // in an unknown zone: known only to a series in such a zone
	dates    []int64 // days
	anyDays  []int64 // the day of each value, whatever its type
}

func (x *exceptions) add(r *reading, m moment) {
	d := floorDiv(m.wall, day)
	switch z := r.zone(m.zone); {
	case m.date:
		x.dates = append(x.dates, d)
	case z.unknown:
		x.strange = append(x.strange, m.wall)
	default:
		if m.zone == floating {
			x.walls = append(x.walls, m.wall)
		}
		x.instants = append(x.instants, z.instant(m.wall))
		if m.zone == inUTC && floorMod(m.wall, day) != 0 {
			// Midnight of the place, written in UTC.
			d = floorDiv(r.zones[floating].wall(m.wall), day)
		}
	}
	x.anyDays = append(x.anyDays, d)
}

func (x *exceptions) ready() {
	for _, list := range [...][]int64{x.instants, x.walls, x.strange, x.dates, x.anyDays} {
		if len(list) > 1 {
			slices.Sort(list)
		}
	}
}

// has reports whether an instance is one of them.
func (x *exceptions) has(s *source, i instance) bool {
	if x == nil || len(x.anyDays) == 0 {
		return false
	}
	switch {
	case s.start.date:
		return contains(x.anyDays, floorDiv(i.wall, day))
	case s.zone.unknown:
		if contains(x.strange, i.wall) {
			return true
		}
	case contains(x.instants, i.at):
		return true
	}
	return contains(x.walls, i.wall) || len(x.dates) > 0 && contains(x.dates, floorDiv(i.wall, day))
}

func contains(sorted []int64, n int64) bool {
	if len(sorted) <= 4 { // mostly
		for _, m := range sorted {
			if m == n {
				return true
			}
		}
		return false
	}
	_, found := slices.BinarySearch(sorted, n)
	return found
}

// clear keeps the memory.
func (x *exceptions) clear() {
	for _, list := range [...]*[]int64{&x.instants, &x.walls, &x.strange, &x.dates, &x.anyDays} {
		*list = (*list)[:0]
	}
}

// readExceptions fills x with the EXDATEs of a component and what its EXRULEs give. It is not ok when one of them
// cannot be understood: the instance that was meant then stays.
func (r *reading) readExceptions(x *exceptions, s *source, from, to int64) (ok bool) {
	x.clear()
	ok = true
	for _, l := range r.text.listsOf(s.component) {
		switch l.name {
		case exdate:
			ok = ok && !l.bad
			for value := range valuesOf(l.value) {
				m := l.moment(value)
				if m.state != good {
					ok = false
					continue
				}
				x.add(r, m)
			}
		case exrule:
			set, reason := r.applyRule(s, l, from, to, nil)
			ok = ok && reason == ""
			for _, i := range set {
				x.instants = append(x.instants, i.at)
				x.anyDays = append(x.anyDays, floorDiv(i.wall, day))
			}
		}
	}
	x.ready()
	return ok
}
