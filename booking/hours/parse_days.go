package hours

import (
	"slices"
	"time"
)

// startsSelector reports whether a selector of days may begin with t.
func startsSelector(t token) bool {
	switch t.kind {
	case word:
		return isWeekday(t) || isHoliday(t) || isMonth(t) || t.is("week") || t.is("easter")
	case number:
		return isYear(t)
	}
	return false
}

func isWeekday(t token) bool {
	_, ok := weekdays[t.text]
	return ok && t.kind == word
}

func isMonth(t token) bool {
	_, ok := months[t.text]
	return ok && t.kind == word
}

func isHoliday(t token) bool { return t.is("PH") || t.is("ph") || t.is("sh") }

func isYear(t token) bool { return t.digits == 4 && 1900 <= t.number && t.number < 3000 }

// isDayOfMonth reports whether the next token is a day, not an hour.
func (p *parser) isDayOfMonth(n int) bool {
	t, after := p.ahead(n), p.ahead(n+1)
	if t.kind != number || t.digits > 2 || t.number < 1 || t.number > 31 {
		return false
	}
	return !(t.touches(after) && (after.is(".") || after.is(":") && after.touches(p.ahead(n+2)) && p.ahead(n+2).kind == number)) &&
		!after.is("h")
}

// selectors reads all that chooses days, each kind of selector once.
func (p *parser) selectors(r *rule) bool {
	var seen []string
	for {
		t := p.peek()
		var kind string
		var read func() ([]selector, bool)
		switch {
		case isYear(t) && !p.startsDate():
			kind, read = "years", p.years
		case p.startsDate():
			kind, read = "dates", p.dates
		case t.is("week"):
			kind, read = "weeks", p.weeks
		case isHoliday(t):
			kind, read = "holidays", p.days
		case isWeekday(t):
			kind, read = "weekdays", p.days
		default:
			return true
		}
		if slices.Contains(seen, kind) {
			return false
		}
		seen = append(seen, kind)
		alternatives, ok := read()
		if !ok {
			return false
		}
		p.pieces += len(alternatives)
		r.when = append(r.when, alternatives)
		p.accept(":")
	}
}

// years reads "2026", "2026-2030", "2026-2030/2", "2026+", and lists of them.
func (p *parser) years() (list []selector, ok bool) {
	for {
		y := years{first: p.next().number, step: 1}
		y.last = y.first
		switch {
		case p.accept("+"):
			y.last = lastYear
		case p.peek().is("-") && isYear(p.ahead(1)):
			p.at++
			y.last = p.next().number
			if y.step, ok = p.step(); !ok || y.last < y.first {
				return nil, false
			}
		}
		list = append(list, y)
		if !p.peek().is(",") || !isYear(p.ahead(1)) {
			return list, true
		}
		p.at++
	}
}

// step reads "/2"; without it the step is one.
func (p *parser) step() (int, bool) {
	if !p.accept("/") {
		return 1, true
	}
	t := p.next()
	return t.number, t.kind == number && t.number > 0
}

// weeks reads "week 1", "week 1-53/2", and lists of them.
func (p *parser) weeks() (list []selector, ok bool) {
	p.at++
	for {
		w := weeks{first: p.week(), step: 1}
		w.last = w.first
		if p.accept("-") {
			w.last = p.week()
			if w.step, ok = p.step(); !ok || w.step > 1 && w.last < w.first {
				return nil, false
			}
		}
		if w.first == 0 || w.last == 0 {
			return nil, false
		}
		list = append(list, w)
		if !p.peek().is(",") || !p.isDayOfMonth(1) && p.ahead(1).digits != 2 {
			return list, true
		}
		p.at++
		p.accept("week")
	}
}

// week reads the number of a week; zero is wrong.
func (p *parser) week() int {
	if t := p.next(); t.kind == number && t.number <= 53 {
		return t.number
	}
	return 0
}

// days reads "Mo-Fr", "Mo[1]", "PH", "SH -1 day", and lists of them.
func (p *parser) days() (list []selector, ok bool) {
	for {
		switch t := p.next(); {
		case isHoliday(t):
			h := holidays{school: t.is("sh")}
			if h.offset, ok = p.offset(); !ok {
				return nil, false
			}
			p.schedule.namesHolidays = p.schedule.namesHolidays || !h.school
			list = append(list, h)
		default:
			chosen, ok := p.weekday(weekdays[t.text])
			if !ok {
				return nil, false
			}
			list = append(list, chosen...)
		}
		if !p.peek().is(",") || !isWeekday(p.ahead(1)) && !isHoliday(p.ahead(1)) {
			return list, true
		}
		p.at++
	}
}

// weekday reads what follows the name of a day: the end of a range, or which ones of the month.
func (p *parser) weekday(first time.Weekday) ([]selector, bool) {
	if p.peek().is("-") && isWeekday(p.ahead(1)) {
		p.at++
		return []selector{weekdaySpan{first, weekdays[p.next().text]}}, true
	}
	if !p.accept("[") {
		return []selector{weekdaySpan{first, first}}, true
	}
	var nths []int
	for {
		from, ok := p.nth()
		if !ok {
			return nil, false
		}
		to := from
		if from > 0 && p.accept("-") {
			if to, ok = p.nth(); !ok || to < from {
				return nil, false
			}
		}
		for n := from; n <= to; n++ {
			nths = append(nths, n)
		}
		if p.accept("]") {
			break
		}
		if !p.accept(",") {
			return nil, false
		}
	}
	offset, ok := p.offset()
	var list []selector
	for _, n := range nths {
		list = append(list, nthWeekday{first, n, offset})
	}
	return list, ok
}

// nth reads 1 to 5 or -1 to -5.
func (p *parser) nth() (int, bool) {
	sign := 1
	if p.accept("-") {
		sign = -1
	}
	t := p.next()
	return sign * t.number, t.kind == number && 1 <= t.number && t.number <= 5
}

// offset reads "+1 day", "-2 days"; without it the offset is zero.
func (p *parser) offset() (int, bool) {
	sign, t, unit := p.peek(), p.ahead(1), p.ahead(2)
	if t.kind != number || !unit.is("day") && !unit.is("days") || !sign.is("+") && !sign.is("-") {
		return 0, true
	}
	p.at += 3
	if sign.is("-") {
		return -t.number, 0 <= t.number && t.number <= 366
	}
	return t.number, 0 <= t.number && t.number <= 366
}
