package icalendar

import (
	"bytes"
	"cmp"
	"iter"
	"slices"

	"passerelle/connectors/interval"
)

// What stands in Doubt and Remark.
const (
	unknownZoneReason = "Un événement est dans un fuseau horaire inconnu."
	startReason       = "Le début d'un événement est illisible."
	endReason         = "La fin d'un événement est illisible."
	ruleReason        = "La répétition d'un événement n'est pas comprise."
	budgetReason      = "La répétition d'un événement est trop longue ou trop fine pour être développée."
	exceptionReason   = "Une exception à une répétition est illisible."
	tornReason        = "Des lignes d'un événement sont perdues."
	crowdReason       = "Le calendrier a trop d'occurrences."

	calendarZoneReason = "Le fuseau horaire du calendrier (X-WR-TIMEZONE) est inconnu."
	cancelReason       = "Ce calendrier annonce une annulation (METHOD:CANCEL) : sans STATUS:CANCELLED, ses événements comptent."
)

// unknownLength is how long an event whose end cannot be read may last: no entry of a diary lasts longer.
const unknownLength = 31 * day

// instance is one member of a recurrence set, before overrides.
type instance struct {
	at, wall int64
	end      int64 // of an RDATE that is a period; else 0
	doubtful bool  // UNTIL can be read both ways
}

// source is a component that occurrences come from.
type source struct {
	*component
	zone   *zone
	length length
	event  *Event // made when it is first needed
}

// scratch is memory that series, and texts, share one after the other.
type scratch struct {
	instances  []instance
	rule       rule
	expansion  expansion
	exceptions exceptions

	table, tails []int32 // of group, and then of inOrder
}

// instancesOf lists the recurrence set of a component (RFC 5545 §3.8.5) for starts from an instant to another,
// sorted, each once, before EXDATE and overrides. reason is empty, or says why the set is not complete.
func (r *reading) instancesOf(s *source, from, to int64) (set []instance, reason string) {
	set = r.work.instances[:0]
	start := r.startOf(s)
	sources, ruled := 0, false
	add := func(i instance) {
		if from <= i.at && i.at < to {
			set = append(set, i)
		}
	}
	for _, l := range r.text.listsOf(s.component) {
		switch l.name {
		case rrule:
			sources, ruled = sources+1, true
			var why string
			if set, why = r.applyRule(s, l, from, to, set); why != "" {
				reason = why
			}
		case rdate:
			sources++
			for value := range valuesOf(l.value) {
				i, ok := r.readRDate(s, l, value)
				if !ok || !r.budget.spend(1) {
					reason = exceptionReason
					continue
				}
				add(i)
			}
		}
	}
	if !ruled {
		add(start)
	}
	if ruled && reason == "" && from <= start.at && start.at < to && !slices.ContainsFunc(set, func(i instance) bool { return i.at == start.at }) {
		// RFC 5545 §3.8.5.3 leaves open what a DTSTART outside of its own rule means.
		start.doubtful = true
		add(start)
		sources++
	}
	if sources != 1 || !ruled {
		slices.SortFunc(set, func(a, b instance) int {
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(bit(a.doubtful), bit(b.doubtful)), cmp.Compare(b.end, a.end))
		})
		set = slices.CompactFunc(set, func(a, b instance) bool { return a.at == b.at })
	}
	r.work.instances = set
	return set, reason
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *reading) startOf(s *source) instance {
	return instance{at: s.zone.instant(s.start.wall), wall: s.start.wall}
}

// applyRule adds what an RRULE or EXRULE gives.
func (r *reading) applyRule(s *source, l listed, from, to int64, set []instance) ([]instance, string) {
	rule := &r.work.rule
	if !rule.parse(l.value) || l.bad || (s.start.date && rule.freq < daily) {
		return set, ruleReason
	}
	if rule.freq < daily {
		until := int64(noUntil)
		if rule.until.known() {
			last, _ := r.untilWall(s, rule.until)
			until = s.zone.instant(last)
		}
		if !r.finer(rule, s.zone, s.zone.instant(s.start.wall), from, to, until, func(at int64) {
			set = append(set, instance{at: at, wall: s.zone.wall(at)})
		}) {
			return set, budgetReason
		}
		return set, ""
	}
	e := &r.work.expansion
	*e = expansion{
		rule: rule, start: s.start.wall, isDate: s.start.date,
		from: from - 15*hour, to: to + 15*hour, until: noUntil,
		budget: &r.budget, days: e.days, times: e.times, walls: e.walls,
	}
	sure := int64(noUntil)
	if rule.until.known() {
		e.until, sure = r.untilWall(s, rule.until)
	}
	done := e.run()
	set = slices.Grow(set, len(e.walls))
	for _, wall := range e.walls {
		if at := s.zone.instant(wall); from <= at && at < to {
			set = append(set, instance{at: at, wall: wall, doubtful: wall > sure})
		}
	}
	if !done {
		return set, budgetReason
	}
	return set, ""
}

// untilWall is the last wall time of a rule, and the last one for certain. UNTIL may be a date, a wall time of the
// series, or an instant; it must be a date where DTSTART is one, and only there (RFC 5545 §3.3.10). Where it is not,
// some writers mean one day more than others: that day is doubtful.
func (r *reading) untilWall(s *source, m moment) (last, sure int64) {
	midnight := floorDiv(m.wall, day) * day
	switch {
	case s.start.date && m.zone == inUTC:
		local := floorDiv(r.zones[floating].wall(m.wall), day) * day
		return max(midnight, local), midnight
	case s.start.date:
		return midnight, midnight
	case m.date:
		return midnight + day - 1, midnight
	case m.zone == inUTC:
		wall := s.zone.wall(m.wall)
		// In the hour that the clock shows twice: rather one occurrence more than one less.
		wall += max(0, m.wall-s.zone.instant(wall))
		return wall, wall
	}
	return m.wall, m.wall
}

// readRDate reads one value of an RDATE: a date, a time or a period.
func (r *reading) readRDate(s *source, l listed, value []byte) (instance, bool) {
	first, rest, isPeriod := bytes.Cut(value, []byte{'/'})
	m := l.moment(first)
	if l.bad || m.state != good || r.zone(m.zone).unknown != s.zone.unknown {
		return instance{}, false
	}
	if s.start.date {
		m.wall, m.zone = floorDiv(m.wall, day)*day, floating
	} else if m.date {
		m.wall += floorMod(s.start.wall, day) // a date among times: at the time of the series
		m.zone = s.start.zone
	}
	i := instance{at: r.instant(m)}
	i.wall = s.zone.wall(i.at)
	if m.zone == s.start.zone {
		i.wall = m.wall
	}
	if !isPeriod {
		return i, true
	}
	var ok bool
	i.end, ok = r.periodEnd(m, l, rest)
	return i, ok
}

// periodEnd reads what follows the slash of a PERIOD (RFC 5545 §3.3.9): an end or a length.
func (r *reading) periodEnd(start moment, l listed, b []byte) (int64, bool) {
	if d := readLength(b); d.state == good {
		return r.zone(start.zone).instant(start.wall+d.days*day) + d.seconds, true
	}
	end := l.moment(b)
	if end.state != good {
		return 0, false
	}
	at := r.instant(end)
	return at, at > r.instant(start)
}

// moment reads a value of a list, in the list's zone.
func (l listed) moment(value []byte) moment {
	m := readMoment(value, l.isDay)
	if m.zone == floating && !m.date {
		m.zone = l.zone
	}
	return m
}

// valuesOf cuts a list at its commas; empty values are passed over.
func valuesOf(list []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for value := range bytes.SplitSeq(list, []byte{','}) {
			if value = bytes.TrimSpace(value); len(value) > 0 && !yield(value) {
				return
			}
		}
	}
}

// lengthOf is not ok when the end cannot be read. It is negative when the end lies before the start.
func (r *reading) lengthOf(c *component) (length, bool) {
	switch {
	case c.end.state == absent && c.length.state == absent:
		if c.start.date {
			return length{days: 1, state: good}, true
		}
		return length{state: good}, true
	case c.end.state == absent:
		return c.length, c.length.state == good
	case c.end.state != good || r.zone(c.end.zone).unknown != r.zone(c.start.zone).unknown:
		return length{}, false
	case c.start.date && c.end.date:
		return length{days: (c.end.wall - c.start.wall) / day, state: good}, true
	}
	seconds := r.instant(c.end) - r.instant(c.start)
	return length{seconds: seconds, state: good}, true
}

// endOf an instance: the days of a length are those of the wall, its seconds are exact (RFC 5545 §3.3.6).
func (s *source) endOf(i instance) int64 {
	switch {
	case i.end != 0:
		return i.end
	case s.length.days == 0:
		return i.at + s.length.seconds
	}
	return s.zone.instant(i.wall+s.length.days*day) + s.length.seconds
}

// emit adds an occurrence as the text has it, if it counts for the window.
func (r *reading) emit(s *source, start, end int64) {
	if s.zone.unknown || end <= start {
		r.doubtPlace(s, start, end)
	}
	w := r.window
	if start >= w.End || (end <= w.Start && (end != start || start < w.Start)) {
		return
	}
	found := r.calendar.Occurrences
	if len(found) >= r.text.limits.Occurrences {
		r.doubts.add(interval.Interval{Start: start, End: w.End}, crowdReason)
		return
	}
	if s.event == nil {
		s.event = r.describe(s.component)
	}
	if len(found) == cap(found) {
		found = slices.Grow(found, max(len(found), 64)) // by doubling
	}
	r.calendar.Occurrences = append(found, Occurrence{interval.Interval{Start: start, End: end}, s.event})
}

// doubtPlace doubts all the time that an occurrence may take where the text contradicts itself: a zone that is not
// known, an end before the start, a day without length.
func (r *reading) doubtPlace(s *source, start, end int64) {
	switch {
	case s.zone.unknown:
		wall := s.zone.wall(start)
		r.doubt(s.component, interval.Interval{Start: wall - eastmost, End: wall + max(end-start, 1) + westmost}, unknownZoneReason)
	case end < start:
		r.doubt(s.component, interval.Interval{Start: end, End: start + day}, endReason)
	case s.start.date:
		r.doubt(s.component, interval.Interval{Start: start, End: s.zone.instant(s.zone.wall(start) + day)}, endReason)
	}
}

// doubt says that an event may take place in a time, unless it would leave it free all the same. An opening that
// is not understood offers nothing, but its time may be taken.
func (r *reading) doubt(c *component, i interval.Interval, reason string) {
	if r.meaning(c) != Free {
		r.doubts.add(i, reason)
	}
}

func (r *reading) remark(line int, sentence string) {
	if len(r.calendar.Skipped.Remarks) < mostRemarks {
		r.calendar.Skipped.Remarks = append(r.calendar.Skipped.Remarks, Remark{line, sentence})
	}
}

// notUnderstood counts an event and says why.
func (r *reading) notUnderstood(c *component, reason string) {
	r.calendar.Skipped.Events++
	r.remark(int(c.line), reason)
}
