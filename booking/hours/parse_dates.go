package hours

// startsDate reports whether a date or a month begins here.
func (p *parser) startsDate() bool { return p.startsDateAt(0) }

func (p *parser) startsDateAt(n int) bool {
	t := p.ahead(n)
	if isYear(t) {
		t = p.ahead(n + 1)
	}
	return isMonth(t) || t.is("easter")
}

// dates reads "Jul-Aug", "Jul 14", "Dec 24-Jan 02", "2026 Dec 24-2027 Jan 02", "Dec 25,26", "easter +1 day", and
// lists of them.
func (p *parser) dates() (list []selector, ok bool) {
	from, whole, ok := p.date()
	for {
		if !ok {
			return nil, false
		}
		d := dates{from, from}
		switch {
		case p.peek().is("-") && p.startsDateAt(1):
			p.at++
			if d.to, whole, ok = p.date(); !ok {
				return nil, false
			}
		case p.peek().is("-") && !whole && from.month != 0 && p.isDayOfMonth(1):
			p.at++
			d.to.day = p.next().number
			ok = d.to.valid() && from.day <= d.to.day
		case p.peek().is("+") && from.year != 0 && !whole:
			p.at++
			d.to = date{year: lastYear, month: 12, day: 31}
		}
		if whole {
			d.to.day = 31 // the last one
		}
		if !ok || !d.inOrder() {
			return nil, false
		}
		list = append(list, d)
		switch {
		case p.peek().is(",") && p.startsDateAt(1):
			p.at++
			from, whole, ok = p.date()
		case p.peek().is(",") && !whole && d.to.month != 0 && p.isDayOfMonth(1):
			p.at++
			from = date{year: d.to.year, month: d.to.month, day: p.next().number}
			ok = from.valid()
		default:
			return list, true
		}
	}
}

// date reads one date. A month alone is its first day, and whole.
func (p *parser) date() (d date, whole, ok bool) {
	if isYear(p.peek()) {
		d.year = p.next().number
	}
	t := p.next()
	switch {
	case t.is("easter"):
	case t.is("mar") && p.french:
		return d, false, false // mardi or March?
	case !p.isDayOfMonth(0):
		d.month, d.day = months[t.text], 1
		return d, true, true
	default:
		d.month, d.day = months[t.text], p.next().number
	}
	d.offset, ok = p.offset()
	return d, false, ok && d.valid()
}

// inOrder refuses what has no beginning ("Dec 24-2027 Jan 02") or ends before it begins.
func (s dates) inOrder() bool {
	if s.to.year == 0 {
		return true
	}
	return s.from.year != 0 && s.from.in(s.from.year) <= s.to.in(s.to.year)
}

func (x date) valid() bool { return x.month == 0 || x.day <= daysIn(x.year, x.month) }
