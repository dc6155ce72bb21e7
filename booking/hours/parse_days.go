package hours

import "time"

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
		last := weekdays[p.next().text]
		if p.peek().is("-") && isWeekday(p.ahead(1)) {
			return []selector{p.chain(first, last)}, true
		}
		return []selector{weekdaySpan{first, last}}, true
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

// chain reads the rest of "Mo-We-Fr".
func (p *parser) chain(first, second time.Weekday) weekdayChain {
	from := p.at - 3
	c := weekdayChain{first, second}
	for p.peek().is("-") && isWeekday(p.ahead(1)) {
		p.at++
		c = append(c, weekdays[p.next().text])
	}
	p.pieces += len(c)
	p.doubt("jours joints par des tirets", p.tokens[from], p.tokens[p.at-1])
	return c
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
