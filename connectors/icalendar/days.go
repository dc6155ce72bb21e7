package icalendar

import "math/bits"

// Which days a rule means.

// monthMask remembers the days of the month that was asked for last.
type monthMask struct {
	known       bool
	year, month int64
	days        uint32 // bit 1 is the first of the month
}

// matches reports whether a day passes all the parts of the rule that choose days.
func (e *expansion) matches(d int64) bool {
	year, month, dom := dateOf(d)
	if !e.mask.known || e.mask.year != year || e.mask.month != month {
		e.mask = monthMask{known: true, year: year, month: month, days: e.daysOf(year, month)}
	}
	return e.mask.days>>dom&1 != 0
}

// month adds the days of a month that pass to e.days.
func (e *expansion) month(year, month int64) {
	first := dayOf(year, month, 1)
	for set := e.daysOf(year, month); set != 0; set &= set - 1 {
		e.days = append(e.days, first+int64(bits.TrailingZeros32(set))-1)
	}
}

// daysOf is the set of the days of a month that pass.
func (e *expansion) daysOf(year, month int64) uint32 {
	r := &e.r
	if r.months != 0 && r.months>>month&1 == 0 {
		return 0
	}
	length := daysInMonth(year, month)
	set := uint32(1)<<(length+1) - 2
	if r.monthDays.set {
		set &= uint32(r.monthDays.from[0]) | uint32(bits.Reverse64(r.monthDays.to[0])>>(62-length))
	}
	first := dayOf(year, month, 1)
	if r.weekdays != 0 || r.hasNth {
		set &= e.weekdaysOf(year, first, length)
	}
	if !r.yearDays.set && !r.weeks.set {
		return set
	}
	newYear, total := dayOf(year, 1, 1), daysInYear(year)
	for rest := set; rest != 0; rest &= rest - 1 {
		dom := int64(bits.TrailingZeros32(rest))
		d := first + dom - 1
		if r.yearDays.set && !r.yearDays.has(d-newYear+1, total) || r.weeks.set && !e.inWeeks(d) {
			set &^= 1 << dom
		}
	}
	return set
}

// weekdaysOf is the set of the days of a month that BYDAY means. A numbered weekday is counted in the month; in the
// year, when a yearly rule has no BYMONTH.
func (e *expansion) weekdaysOf(year, first, length int64) uint32 {
	r := &e.r
	from, total := first, length
	if r.freq == yearly && r.months == 0 {
		from, total = dayOf(year, 1, 1), daysInYear(year)
	}
	var set uint32
	for wd := range int64(7) {
		if r.weekdays>>wd&1 == 0 && !r.nth[wd].set {
			continue
		}
		for dom := 1 + floorMod(wd-weekday(first), 7); dom <= length; dom += 7 {
			place := first + dom - 1 - from // from 0, in the month or year
			if r.weekdays>>wd&1 != 0 || r.nth[wd].from[0]>>(place/7+1)&1 != 0 || r.nth[wd].to[0]>>((total-1-place)/7+1)&1 != 0 {
				set |= 1 << dom
			}
		}
	}
	return set
}

// Weeks are numbered as in RFC 5545 §3.3.10: the first of a year is the first with four of its days in that year.

// firstWeek is the first day of the first week of a year.
func firstWeek(year, wkst int64) int64 {
	newYear := dayOf(year, 1, 1)
	before := floorMod(weekday(newYear)-wkst, 7) // days of its week that lie in the old year
	if before <= 3 {
		return newYear - before
	}
	return newYear + 7 - before
}

// weekYearOf is the year to which the week of a day belongs.
func weekYearOf(d, wkst int64) int64 {
	year, _, _ := dateOf(d)
	switch {
	case d >= firstWeek(year+1, wkst):
		return year + 1
	case d < firstWeek(year, wkst):
		return year - 1
	}
	return year
}

// weeksOf adds the days of the numbered weeks of a year to e.days.
func (e *expansion) weeksOf(year int64) {
	r := &e.r
	wkst := int64(r.wkst)
	first := firstWeek(year, wkst)
	total := (firstWeek(year+1, wkst) - first) / 7
	for n := int64(1); n <= total; n++ {
		if !r.weeks.has(n, total) {
			continue
		}
		for d := first + (n-1)*7; d < first+n*7; d++ {
			if e.passesOutsideWeek(d) {
				e.days = append(e.days, d)
			}
		}
	}
}

// passesOutsideWeek tests a day of a numbered week against the other parts.
func (e *expansion) passesOutsideWeek(d int64) bool {
	r := &e.r
	year, month, dom := dateOf(d)
	return (r.weekdays == 0 || r.weekdays>>weekday(d)&1 != 0) &&
		(r.months == 0 || r.months>>month&1 != 0) &&
		(!r.monthDays.set || r.monthDays.has(dom, daysInMonth(year, month))) &&
		(!r.yearDays.set || r.yearDays.has(d-dayOf(year, 1, 1)+1, daysInYear(year)))
}

// inWeeks reports whether a day lies in one of the numbered weeks of its year.
func (e *expansion) inWeeks(d int64) bool {
	wkst := int64(e.r.wkst)
	year := weekYearOf(d, wkst)
	first := firstWeek(year, wkst)
	return e.r.weeks.has((d-first)/7+1, (firstWeek(year+1, wkst)-first)/7)
}
