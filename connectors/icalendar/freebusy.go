package icalendar

import (
	"bytes"
	"slices"

	"passerelle/connectors/interval"
)

const freeBusyReason = "Une période d'occupation est illisible."

// freeBusy reads a VFREEBUSY (RFC 5545 §3.6.4): the span that it speaks for, and its FREEBUSY periods. Some servers
// write a component for each taken time instead, without FREEBUSY: it then has a FBTYPE or a SUMMARY of its own, which
// do not belong there.
func (r *reading) freeBusy(c *component) {
	lists := slices.DeleteFunc(slices.Clone(r.text.listsOf(c)), func(l listed) bool { return l.name != freebusy })
	if len(lists) == 0 && (c.business != unsaid || c.summary != nil) {
		r.calendar.FreeBusy = append(r.calendar.FreeBusy, FreeBusy{})
		r.takenTime(c)
		return
	}
	said := FreeBusy{Interval: r.published(c), Silent: len(lists) == 0}
	r.calendar.FreeBusy = append(r.calendar.FreeBusy, said)
	anywhere := said.Interval
	if anywhere.Empty() {
		anywhere = r.window
	}
	understood := true
	unclear := func(i interval.Interval) {
		understood = false
		r.notUnderstood(c, freeBusyReason)
		r.doubts.add(i, freeBusyReason)
	}
	if c.torn {
		unclear(anywhere)
	}
	for _, l := range lists {
		kind := taken
		if t := l.param("FBTYPE"); len(t) > 0 {
			kind = businessOf(t)
		}
		if l.bad || len(l.value) == 0 {
			unclear(anywhere)
			continue
		}
		for value := range valuesOf(l.value) {
			i, ok := r.readPeriod(l, value, anywhere)
			if !ok || !r.budget.spendOutside() {
				unclear(i)
				continue
			}
			r.period(i, kind)
		}
	}
	if !understood {
		r.doubts.add(said.Interval, freeBusyReason)
	}
}

// published is the span that a VFREEBUSY speaks for; empty when it is not understood.
func (r *reading) published(c *component) interval.Interval {
	if !r.isInstant(c.start) || !r.isInstant(c.end) {
		return interval.Interval{}
	}
	return interval.Interval{Start: r.instant(c.start), End: r.instant(c.end)}
}

// isInstant reports whether a moment of a VFREEBUSY is understood. They are all in UTC (RFC 5545 §3.6.4, §3.8.2.6): of
// one without a zone, nobody knows whether a zone is missing or the Z.
func (r *reading) isInstant(m moment) bool {
	return m.state == good && m.zone != floating && !r.zone(m.zone).unknown
}

// takenTime reads a VFREEBUSY that stands for one time, as an event does.
func (r *reading) takenTime(c *component) {
	s, ok := r.placed(c)
	if !ok {
		return
	}
	i := r.startOf(&s)
	end := s.endOf(i)
	if s.zone.unknown || end <= i.at {
		r.doubtPlace(&s, i.at, end)
	}
	if r.text.recurs(c) {
		r.notUnderstood(c, freeBusyReason)
		r.doubts.add(interval.Interval{Start: i.at, End: r.window.End}, freeBusyReason)
	}
	r.period(interval.Interval{Start: i.at, End: end}, c.business)
}

// readPeriod reads START/END or START/LENGTH (RFC 5545 §3.3.9). When it is not ok, it gives all the time that may be
// meant, which is anywhere when the start is not understood.
func (r *reading) readPeriod(l listed, value []byte, anywhere interval.Interval) (interval.Interval, bool) {
	first, rest, _ := bytes.Cut(value, []byte{'/'})
	start := l.moment(first)
	if !r.isInstant(start) {
		return anywhere, false
	}
	at := r.instant(start)
	end, ok := r.periodEnd(start, l, rest)
	if m := l.moment(rest); !ok || m.state == good && !r.isInstant(m) {
		return interval.Interval{Start: at, End: at + unknownLength}, false
	}
	return interval.Interval{Start: at, End: end}, true
}

// period keeps a stated time if it bears on the window.
func (r *reading) period(i interval.Interval, kind business) {
	if !i.Overlaps(r.window) {
		return
	}
	r.calendar.Periods = append(r.calendar.Periods, Period{i, r.stated(kind)})
}

// stated is what a FBTYPE or BUSYTYPE means.
func (r *reading) stated(kind business) Meaning {
	if kind == leftFree || kind == perhaps && r.options.FreeTentative {
		return Free
	}
	return Busy
}
