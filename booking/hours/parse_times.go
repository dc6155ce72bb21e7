package hours

import "slices"

// longestNight is the longest span over midnight that is believed, in minutes. "Fr 17:00-12:00" and "14:00-14:00" are
// slips of the pen: no place of mediation is open for 19 or 24 hours on end, and all of them are found in real values.
const longestNight = 12 * 60

// doubtful is the beginning of a span that is not believed.
const doubtful = -1

// times reads "09:00-12:00,14:00-18:30", "22:00-02:00", "09:00+", "sunrise-sunset", "9h-12h30 / 14h-17h". Spans that
// are not known beforehand are unknown, the others open.
func (p *parser) times() (list []span, ok bool) {
	for p.startsTime(0) {
		spans, ok := p.span()
		if !ok {
			return nil, false
		}
		p.pieces += len(spans)
		if spans[0].from == doubtful {
			spans[0].from = 0
			list = slices.Insert(list, 0, spans...) // what else the rule says is laid over it
		} else {
			list = append(list, spans...)
		}
		if (p.peek().is(",") || p.peek().is("/")) && p.startsTime(1) {
			p.at++
		}
	}
	return list, true
}

// startsTime reports whether a time begins at the n-th token ahead.
func (p *parser) startsTime(n int) bool {
	t := p.ahead(n)
	if t.kind == number && t.digits <= 2 {
		return !(t.number == 24 && p.ahead(n+1).is("/")) // 24/7
	}
	return isEvent(t) || t.is("(") && isEvent(p.ahead(n+1))
}

func isEvent(t token) bool { return t.is("sunrise") || t.is("sunset") || t.is("dawn") || t.is("dusk") }

// span reads one span of time, with the time after it that is unknown if its end is open.
func (p *parser) span() ([]span, bool) {
	first := p.peek()
	from, fixed, ok := p.time()
	if !ok || from >= minutesPerDay {
		return nil, false
	}
	if p.accept("+") {
		return []span{{from, endless(from), unknown}}, true
	}
	if !p.accept("-") {
		return nil, false // a point in time
	}
	to, toFixed, ok := p.time()
	if !ok {
		return nil, false
	}
	s := span{from, to, open}
	if !fixed || !toFixed {
		s.state = unknown
		if !toFixed {
			s.to = minutesPerDay
		}
	}
	if s.to <= s.from {
		s.to += minutesPerDay
		if s.to-s.from > longestNight {
			p.doubt("début et fin peu crédibles", first, p.tokens[p.at-1])
			s = span{doubtful, s.to, unknown}
		}
	}
	if p.accept("+") {
		return []span{s, {s.to, endless(s.to), unknown}}, true // may be empty
	}
	return []span{s}, true
}

// endless is how long an open end is unknown: to midnight, and through the night if it begins in the evening.
func endless(from int) int {
	if from < 17*60 {
		return minutesPerDay
	}
	return min(max(from, minutesPerDay)+6*60, 2*minutesPerDay)
}

// time reads a time of the day, in minutes; "26:00" is two o'clock on the morrow. The time of an event is not known
// beforehand: it counts as midnight, and is not fixed.
func (p *parser) time() (minute int, fixed, ok bool) {
	switch t := p.peek(); {
	case isEvent(t):
		p.at++
		return 0, false, true
	case t.is("("):
		p.at++
		ok = isEvent(p.next())
		if p.accept("+") || p.accept("-") {
			_, fixed, exact := p.time()
			ok = ok && fixed && exact
		}
		return 0, false, p.accept(")") && ok
	case t.kind != number || t.digits > 2 || t.number > 48:
		return 0, false, false
	}
	hour := p.next()
	minute = hour.number * 60
	sign, m := p.peek(), p.ahead(1)
	switch {
	case sign.is(":") && hour.touches(sign) || sign.is(".") && hour.touches(sign):
		if m.kind != number || m.digits != 2 || m.number > 59 || !sign.touches(m) {
			return 0, false, false
		}
		p.at += 2
		minute += m.number
		p.accept("h")
	case sign.is("h"):
		p.at++
		if m.kind == number && m.digits == 2 && m.number <= 59 && !p.ahead(1).is("h") && !p.ahead(1).is(":") {
			p.at++
			minute += m.number
		}
	}
	return minute, true, minute <= 2*minutesPerDay
}
