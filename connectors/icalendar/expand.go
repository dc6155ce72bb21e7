package icalendar

import (
	"math"
	"math/bits"
)

const noUntil = math.MaxInt64

func bitsIn(set uint64) int { return max(1, bits.OnesCount64(set)) }

// expansion lists the wall times of a rule of a day or longer, in order, from its start.
//
// It goes period by period (day, week, month, year): the days of a period are found first, then the times of the
// day, then BYSETPOS. Periods that end before from are jumped over: without COUNT always, with COUNT where the
// occurrences of a period can be reckoned instead of counted.
type expansion struct {
	rule     *rule
	start    int64 // DTSTART
	isDate   bool  // DTSTART is a date: BYHOUR, BYMINUTE and BYSECOND do not count (RFC 5545 §3.3.10)
	from, to int64 // wall times wanted: from included, to excluded
	until    int64 // last wall time of the rule
	budget   *budget

	days  []int64 // of the period at hand
	times []int64 // of the day, in seconds
	left  int64   // what COUNT leaves
	walls []int64 // the answer

	r    rule // with what DTSTART fills in (RFC 5545 §3.3.10: "information from DTSTART")
	mask monthMask
}

// run lists the wall times in e.walls. It reports false when the budget is spent; what was found stands.
func (e *expansion) run() bool {
	e.walls = e.walls[:0]
	e.complete()
	e.left = math.MaxInt64
	if e.r.count > 0 {
		e.left = e.r.count
	}
	e.to = min(e.to, math.MaxInt64/4)
	startDay := floorDiv(e.start, day)
	switch e.r.freq {
	case daily:
		return e.daily(startDay)
	case weekly:
		return e.weekly(startDay)
	case monthly:
		return e.monthly(startDay)
	case yearly:
		return e.yearly(startDay)
	}
	return false
}

// complete fills in from DTSTART what the rule leaves open.
func (e *expansion) complete() {
	e.r = *e.rule
	r := &e.r
	startDay := floorDiv(e.start, day)
	_, month, dom := dateOf(startDay)
	wd := weekday(startDay)
	noDays := r.weekdays == 0 && !r.hasNth
	switch r.freq {
	case weekly:
		// A number before a weekday has no meaning in a week.
		for i := range r.nth {
			if r.nth[i].set {
				r.weekdays |= 1 << i
			}
		}
		r.hasNth = false
		if noDays {
			r.weekdays = 1 << wd
		}
	case daily:
		for i := range r.nth {
			if r.nth[i].set {
				r.weekdays |= 1 << i
			}
		}
		r.hasNth = false
	case monthly:
		if noDays && !r.monthDays.set && !r.yearDays.set && !r.weeks.set {
			r.monthDays.add(dom)
		}
	case yearly:
		switch {
		case !noDays || r.monthDays.set || r.yearDays.set:
		case r.weeks.set:
			r.weekdays = 1 << wd
		default:
			r.monthDays.add(dom)
			if r.months == 0 {
				r.months = 1 << month
			}
		}
	}
	e.fillTimes(floorMod(e.start, day))
}

// fillTimes lists the times of a day.
func (e *expansion) fillTimes(start int64) {
	r := &e.r
	e.times = e.times[:0]
	if e.isDate || (r.hours == 0 && r.minutes == 0 && r.seconds == 0) {
		e.times = append(e.times, start)
		return
	}
	hours, minutes, seconds := uint64(r.hours), r.minutes, r.seconds
	if hours == 0 {
		hours = 1 << (start / hour)
	}
	if minutes == 0 {
		minutes = 1 << (start / minute % 60)
	}
	if seconds == 0 {
		seconds = 1 << (start % 60)
	}
	for h := range setBits(hours) {
		for m := range setBits(minutes) {
			for s := range setBits(seconds) {
				e.times = append(e.times, h*hour+m*minute+s)
			}
		}
	}
}

// setBits lists the numbers of a set.
func setBits(set uint64) func(yield func(int64) bool) {
	return func(yield func(int64) bool) {
		for ; set != 0; set &= set - 1 {
			if !yield(int64(bits.TrailingZeros64(set))) {
				return
			}
		}
	}
}

// Three answers of a period.
type verdict uint8

const (
	goOn verdict = iota
	over
	spent
)

// period adds what e.days and e.times make of one period.
func (e *expansion) period() verdict {
	candidates := len(e.days) * len(e.times)
	if !e.budget.spend(1 + candidates) {
		return spent
	}
	place, total := int64(0), int64(candidates)
	for _, d := range e.days {
		for _, t := range e.times {
			place++
			if e.r.positions.set && !e.r.positions.has(place, total) {
				continue
			}
			wall := d*day + t
			if wall < e.start {
				continue
			}
			if wall > e.until || e.left == 0 || wall >= e.to {
				return over
			}
			e.left--
			if wall >= e.from {
				e.walls = append(e.walls, wall)
			}
		}
	}
	return goOn
}

// last reports whether nothing can come from a period that begins on a day.
func (e *expansion) last(first int64) bool {
	return first*day >= e.to || first > floorDiv(e.until, day) || e.left == 0
}

// skip is how many whole periods of the given length in days can be jumped over from the first day of the first
// period, so that nothing wanted is missed.
func (e *expansion) skip(first, length int64) int64 {
	if e.r.count > 0 {
		return 0
	}
	return max(0, (floorDiv(e.from, day)-first)/length-1)
}

func (e *expansion) daily(startDay int64) bool {
	r := &e.r
	filtered := r.months != 0 || r.weekdays != 0 || r.monthDays.set || r.yearDays.set || r.weeks.set
	k := e.skip(startDay, r.interval)
	if r.count > 0 && !filtered && !r.positions.set {
		k = e.jump(startDay, r.interval, 1)
	}
	for d := startDay + k*r.interval; !e.last(d); d += r.interval {
		e.days = e.days[:0]
		if !filtered || e.matches(d) {
			e.days = append(e.days, d)
		}
		if v := e.period(); v != goOn {
			return v == over
		}
	}
	return true
}

// jump is skip for a rule with COUNT whose periods all have the same number of days but for the first, which may
// begin before DTSTART. It takes what is jumped over off the count.
func (e *expansion) jump(first, length, days int64) int64 {
	k := max(0, (floorDiv(e.from, day)-first)/length-1)
	if k == 0 {
		return 0
	}
	inFirst := int64(0)
	for _, d := range e.days {
		for _, t := range e.times {
			if d*day+t >= e.start {
				inFirst++
			}
		}
	}
	if len(e.days) == 0 { // a day of its own
		for _, t := range e.times {
			if first*day+t >= e.start {
				inFirst++
			}
		}
	}
	e.left = max(0, e.left-inFirst-(k-1)*days*int64(len(e.times)))
	return k
}

func (e *expansion) weekly(startDay int64) bool {
	r := &e.r
	filtered := r.months != 0 || r.monthDays.set || r.yearDays.set || r.weeks.set
	first := startDay - floorMod(weekday(startDay)-int64(r.wkst), 7)
	step := 7 * r.interval
	k := e.skip(first, step)
	if r.count > 0 && !filtered && !r.positions.set {
		e.week(first, false)
		k = e.jump(first, step, int64(len(e.days)))
	}
	for w := first + k*step; !e.last(w); w += step {
		e.week(w, filtered)
		if v := e.period(); v != goOn {
			return v == over
		}
	}
	return true
}

// week lists the days of the week that begins on a day.
func (e *expansion) week(first int64, filtered bool) {
	e.days = e.days[:0]
	wkst := e.r.wkst
	for set := (e.r.weekdays>>wkst | e.r.weekdays<<(7-wkst)) & 0x7F; set != 0; set &= set - 1 {
		d := first + int64(bits.TrailingZeros8(set))
		if !filtered || e.matches(d) {
			e.days = append(e.days, d)
		}
	}
}

func (e *expansion) monthly(startDay int64) bool {
	r := &e.r
	year, month, _ := dateOf(startDay)
	index := year*12 + month - 1
	if r.count == 0 {
		y, m, _ := dateOf(max(startDay, floorDiv(e.from, day)))
		index += max(0, (y*12+m-1-index)/r.interval) * r.interval
	}
	for ; ; index += r.interval {
		year, month := floorDiv(index, 12), floorMod(index, 12)+1
		if e.last(dayOf(year, month, 1)) {
			return true
		}
		e.days = e.days[:0]
		e.month(year, month)
		if v := e.period(); v != goOn {
			return v == over
		}
	}
}

func (e *expansion) yearly(startDay int64) bool {
	r := &e.r
	year, _, _ := dateOf(startDay)
	if r.weeks.set {
		year = weekYearOf(startDay, int64(r.wkst))
	}
	if r.count == 0 {
		y, _, _ := dateOf(max(startDay, floorDiv(e.from, day)))
		year += max(0, (y-1-year)/r.interval) * r.interval
	}
	for ; !e.last(dayOf(year, 1, 1) - 7); year += r.interval {
		e.days = e.days[:0]
		if r.weeks.set {
			e.weeksOf(year)
		} else {
			for m := int64(1); m <= 12; m++ {
				if r.months == 0 || r.months>>m&1 != 0 {
					e.month(year, m)
				}
			}
		}
		if v := e.period(); v != goOn {
			return v == over
		}
		if !e.budget.spend(2) { // a year is dearer than a day
			return false
		}
	}
	return true
}
