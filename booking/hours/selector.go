package hours

import "time"

// selector chooses days.
type selector interface {
	on(d day, a *almanac) answer
}

func sure(holds bool) answer {
	if holds {
		return yes
	}
	return no
}

// years are every step-th year from first to last.
type years struct{ first, last, step int }

func (y years) on(d day, _ *almanac) answer {
	year, _, _ := d.date()
	return sure(y.first <= year && year <= y.last && (year-y.first)%y.step == 0)
}

// weeks are every step-th ISO week from first to last, over the new year when they are turned round.
type weeks struct{ first, last, step int }

func (w weeks) on(d day, _ *almanac) answer {
	_, week := d.midnight().ISOWeek()
	if w.last < w.first {
		return sure(week >= w.first || week <= w.last)
	}
	return sure(w.first <= week && week <= w.last && (week-w.first)%w.step == 0)
}

// weekdaySpan are the weekdays from first to last, over Sunday when they are turned round.
type weekdaySpan struct{ first, last time.Weekday }

func (w weekdaySpan) on(d day, _ *almanac) answer {
	return sure((d.weekday()-w.first+7)%7 <= (w.last-w.first+7)%7)
}

// weekdayChain are days that only dashes join ("Mo-We-Fr"): the named ones surely, those between them perhaps.
type weekdayChain []time.Weekday

func (c weekdayChain) on(d day, a *almanac) answer {
	for _, named := range c {
		if d.weekday() == named {
			return yes
		}
	}
	return min(perhaps, weekdaySpan{c[0], c[len(c)-1]}.on(d, a))
}

// nthWeekday is the n-th such weekday of its month, from its end if n is negative; offset days later.
type nthWeekday struct {
	weekday time.Weekday
	n       int
	offset  int
}

func (w nthWeekday) on(d day, _ *almanac) answer {
	d -= day(w.offset)
	if d.weekday() != w.weekday {
		return no
	}
	year, month, dom := d.date()
	if w.n < 0 {
		return sure((daysIn(year, month)-dom)/7+1 == -w.n)
	}
	return sure((dom-1)/7+1 == w.n)
}

// holidays are the public holidays (PH), or else the school holidays (SH); offset days later.
type holidays struct {
	school bool
	offset int
}

func (h holidays) on(d day, a *almanac) answer {
	d -= day(h.offset)
	if h.school {
		return a.school(d)
	}
	return a.public(d)
}

// date is a day of a year, or of every year (zero). A day that the month has not in a year is its last one.
type date struct {
	year   int
	month  time.Month // zero: Easter Sunday
	day    int
	offset int // in days
}

func (x date) in(year int) day {
	if x.month == 0 {
		return easter(year) + day(x.offset)
	}
	return dayOf(year, x.month, min(x.day, daysIn(year, x.month))) + day(x.offset)
}

// dates are the days from one date to another, both included, over the new year when they are turned round.
type dates struct{ from, to date }

func (s dates) on(d day, _ *almanac) answer {
	year, month, _ := d.date()
	if s.from == s.to && s.from.day == 29 && s.from.month == time.February && month == time.February && daysIn(year, month) == 28 {
		return no // 29 February alone is not 28 February
	}
	first, last := year-1, year+1 // an offset may lead out of the year
	if s.from.year != 0 {
		first, last = s.from.year, s.from.year
	}
	for y := first; y <= last; y++ {
		from, to := s.from.in(y), s.to.in(y)
		if s.to.year != 0 {
			to = s.to.in(s.to.year)
		} else if to < from {
			to = s.to.in(y + 1)
			if s.movable() && to-from > 300 {
				continue // Easter is early this year: there is nothing between it and the other date
			}
		}
		if from <= d && d <= to {
			return yes
		}
	}
	return no
}

// movable reports whether the range begins or ends with Easter.
func (s dates) movable() bool { return s.from.month == 0 || s.to.month == 0 }

// earlier are the rules before one that names no day. It is surely meant for the days that they open; of those that
// they close, or of the others if they open some, it may or may not be.
type earlier []rule

func (e earlier) on(d day, a *almanac) answer {
	for i := len(e) - 1; i >= 0; i-- {
		if !e[i].namesDays() {
			continue
		}
		if on := e[i].on(d, a); on == yes && e[i].state == open {
			return yes
		} else if on != no {
			return perhaps
		}
	}
	if e.openSome() {
		return perhaps
	}
	return yes
}

func (e earlier) nameDays() bool {
	for i := range e {
		if e[i].namesDays() {
			return true
		}
	}
	return false
}

// openSome reports whether one of the rules opens days that it names.
func (e earlier) openSome() bool {
	for i := range e {
		if e[i].namesDays() && e[i].state == open {
			return true
		}
	}
	return false
}
