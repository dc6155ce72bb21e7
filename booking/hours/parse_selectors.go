package hours

import "slices"

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

func isHoliday(t token) bool { return t.is("ph") || t.is("sh") }

func isYear(t token) bool { return t.digits == 4 && 1900 <= t.number && t.number < 3000 }

// isCount reports whether the n-th token ahead counts days or weeks, and is not an hour: "Jan 06: 10:00-12:00" has
// one count and two hours.
func (p *parser) isCount(n, most int) bool {
	t, sign, minute := p.ahead(n), p.ahead(n+1), p.ahead(n+2)
	if t.kind != number || t.digits > 2 || t.number < 1 || t.number > most {
		return false
	}
	hour := (sign.is(":") || sign.is(".")) && t.touches(sign) && minute.kind == number && sign.touches(minute)
	return !hour && !sign.is("h")
}

func (p *parser) isDayOfMonth(n int) bool { return p.isCount(n, 31) }

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
