package hours

// rule reads one rule. What it returns without ok holds the days that it names, if p.scoped.
func (p *parser) rule(meets join) (r rule, ok bool) {
	r = rule{join: meets, state: open}
	p.scoped = false
	p.pieces++
	if p.french {
		p.accept(":") // "Horaires : …"
	}
	commented := p.comments()
	said := p.state(&r)
	if !p.selectors(&r) {
		return r, false
	}
	p.scoped = p.daysEnd(r.when)
	if r.times, ok = p.times(); !ok {
		return r, false
	}
	if said && len(r.times) > 0 {
		return r, false // "fermé le mardi 9h-12h": closed then, or closed but then?
	}
	nextIsClosed := p.peek().is("off") && startsSelector(p.ahead(1)) && len(r.times) > 0 // "9h-12h. Fermé le mardi"
	if !said && !nextIsClosed {
		said = p.state(&r)
	}
	commented = p.comments() || commented
	if commented && !said {
		r.state = unknown // "sur rendez-vous": it depends
	}
	if len(r.times) == 0 && !said && !commented {
		return r, false // days without times: OSM says all day, nobody means it
	}
	if p.french && len(r.when) == 0 && (len(r.times) > 0 || r.state == open) {
		return r, false // a sentence that names no day
	}
	settle(&r)
	return r, true
}

// daysEnd reports whether what follows the selectors cannot be more days: they end with weekdays or holidays, and no
// sign follows that might go on with them ("Jul 14+", "Mo-09:00").
func (p *parser) daysEnd(when [][]selector) bool {
	if t := p.peek(); len(when) == 0 || t.kind == mark && !p.atSeparator() && !t.is("(") {
		return false
	}
	last := when[len(when)-1]
	switch last[len(last)-1].(type) {
	case weekdaySpan, weekdayChain, nthWeekday, holidays:
		return true
	}
	return false
}

// state reads the word for a state, if there is one.
func (p *parser) state(r *rule) bool {
	switch {
	case p.accept("off"), p.accept("closed"):
		r.state = closed
	case p.accept("unknown"):
		r.state = unknown
	case p.accept("open"):
	case p.peek().number == 24 && p.ahead(1).is("/") && p.ahead(2).number == 7:
		p.at += 3
		if p.accept("off") || p.accept("closed") {
			r.state = closed
		}
	default:
		return false
	}
	return true
}

func (p *parser) comments() bool {
	found := false
	for p.peek().kind == comment {
		p.at++
		found = true
	}
	return found
}

// settle gives each span of a rule its state: the rule's, but for times that are not known beforehand.
func settle(r *rule) {
	for i := range r.times {
		if r.times[i].state != unknown {
			r.times[i].state = r.state
		}
	}
}
