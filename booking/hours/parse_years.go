package hours

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
		if !p.peek().is(",") || !p.isCount(1, 53) {
			return list, true
		}
		p.at++
	}
}

// week reads the number of a week; zero is wrong.
func (p *parser) week() int {
	if t := p.next(); t.kind == number && t.number <= 53 {
		return t.number
	}
	return 0
}
