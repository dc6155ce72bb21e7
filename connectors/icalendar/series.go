package icalendar

import (
	"cmp"
	"slices"

	"passerelle/connectors/interval"
)

// series reads an event with its rules, its exceptions and the overrides of its family, which may be nil.
func (r *reading) series(c *component, f *family) {
	if c.standing == cancelled {
		return
	}
	s, ok := r.placed(c)
	if !ok {
		return
	}
	r.budget.begin()
	var moved *exceptions
	if f != nil {
		moved = &f.moved
	}
	if c.lists[0] == c.lists[1] || !r.text.recurs(c) {
		if i := r.startOf(&s); !moved.has(&s, i) {
			r.emit(&s, i.at, s.endOf(i))
		}
		return
	}
	following := r.following(&s, f)
	from, to := r.reach(&s, following)
	set, reason := r.instancesOf(&s, from, to)
	exceptions := &r.work.exceptions
	understood := r.readExceptions(exceptions, &s, from, to)
	for _, i := range set {
		switch {
		case exceptions.has(&s, i), moved.has(&s, i):
		case len(following) > 0 || i.doubtful:
			r.emitInstance(&s, i, following)
		default:
			r.emit(&s, i.at, s.endOf(i))
		}
	}
	if !understood {
		r.notUnderstood(c, exceptionReason)
		if r.meaning(c) == Open {
			r.refuse(&s, exceptionReason)
		}
	}
	if reason != "" {
		r.notUnderstood(c, reason)
		r.refuse(&s, reason)
	}
}

// refuse says that nothing is known of a series from its start on, up to the UNTIL of its rules if they all have one.
func (r *reading) refuse(s *source, reason string) {
	early, _ := r.span(s.start)
	r.doubt(s.component, interval.Interval{Start: early, End: max(r.lastOf(s.component), early+1)}, reason)
}

// following lists the overrides that stand for all instances from theirs on, by their place in the series.
func (r *reading) following(s *source, f *family) []override {
	if f == nil {
		return nil
	}
	var list []override
	for _, o := range f.overrides {
		if !o.component.following || o.recurrence.state != good {
			continue
		}
		o.wall = s.zone.wall(o.key)
		if o.recurrence.date || o.recurrence.zone == s.start.zone {
			o.wall = o.recurrence.wall
		}
		if o.standing != cancelled {
			var ok bool
			if o.length, ok = r.lengthOf(o.component); !ok || o.start.state != good || o.zone.unknown != s.zone.unknown {
				r.doubt(s.component, interval.Interval{Start: o.key, End: r.window.End}, exceptionReason)
				continue // what follows is where the series says, and nobody knows where else
			}
			start := o.start.wall
			if o.start.zone != s.start.zone && !o.start.date {
				start = s.zone.wall(r.instant(o.start))
			}
			instance := o.wall
			if s.start.date {
				instance = floorDiv(instance, day) * day
			} else if o.recurrence.date { // the day alone names the instance
				instance += floorMod(s.start.wall, day)
			}
			o.shift = start - instance
			o.zone = s.zone
		}
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b override) int { return cmp.Compare(a.wall, b.wall) })
	return list
}

// reach is between which instants an instance must start for its occurrence to bear on the window.
func (r *reading) reach(s *source, following []override) (from, to int64) {
	const slack = 2 * day // clocks that change, zones that are not known
	from = r.window.Start - s.length.days*day - s.length.seconds - slack
	to = r.window.End + slack
	for _, o := range following {
		from = min(from, r.window.Start-o.length.days*day-o.length.seconds-o.shift-slack)
		to = max(to, r.window.End-o.shift+slack)
	}
	return from, to
}

// emitInstance emits an instance, or what an override that covers it makes of it.
func (r *reading) emitInstance(s *source, i instance, following []override) {
	k := -1 // the last one at or before the instance
	if len(following) > 0 {
		var exact bool
		k, exact = slices.BinarySearchFunc(following, i.wall, func(o override, wall int64) int { return cmp.Compare(o.wall, wall) })
		if !exact {
			k--
		}
	}
	if k >= 0 {
		o := &following[k]
		if o.standing == cancelled {
			return
		}
		i.wall += o.shift
		i.at, i.end = s.zone.instant(i.wall), 0
		s = &o.source
	}
	if i.doubtful {
		r.doubt(s.component, interval.Interval{Start: i.at, End: max(s.endOf(i), i.at+1)}, ruleReason)
		return
	}
	r.emit(s, i.at, s.endOf(i))
}
