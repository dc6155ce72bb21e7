package icalendar

import "math"

// finer lists the instants of a rule shorter than a day. It counts in exact time, so that an hour which the clock
// shows twice is met twice, and tests each one against the wall. from is included, to excluded.
//
// It is not ok, and emits nothing, when what would have to be looked at passes the budget: a rule that fine is
// expanded only where its end is certain.
func (r *reading) finer(rule *rule, z *zone, start, from, to, until int64, emit func(at int64)) bool {
	unit := int64(1)
	switch rule.freq {
	case minutely:
		unit = minute
	case hourly:
		unit = hour
	}
	e := expansion{rule: rule, start: z.wall(start)}
	e.r = *rule
	inside := offsetsInUnit(rule, unit, e.start)
	first := start - floorMod(e.start, unit)
	step := unit * rule.interval
	left := int64(math.MaxInt64)
	filtered := rule.months != 0 || rule.weekdays != 0 || rule.hasNth || rule.monthDays.set || rule.yearDays.set ||
		rule.weeks.set || rule.hours != 0 || (unit < hour && rule.minutes != 0) || (unit < minute && rule.seconds != 0)
	k := int64(0)
	if rule.count > 0 {
		left = rule.count
	}
	if k = max(0, (from-first)/step-1); k > 0 && rule.count > 0 {
		if filtered || rule.positions.set || len(inside) != 1 {
			k = 0 // each one before must be counted
		} else {
			left -= k
		}
	}
	if until < to {
		to = until + 1
	}
	periods := max(0, (to-first)/step-k+1)
	if !filtered && rule.count > 0 {
		periods = min(periods, left+1)
	}
	if cost := periods * int64(1+len(inside)); periods > most31 || cost > most31 || !r.budget.spend(int(cost)) {
		return false
	}
	for ; periods > 0; periods, k = periods-1, k+1 {
		at := first + k*step
		if filtered && !e.passes(z.wall(at), unit) {
			continue
		}
		for i, offset := range inside {
			if rule.positions.set && !rule.positions.has(int64(i)+1, int64(len(inside))) {
				continue
			}
			if at+offset < start {
				continue
			}
			if left--; left < 0 || at+offset >= to {
				return true
			}
			if at+offset >= from {
				emit(at + offset)
			}
		}
	}
	return true
}

// offsetsInUnit lists where in its hour, minute or second an occurrence lies.
func offsetsInUnit(rule *rule, unit, start int64) []int64 {
	minutes, seconds := uint64(1), uint64(1)
	if unit >= hour {
		if minutes = rule.minutes; minutes == 0 {
			minutes = 1 << (floorMod(start, hour) / minute)
		}
	}
	if unit >= minute {
		if seconds = rule.seconds; seconds == 0 {
			seconds = 1 << floorMod(start, minute)
		}
	}
	var offsets []int64
	for m := range setBits(minutes) {
		for s := range setBits(seconds) {
			offsets = append(offsets, m*minute+s)
		}
	}
	return offsets
}

// passes tests the wall time of a period against the parts that limit it.
func (e *expansion) passes(wall, unit int64) bool {
	r, clock := &e.r, floorMod(wall, day)
	return e.matches(floorDiv(wall, day)) &&
		(r.hours == 0 || r.hours>>(clock/hour)&1 != 0) &&
		(unit >= hour || r.minutes == 0 || r.minutes>>(clock/minute%60)&1 != 0) &&
		(unit >= minute || r.seconds == 0 || r.seconds>>(clock%60)&1 != 0)
}
