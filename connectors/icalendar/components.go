package icalendar

import (
	"bytes"
	"fmt"
)

// parser is the state of the one pass over the bytes.
type parser struct {
	lines
	text
	owner []byte // lower case
	stack []open

	wordless bool // what events are called is not asked for
	when     when // what the parameters said that were read last: mostly those of the next time too
}

// when is what parameters say of a time.
type when struct {
	params []byte
	isDate bool  // VALUE=DATE
	zone   int32 // TZID
}

// open is a component whose END was not met yet.
type open struct {
	kind  kind
	name  []byte
	index int32 // in text.components; -1 for a component that is passed over
}

// read reads the whole text. The error is ErrNoCalendar or ErrTooLarge.
//
// Texts whose lines end in CR alone are so rare that nothing is done for them but to count the CRs: where some are
// left over, the text is read anew with an LF for each.
func (p *parser) read(data []byte, o Options) (*text, error) {
	limits := o.Limits.withDefaults()
	if len(data) > limits.Bytes {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(data))
	}
	p.start(data, limits, o)
	err := p.parse()
	if p.hasLoneCR() {
		p.start(withoutLoneCR(data), limits, o)
		err = p.parse()
	}
	if err != nil {
		return nil, err
	}
	return &p.text, nil
}

// start forgets the text before, but for the memory that it took.
func (p *parser) start(data []byte, limits Limits, o Options) {
	*p = parser{
		lines: lines{text: prepared(data), max: limits.Line},
		text: text{
			limits:     limits,
			components: emptied(p.components, min(limits.Events, len(data)/600+1)),
			lists:      emptied(p.lists, len(data)/2000+1),
			zones:      p.zones[:0],
		},
		owner:    bytes.ToLower([]byte(o.Owner)),
		stack:    p.stack[:0],
		wordless: o.Wordless && o.Openings == nil,
	}
}

func (p *parser) parse() error {
	for p.advance() {
		if err := p.property(); err != nil {
			return err
		}
	}
	if p.calendars == 0 {
		return ErrNoCalendar
	}
	if len(p.stack) > 0 {
		p.truncated = true
		p.close(0)
	}
	return nil
}

// property takes the current line to where it belongs.
func (p *parser) property() error {
	line := p.first()
	length := nameLength(line)
	if length == len(line) && p.folded() {
		line, _ = p.whole()
		length = nameLength(line)
	}
	n, inside := lookUp(line[:length]), p.inside()
	if !p.asked(n, inside) {
		n = ignored
	}
	if n == freebusy && (inside == nil || inside.kind != freeBusy) {
		p.stray = true
	}
	if n == ignored || (inside != nil && inside.kind == other && n != begin && n != end) {
		if length == len(line) {
			p.junk("ligne illisible")
		}
		return nil
	}
	line, ok := p.whole()
	length = min(length, len(line))
	v := property{name: n}
	v.params, v.value, v.bad = split(line[length:], n, p.limits.Parameters)
	if !ok || v.bad {
		v.bad = true
		p.junk("ligne illisible ou trop longue")
	}
	switch n {
	case begin:
		return p.begin(v.value)
	case end:
		p.end(v.value)
	case method:
		// RFC 5546 §3.2.5 wants STATUS:CANCELLED in such an event. Where it is missing, rather taken than free.
		if is(v.value, "CANCEL") {
			p.remark(p.line, cancelReason)
		}
	case wrTimezone:
		if p.zoneName == nil {
			p.zoneName = v.value
		}
	default:
		if inside != nil && inside.index >= 0 {
			p.set(&p.components[inside.index], &v)
		}
	}
	return nil
}

// asked reports whether anything depends on what a property says.
func (p *parser) asked(n name, inside *open) bool {
	switch n {
	case attendee:
		return len(p.owner) > 0
	case summary, location, categories:
		return !p.wordless || inside == nil || inside.kind != event
	}
	return true
}

// junk counts a line that cannot be read. In a VFREEBUSY it may have been a period.
func (p *parser) junk(sentence string) {
	p.skipped.Lines++
	p.remark(p.line, sentence)
	if in := p.inside(); in != nil && in.kind == freeBusy {
		p.components[in.index].torn = true
	}
}

// inside is the innermost open component; nil outside of all.
func (p *parser) inside() *open {
	if len(p.stack) == 0 {
		return nil
	}
	return &p.stack[len(p.stack)-1]
}

// within is the depth of the innermost open component of a kind; -1 when there is none.
func (p *parser) within(k kind) int {
	for i := len(p.stack) - 1; i >= 0; i-- {
		if p.stack[i].kind == k {
			return i
		}
	}
	return -1
}

func (p *parser) begin(name []byte) error {
	k := kindOf(name)
	switch k {
	case container:
		p.calendars++
		p.truncated = p.truncated || len(p.stack) > 0
		p.unfinished(0)
	case event, freeBusy, availability, timezone:
		// None of these stands in another: one that is open lost its END.
		for _, outer := range [...]kind{event, freeBusy, availability, timezone} {
			if depth := p.within(outer); depth >= 0 {
				p.unfinished(depth)
			}
		}
	case available, observance:
		outer := availability
		if k == observance {
			outer = timezone
		}
		if depth := p.within(outer); depth < 0 {
			k = other
		} else {
			p.unfinished(depth + 1)
		}
	}
	if len(p.stack) >= p.limits.Depth {
		return fmt.Errorf("%w: components in components, line %d", ErrTooLarge, p.line)
	}
	o := open{kind: k, name: name, index: -1}
	if k >= event {
		if len(p.components) >= p.limits.Events {
			return fmt.Errorf("%w: components, line %d", ErrTooLarge, p.line)
		}
		o.index = int32(len(p.components))
		c := component{kind: k, line: int32(p.line), parent: -1, next: -1, calendar: int32(p.calendars)}
		if in := p.inside(); in != nil {
			c.parent = in.index
		}
		c.lists = [2]int32{int32(len(p.lists)), int32(len(p.lists))}
		p.components = append(p.components, c)
	}
	p.stack = append(p.stack, o)
	return nil
}

func (p *parser) end(name []byte) {
	for i := len(p.stack) - 1; i >= 0; i-- {
		if len(p.stack[i].name) == len(name) && bytes.EqualFold(p.stack[i].name, name) {
			p.unfinished(i + 1)
			p.close(i)
			return
		}
	}
	p.junk("fin de composant sans début")
}

// unfinished closes what is open from a depth on, and says so. Where a component that is passed over has no end, it
// may have swallowed lines of the one around it.
func (p *parser) unfinished(depth int) {
	if depth >= len(p.stack) {
		return
	}
	p.junk("composant sans fin")
	for i := max(depth, 1); i < len(p.stack); i++ {
		if around := p.stack[i-1].index; around >= 0 && p.stack[i].kind == other {
			p.components[around].torn = true
		}
	}
	p.close(depth)
}

func (p *parser) close(depth int) { p.stack = p.stack[:depth] }

// set keeps what a property says of a component.
func (p *parser) set(c *component, v *property) {
	if v.bad && !v.name.temporal() {
		return
	}
	switch v.name {
	case dtstart:
		c.start = p.moment(v)
	case dtend:
		c.end = p.moment(v)
	case recurrenceID:
		c.recurrence = p.moment(v)
		c.following = is(v.param("RANGE"), "THISANDFUTURE")
	case duration:
		c.length = length{state: bad}
		if !v.bad {
			c.length = readLength(v.value)
		}
	case rrule, exrule, rdate, exdate, categories, freebusy:
		p.list(c, v)
	case uid:
		if c.kind != timezone {
			c.uid = v.value
		}
	case tzid:
		if c.kind == timezone {
			c.uid = v.value
		}
	case summary:
		c.summary = v.value
	case location:
		c.location = v.value
	case licLocation:
		if c.kind == timezone {
			c.location = v.value
		}
	case sequence:
		c.sequence = int32(number(v.value))
	case priority:
		c.rank = int32(number(v.value))
	case lastModified:
		c.stamps[0] = v.value
	case dtstamp:
		c.stamps[1] = v.value
	case offsetFrom:
		c.offsets[0], c.offsetsSeen[0] = readOffset(v.value)
	case offsetTo:
		c.offsets[1], c.offsetsSeen[1] = readOffset(v.value)
	case transp:
		c.transp = transparencyOf(v.value)
	case status:
		c.standing = standingOf(v.value)
	case busyStatus, busyType, fbType:
		c.business = businessOf(v.value)
	case attendee:
		p.attendee(c, v)
	}
}

// moment reads a property whose value is one DATE or DATE-TIME.
func (p *parser) moment(v *property) moment {
	if v.bad {
		return moment{state: bad}
	}
	w := p.whenOf(v)
	m := readMoment(v.value, w.isDate)
	if m.zone == floating && !m.date {
		m.zone = w.zone
	}
	return m
}

// whenOf reads the parameters of a property that says when.
func (p *parser) whenOf(v *property) when {
	if len(v.params) == 0 {
		return when{zone: floating}
	}
	if string(v.params) != string(p.when.params) {
		p.when = when{params: v.params, isDate: is(v.param("VALUE"), "DATE"), zone: p.zones.intern(v.param("TZID"))}
	}
	return p.when
}

func (p *parser) list(c *component, v *property) {
	if c.kind == timezone || c.kind == availability {
		return // theirs are in the components inside
	}
	l := listed{property: *v}
	if v.name == rdate || v.name == exdate || v.name == freebusy {
		w := p.whenOf(v)
		l.isDay, l.zone = w.isDate, w.zone
	}
	p.lists = append(p.lists, l)
	c.lists[1] = int32(len(p.lists))
}

// attendee keeps the owner's answer.
func (p *parser) attendee(c *component, v *property) {
	if len(p.owner) == 0 || v.bad {
		return
	}
	address := bytes.ToLower(v.value)
	address = bytes.TrimPrefix(address, []byte("mailto:"))
	if bytes.Equal(bytes.TrimSpace(address), p.owner) || bytes.EqualFold(v.param("EMAIL"), p.owner) {
		c.answer = answerOf(v.param("PARTSTAT"))
	}
}

// number reads a small decimal number; what is not one is zero.
func number(b []byte) int64 {
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' || n > 1<<30 {
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	return min(n, 1<<30)
}
