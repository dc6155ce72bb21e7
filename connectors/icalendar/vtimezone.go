package icalendar

import (
	"cmp"
	"slices"
)

// mostTurns is how many changes of the clock a VTIMEZONE may define.
const mostTurns = 5_000

// defined makes a zone of a VTIMEZONE (RFC 5545 §3.6.5): the turns of all its observances up to an instant. It
// answers nil when one of them cannot be understood.
func (r *reading) defined(index int32, until int64) *zone {
	var turns []turn
	parts := r.text.components[index+1:]
	for i := range parts {
		c := &parts[i]
		if c.kind != observance || c.parent != index {
			break
		}
		more, ok := r.turnsOf(c, until)
		if !ok || len(turns)+len(more) > mostTurns {
			return nil
		}
		turns = append(turns, more...)
	}
	if len(turns) == 0 {
		return nil
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(a.at, b.at) })
	// What an observance says of the offset before it holds for its own onset; on the wall, the offset that was
	// really in force counts.
	for i := range turns[1:] {
		turns[i+1].before = turns[i].after
	}
	return newZone(turns[0].before, turns)
}

// turnsOf lists the onsets of one STANDARD or DAYLIGHT. Its times are wall times in TZOFFSETFROM.
func (r *reading) turnsOf(c *component, until int64) ([]turn, bool) {
	if c.start.state != good || !c.offsetsSeen[0] || !c.offsetsSeen[1] {
		return nil, false
	}
	from, to := c.offsets[0], c.offsets[1]
	onsets := []int64{c.start.wall}
	for _, l := range r.text.listsOf(c) {
		switch {
		case l.name == rrule:
			rule, ok := parseRule(l.value)
			if l.bad || !ok || rule.freq < daily {
				return nil, false
			}
			e := expansion{rule: &rule, start: c.start.wall, from: c.start.wall, to: until + day, until: noUntil, budget: &r.budget}
			if rule.until.known() {
				e.until = rule.until.wall
				if rule.until.zone == inUTC {
					e.until += from
				} else if rule.until.date {
					e.until += day - 1
				}
			}
			r.budget.begin()
			if !e.run() {
				return nil, false
			}
			onsets = append(onsets, e.walls...)
		case l.name == rdate:
			for value := range valuesOf(l.value) {
				m := readMoment(value, l.isDay)
				if l.bad || m.state != good {
					return nil, false
				}
				onsets = append(onsets, m.wall)
			}
		}
	}
	if len(onsets) > mostTurns {
		return nil, false
	}
	slices.Sort(onsets)
	onsets = slices.Compact(onsets)
	turns := make([]turn, len(onsets))
	for i, wall := range onsets {
		turns[i] = turn{at: wall - from, before: from, after: to}
	}
	return turns, true
}
