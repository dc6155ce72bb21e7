package icalendar

import (
	"cmp"
	"math"
	"slices"

	"passerelle/connectors/interval"
)

// override is an event that stands for one instance of a series, or for all from that one on (RFC 5545 §3.8.4.4).
type override struct {
	source
	key   int64 // the instance that it stands for
	shift int64 // by which it moves the instances after that one, on the wall
	wall  int64 // of the key, in the series
}

// family is the events of one UID.
type family struct {
	masters   []*component
	overrides []override    // by key, the newest of each
	moved     exceptions    // the keys of the overrides
	excluded  []*exceptions // by the EXDATEs of each master; made when they are first needed
}

// events reads all the events of one UID, from the head of their chain.
func (r *reading) events(head *component) {
	if head.next < 0 && head.recurrence.state == absent {
		r.series(head, nil)
		return
	}
	f := r.family(head)
	before := len(r.calendar.Occurrences)
	for _, c := range f.masters {
		r.series(c, f)
	}
	if len(f.masters) > 1 {
		r.dropRepeated(before)
	}
	for i := range f.overrides {
		if o := &f.overrides[i]; o.standing != cancelled {
			r.override(o, f)
		}
	}
}

// override reads an override as the one occurrence that it is.
func (r *reading) override(o *override, f *family) {
	s, ok := r.placed(o.component)
	if !ok {
		return
	}
	i := r.startOf(&s)
	if r.contested(o, f) {
		r.doubt(s.component, interval.Interval{Start: i.at, End: max(s.endOf(i), i.at+1)}, exceptionReason)
		return
	}
	r.emit(&s, i.at, s.endOf(i))
	if !o.following || !r.text.recurs(o.component) {
		return // RFC 5545 §3.8.4.4: one instance, whatever rule an exporter repeats in it
	}
	// "This and all that follow" with a rule of its own: nobody defines what that means.
	r.budget.begin()
	from, to := r.reach(&s, nil)
	set, reason := r.instancesOf(&s, from, to)
	for _, i := range set {
		r.doubt(s.component, interval.Interval{Start: i.at, End: max(s.endOf(i), i.at+1)}, ruleReason)
	}
	if reason != "" {
		r.refuse(&s, reason)
	}
}

// family sorts the events of a chain out.
func (r *reading) family(head *component) *family {
	f := &family{}
	newest := int32(math.MinInt32)
	for c := head; ; c = &r.text.components[c.next] {
		if c.recurrence.state == absent {
			f.masters = append(f.masters, c)
			newest = max(newest, c.sequence)
		} else {
			o := override{source: r.source(c), key: math.MaxInt64}
			if c.recurrence.state == good {
				o.key = r.instant(c.recurrence)
				f.moved.add(r, c.recurrence)
			} else {
				r.notUnderstood(c, exceptionReason)
			}
			f.overrides = append(f.overrides, o)
		}
		if c.next < 0 {
			break
		}
	}
	f.moved.ready()
	// A revision with a lower SEQUENCE is superseded (RFC 5545 §3.8.7.4).
	f.masters = slices.DeleteFunc(f.masters, func(c *component) bool { return c.sequence < newest })
	f.excluded = make([]*exceptions, len(f.masters))
	slices.SortStableFunc(f.overrides, func(a, b override) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(b.sequence, a.sequence), cmp.Compare(b.modified(), a.modified()))
	})
	f.overrides = slices.CompactFunc(f.overrides, func(a, b override) bool {
		return a.key == b.key && a.key != math.MaxInt64
	})
	return f
}

// contested reports whether the series does not have the instance that an override stands for: an EXDATE takes it
// out, or a newer revision of the series has it no more.
func (r *reading) contested(o *override, f *family) bool {
	if len(f.masters) == 0 || o.key == math.MaxInt64 {
		return false
	}
	var key exceptions
	key.add(r, o.recurrence)
	for n, c := range f.masters {
		if c.start.state != good {
			return false
		}
		r.budget.begin()
		s := r.source(c)
		set, reason := r.instancesOf(&s, o.key-2*day, o.key+2*day)
		if reason != "" || !r.budget.spend(1) {
			return false
		}
		i := slices.IndexFunc(set, func(i instance) bool { return key.has(&s, i) })
		if i < 0 {
			if o.sequence >= c.sequence {
				return false
			}
			continue
		}
		if f.excluded[n] == nil {
			f.excluded[n] = &exceptions{}
			r.readExceptions(f.excluded[n], &s, 0, 0) // without what an EXRULE may add
		}
		if !f.excluded[n].has(&s, set[i]) {
			return false
		}
	}
	return true
}

func (r *reading) source(c *component) source {
	return source{component: c, zone: r.zone(c.start.zone)}
}

// placed makes the source of an event whose times are understood, and sees to the doubt of any other.
func (r *reading) placed(c *component) (source, bool) {
	s := r.source(c)
	if c.start.state != good {
		r.notUnderstood(c, startReason)
		r.doubt(c, r.between(c), startReason)
		return s, false
	}
	var ok bool
	if s.length, ok = r.lengthOf(c); !ok {
		r.notUnderstood(c, endReason)
		r.doubt(c, r.between(c), endReason)
		return s, false
	}
	if s.zone.unknown {
		r.notUnderstood(c, unknownZoneReason)
	}
	if c.torn {
		r.notUnderstood(c, tornReason)
		early, _ := r.span(c.start)
		r.doubt(c, interval.Interval{Start: early, End: r.window.End}, tornReason)
	}
	return s, true
}

// between is all the time in which an event that is not fully understood may take place.
func (r *reading) between(c *component) interval.Interval {
	i := r.window
	if c.start.known() {
		i.Start, _ = r.span(c.start)
		i.End = i.Start + unknownLength
		if c.end.state == absent && c.length.state != bad {
			_, i.End = r.span(c.start)
			i.End += c.length.days*day + c.length.seconds + 2*day
		}
	}
	if c.end.known() {
		if _, last := r.span(c.end); !c.start.known() || last+day > i.Start {
			i.End = last + day
		}
	}
	if r.text.recurs(c) {
		i.End = r.lastOf(c)
	}
	return i
}

// span is when a moment may be, at the earliest and at the latest.
func (r *reading) span(m moment) (early, late int64) {
	early, late = m.wall, m.wall
	if m.state == vague {
		late += day
	}
	z := r.zone(m.zone)
	if z.unknown {
		return early - eastmost, late + westmost
	}
	return z.instant(early), z.instant(late)
}

// lastOf is the instant after which a series is over for certain: from its UNTIL, if all its rules have one.
func (r *reading) lastOf(c *component) int64 {
	last := int64(math.MinInt64)
	for _, l := range r.text.listsOf(c) {
		switch l.name {
		case rrule:
			rule, _ := parseRule(l.value)
			if l.bad || !rule.until.known() {
				return r.window.End
			}
			last = max(last, rule.until.wall)
		case rdate:
			for value := range valuesOf(l.value) {
				m := l.moment(value)
				if l.bad || !m.known() {
					return r.window.End
				}
				last = max(last, m.wall)
			}
		}
	}
	return last + 2*day + unknownLength
}
