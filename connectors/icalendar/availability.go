package icalendar

import (
	"cmp"
	"slices"

	"passerelle/connectors/interval"
)

const availabilityReason = "Une plage de disponibilité est illisible."

// layer is what one VAVAILABILITY says.
type layer struct {
	rank        int32 // 1 is the strongest, 10 stands for no PRIORITY
	span        interval.Interval
	open, taken []interval.Interval
}

// availabilities reads the VAVAILABILITY components (RFC 7953): in the span of each one, what is not AVAILABLE is
// taken. A stronger one covers those below it; where two of the same strength differ, the time is taken.
func (r *reading) availabilities() {
	var layers []layer
	for i := range r.text.components {
		if c := &r.text.components[i]; c.kind == availability {
			if l, ok := r.layer(int32(i)); ok {
				layers = append(layers, l)
			}
		}
	}
	slices.SortStableFunc(layers, func(a, b layer) int { return cmp.Compare(b.rank, a.rank) })
	var open, taken []interval.Interval
	for len(layers) > 0 {
		var span, more, less []interval.Interval
		rank := layers[0].rank
		for len(layers) > 0 && layers[0].rank == rank {
			l := layers[0]
			span, more, less = append(span, l.span), append(more, l.open...), append(less, l.taken...)
			layers = layers[1:]
		}
		span, less = interval.Union(span), interval.Union(less)
		more = interval.Minus(interval.Union(more), less)
		taken = interval.Union(append(interval.Minus(taken, span), less...))
		open = interval.Union(append(interval.Minus(open, span), more...))
	}
	for _, i := range taken {
		r.calendar.Periods = append(r.calendar.Periods, Period{i, Busy})
	}
	for _, i := range open {
		r.calendar.Periods = append(r.calendar.Periods, Period{i, Open})
	}
}

// layer reads one VAVAILABILITY inside the window.
func (r *reading) layer(index int32) (layer, bool) {
	c := &r.text.components[index]
	l := layer{rank: c.rank, span: r.window}
	if l.rank < 1 || l.rank > 9 {
		l.rank = 10
	}
	if c.start.state != absent {
		l.span.Start, _ = r.span(c.start)
	}
	s := r.source(c)
	known := c.start.state != bad && c.start.state != vague && !s.zone.unknown
	if c.end.state != absent || c.length.state != absent {
		var ok bool
		if s.length, ok = r.lengthOf(c); ok && c.start.known() {
			l.span.End = s.endOf(r.startOf(&s))
		} else {
			known = known && c.end.state == good && c.start.state == absent
			l.span.End = r.instant(c.end)
		}
	}
	if !known {
		r.notUnderstood(c, availabilityReason)
		r.doubts.add(r.window, availabilityReason)
		return l, false
	}
	l.span = l.span.Clip(r.window)
	if l.span.Empty() {
		return l, false
	}
	l.open = interval.Cut(r.availableIn(index), l.span)
	if r.stated(c.business) == Busy {
		l.taken = interval.Minus([]interval.Interval{l.span}, l.open)
	}
	return l, true
}

// availableIn is the union of the AVAILABLE times of a VAVAILABILITY. They recur as events do.
func (r *reading) availableIn(index int32) []interval.Interval {
	kept := r.calendar.Occurrences
	r.calendar.Occurrences = nil
	parts := r.text.components[index+1:]
	for i := range parts {
		c := &parts[i]
		if c.kind != available || c.parent != index {
			break
		}
		if !c.member {
			r.events(c)
		}
	}
	var spans []interval.Interval
	for _, o := range r.calendar.Occurrences {
		spans = append(spans, o.Interval)
	}
	r.calendar.Occurrences = kept
	return interval.Union(spans)
}
