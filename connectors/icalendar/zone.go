package icalendar

import (
	"math"
	"sort"
	"time"
)

// zone turns wall times into instants and back. It is a table of the offsets in force, good for instants from
// since to until; beyond, loc is asked. A zone made from a VTIMEZONE has no loc and a table without bounds.
type zone struct {
	loc          *time.Location
	since, until int64
	spells       []spell // by time; never empty
	current      int     // the spell that was asked for last
	unknown      bool    // the table is a guess
}

// spell is a time during which an offset is in force.
type spell struct {
	at     int64 // first instant
	wall   int64 // first wall time that is read with this offset
	offset int64 // seconds east of Greenwich
}

// The clocks of the world are at most this far from UTC. An event whose zone is not known is read in the zone of
// floating times, which is the best guess; all the time in which it may be is Doubt.
const (
	eastmost = 14 * hour
	westmost = 12 * hour
)

// turn is a change of the offset.
type turn struct{ at, before, after int64 }

// newZone makes the table. The turns are in order; first is the offset before them all.
//
// A wall time that does not exist (the gap in spring) is read with the offset before it, one that exists twice
// (the overlap in autumn) is the first of the two (RFC 5545 §3.3.5): both times the old offset holds on the wall
// until the later of the two readings of the turn.
func newZone(first int64, turns []turn) *zone {
	z := &zone{since: math.MinInt64, until: math.MaxInt64}
	z.spells = append(make([]spell, 0, len(turns)+1), spell{at: math.MinInt64, wall: math.MinInt64, offset: first})
	for _, t := range turns {
		z.spells = append(z.spells, spell{at: t.at, wall: t.at + max(t.before, t.after), offset: t.after})
	}
	return z
}

// zoneOf makes the table of a location for the instants from since to until.
func zoneOf(loc *time.Location, since, until int64) *zone {
	const mostTurns = 4096
	var turns []turn
	t := time.Unix(since, 0).In(loc)
	_, first := t.Zone()
	for before := first; len(turns) < mostTurns; {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.Unix() > until {
			break
		}
		_, after := end.Zone()
		turns = append(turns, turn{end.Unix(), int64(before), int64(after)})
		t, before = end, after
	}
	if len(turns) == mostTurns {
		until = turns[mostTurns-1].at
	}
	z := newZone(int64(first), turns)
	z.loc, z.since, z.until = loc, since, until
	return z
}

// instant of a wall time.
func (z *zone) instant(wall int64) int64 {
	i := z.current
	if wall < z.spells[i].wall || (i+1 < len(z.spells) && wall >= z.spells[i+1].wall) {
		i = sort.Search(len(z.spells), func(i int) bool { return z.spells[i].wall > wall }) - 1
		i = max(i, 0)
		z.current = i
	}
	at := wall - z.spells[i].offset
	if z.loc != nil && (at < z.since+2*day || at >= z.until-2*day) {
		return instantIn(z.loc, wall)
	}
	return at
}

// instantIn is instant without a table.
func instantIn(loc *time.Location, wall int64) int64 {
	early := time.Unix(wall-day, 0).In(loc)
	_, before := early.Zone()
	_, after := time.Unix(wall+day, 0).In(loc).Zone()
	if before != after {
		_, end := early.ZoneBounds()
		if !end.IsZero() && wall >= end.Unix()+int64(max(before, after)) {
			return wall - int64(after)
		}
	}
	return wall - int64(before)
}

// wall time at an instant.
func (z *zone) wall(at int64) int64 {
	if z.loc != nil && (at < z.since || at >= z.until) {
		_, offset := time.Unix(at, 0).In(z.loc).Zone()
		return at + int64(offset)
	}
	i := sort.Search(len(z.spells), func(i int) bool { return z.spells[i].at > at }) - 1
	return at + z.spells[max(i, 0)].offset
}
