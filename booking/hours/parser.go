package hours

import (
	"slices"
	"strings"
)

// parser turns tokens into the rules of a schedule. It never goes back further than one selector, so that its cost
// is linear.
type parser struct {
	value    string
	tokens   []token
	at       int
	french   bool // the value is French, at least in part: OSM's rules for what is left out do not hold
	pieces   int
	schedule *Schedule
	scoped   bool // the days of the rule at hand were read to their end
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
		if s.rules != nil && meets == add && s.rules[len(s.rules)-1].join == fallback {
			meets = fallback // "A || B, C": C adds to B
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
	case t.is(",") && !p.french:
		p.at++
		return add
	case t.is(","):
		p.at++
	}
	return either
}

// keep takes a rule that was read.
func (p *parser) keep(r rule) {
	s := p.schedule
	daily := r.state == open && len(r.when) == 0 && r.join == replace
	if before := earlier(s.rules); daily && before.nameDays() {
		// "Tu 09:00-12:00; 14:00-17:00": every day, or a slip for a comma?
		if before.openSome() {
			p.doubt("une partie des heures ne nomme aucun jour", token{}, token{})
		}
		r.when, r.join = [][]selector{{before}}, add
	}
	r.sweeping = r.join == replace && r.state != closed && (len(r.when) > 0 || daily)
	s.spills = s.spills || r.spills()
	s.rules = append(s.rules, r)
}

// refuse passes a rule that was not understood. If only its times are wrong, its days are unknown; where its days are
// in doubt too, or words are left over, it may concern any day.
func (p *parser) refuse(r rule, start int) {
	first := p.tokens[start]
	last := first
	scoped := p.scoped
	for i := start; i < p.at; i++ {
		last = p.tokens[i]
	}
	for !p.atSeparator() {
		last = p.next()
		scoped = scoped && last.kind != word
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
		text := []rune(strings.Join(strings.Fields(p.value[first.from:last.to]), " "))
		if len(text) > longest {
			text = append(text[:longest], '…')
		}
		why += " : « " + string(text) + " »"
	}
	if len(*d) < enough && !slices.Contains(*d, why) {
		*d = append(*d, why)
	}
}
