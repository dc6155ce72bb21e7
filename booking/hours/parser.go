package hours

import "slices"

// parser turns tokens into the rules of a schedule. It never goes back further than one selector, so that its cost
// is linear.
type parser struct {
	value    string
	tokens   []token
	at       int
	french   bool // the value is French, at least in part: OSM's rules for what is left out do not hold
	pieces   int
	schedule *Schedule
	dark     bool // something was said that may concern any day
}

func (p *parser) peek() token { return p.tokens[p.at] }

// ahead is the n-th token after the next one.
func (p *parser) ahead(n int) token { return p.tokens[min(p.at+n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

func (p *parser) accept(text string) bool {
	if p.peek().is(text) {
		p.at++
		return true
	}
	return false
}

// parse reads the whole value into the schedule.
func (p *parser) parse() {
	s := p.schedule
	for meets := replace; p.peek().kind != end; meets = p.separator() {
		if p.atSeparator() {
			continue // an empty rule
		}
		start := p.at
		r, ok := p.rule(meets)
		if ok && p.atBoundary() {
			p.keep(r)
			continue
		}
		p.refuse(r, start)
	}
	s.understood = p.verdict()
	s.rules = append(s.rules, rule{when: [][]selector{{holidays{}}}, state: closed})
}

func (p *parser) verdict() Understanding {
	readable := slices.ContainsFunc(p.schedule.rules, func(r rule) bool { return !r.refused })
	switch {
	case p.pieces > maxPieces:
		p.schedule.doubts = []string{"trop de règles"}
		return Nothing
	case p.dark || !readable:
		if len(p.schedule.doubts) == 0 {
			p.doubt("aucun horaire", token{}, token{})
		}
		return Nothing
	case len(p.schedule.doubts) > 0:
		return Part
	}
	return All
}

// atSeparator reports whether a rule ends here by OSM's rules.
func (p *parser) atSeparator() bool {
	t := p.peek()
	return t.kind == end || t.is(";") || t.is("||")
}

// atBoundary reports whether a rule may end here. In French the next sentence simply begins.
func (p *parser) atBoundary() bool {
	if p.peek().is(",") {
		after := p.ahead(1)
		return after.kind == end || after.is(";") || startsSelector(after) || after.is("off")
	}
	return p.atSeparator() || startsSelector(p.peek()) || p.peek().is("off")
}

// separator passes what stands between two rules and says how they meet.
func (p *parser) separator() join {
	t := p.peek()
	switch {
	case t.is(";"):
		p.at++
		return replace
	case t.is("||"):
		p.at++
		return fallback
	case t.is(",") && t.loose:
		p.at++
		return either
	case t.is(","):
		p.at++
		return add
	}
	return either
}

// keep takes a rule that was read.
func (p *parser) keep(r rule) {
	s := p.schedule
	timed := r.state == open && len(r.when) == 0
	switch {
	case timed && r.join == replace && slices.ContainsFunc(s.rules, func(r rule) bool { return len(r.when) > 0 }):
		// "Tu 09:00-12:00; 14:00-17:00": on every day, or a slip for a comma?
		p.doubt("aucun jour n'est nommé pour une partie des heures", token{}, token{})
		r.join = fallback
		r.state = unknown
		for i := range r.times {
			r.times[i].state = unknown
		}
	case r.join == replace && r.state != closed && (len(r.when) > 0 || timed):
		r.sweeping = true
	}
	s.spills = s.spills || r.spills()
	s.rules = append(s.rules, r)
}

// refuse passes a rule that was not understood. If only its times are wrong, its days are unknown; otherwise it may
// concern any day.
func (p *parser) refuse(r rule, start int) {
	first := p.tokens[start]
	last := first
	scoped := len(r.when) > 0
	for i := start; i < p.at; i++ {
		last = p.tokens[i]
	}
	for !p.atSeparator() {
		last = p.next()
		scoped = scoped && (last.kind == number || last.kind == mark)
	}
	p.doubt("non compris", first, last)
	if !scoped {
		p.dark = true
		return
	}
	r.state, r.times, r.refused = unknown, nil, true
	r.sweeping = r.join == replace
	p.schedule.rules = append(p.schedule.rules, r)
}

// doubt notes what was not understood; a few examples are enough.
func (p *parser) doubt(why string, first, last token) {
	const enough, longest = 5, 80
	d := &p.schedule.doubts
	if first.from < last.to {
		text := []rune(p.value[first.from:last.to])
		if len(text) > longest {
			text = append(text[:longest], '…')
		}
		why += " : « " + string(text) + " »"
	}
	if len(*d) < enough && !slices.Contains(*d, why) {
		*d = append(*d, why)
	}
}

// rule reads one rule. What it returns without ok holds the days that it names, if these were read.
func (p *parser) rule(meets join) (r rule, ok bool) {
	r = rule{join: meets, state: open}
	p.pieces++
	commented := p.comments()
	said := p.state(&r)
	if !p.selectors(&r) {
		r.when = nil
		return r, false
	}
	if r.times, ok = p.times(); !ok {
		return r, false
	}
	if !said {
		said = p.state(&r)
	}
	commented = p.comments() || commented
	if commented && !said {
		r.state = unknown // "sur rendez-vous": it depends
	}
	if len(r.times) == 0 && !said && !commented {
		return r, false // days without times: OSM says all day, nobody means it
	}
	if p.french && len(r.when) == 0 && !(said && r.state == closed && p.atSeparator()) {
		return r, false // a sentence that names no day
	}
	settle(&r)
	return r, true
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

// settle gives each span of a rule its state: the rule's, but for times that are not known beforehand. The certain
// ones are laid last.
func settle(r *rule) {
	for i := range r.times {
		if r.times[i].state != unknown {
			r.times[i].state = r.state
		}
	}
	slices.SortStableFunc(r.times, func(a, b span) int { return int(a.state) - int(b.state) })
}
