package icalendar

import "bytes"

// lines cuts text into logical lines (RFC 5545 §3.1): physical lines end in CRLF or LF, and one that begins with a
// blank continues the one before. It looks at every byte a bounded number of times and copies only the folded lines
// that somebody asks for.
type lines struct {
	text    []byte
	line    int // number of the current logical line: that of its first physical line
	last    int // number of the last physical line that was taken
	max     int // bytes of an unfolded line
	returns int // CRs that were taken as a part of a line's end

	from, stop int // the first physical line of the current logical line is text[from:stop]
	rest, end  int // the continuation lines lie in text[rest:end]; the next logical line begins there
}

// advance goes to the next logical line that is not empty.
func (l *lines) advance() bool {
	for l.end < len(l.text) {
		l.from = l.end
		l.stop, l.rest = l.physical(l.from)
		l.end, l.line = l.rest, l.last
		for l.end < len(l.text) && (l.text[l.end] == ' ' || l.text[l.end] == '\t') {
			_, l.end = l.physical(l.end)
		}
		if l.from < l.stop || l.folded() {
			return true
		}
	}
	return false
}

// physical takes one physical line: it stops before its end, where the next one begins.
func (l *lines) physical(from int) (stop, next int) {
	l.last++
	stop, next = len(l.text), len(l.text)
	if i := bytes.IndexByte(l.text[from:], '\n'); i >= 0 {
		stop, next = from+i, from+i+1
	}
	for stop > from && l.text[stop-1] == '\r' {
		stop--
		l.returns++
	}
	return stop, next
}

// hasLoneCR reports whether a CR inside of a line was meant to end it: there are more than were taken.
func (l *lines) hasLoneCR() bool {
	return l.returns < bytes.Count(l.text[:l.end], []byte{'\r'})
}

func withoutCR(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == '\r' {
		b = b[:len(b)-1]
	}
	return b
}

// first physical line of the current logical line.
func (l *lines) first() []byte { return l.text[l.from:l.stop] }

func (l *lines) folded() bool { return l.rest < l.end }

// whole is the current logical line, unfolded. It is not ok when it is longer than allowed; what is returned then
// is its beginning.
func (l *lines) whole() (line []byte, ok bool) {
	first := l.first()
	head, ok := first[:min(len(first), l.max)], len(first) <= l.max
	if !l.folded() {
		return head, ok
	}
	out := append(make([]byte, 0, min(len(first)+l.end-l.rest, l.max)), head...)
	for rest := l.text[l.rest:l.end]; len(rest) > 0; {
		part := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			part, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		part = withoutCR(part)
		if len(part) == 0 {
			continue
		}
		if len(out)+len(part)-1 > l.max {
			return append(out, part[1:1+l.max-len(out)]...), false
		}
		out = append(out, part[1:]...)
	}
	return out, ok
}

// prepared takes the byte order mark and the leading blanks away, and the indentation of a text that is indented as a
// whole, which is rare and copies the text.
func prepared(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	body := bytes.TrimLeft(text, " \t\r\n\f\v\x00")
	margin := 0
	for i := len(text) - len(body); i > 0 && (text[i-1] == ' ' || text[i-1] == '\t'); i-- {
		margin++
	}
	if margin > 0 {
		return withoutMargin(body, margin)
	}
	return body
}

// withoutLoneCR makes each CR that no LF follows the end of a line.
func withoutLoneCR(text []byte) []byte {
	out := bytes.Clone(text)
	for i, c := range out {
		if c == '\r' && i+1 < len(out) && out[i+1] != '\n' {
			out[i] = '\n'
		}
	}
	return out
}

// withoutMargin undoes the indentation of a text whose first line was indented by margin blanks, if its second line
// is too: the first line of a calendar is BEGIN:VCALENDAR, which is never folded.
func withoutMargin(text []byte, margin int) []byte {
	indented := func(line []byte) bool {
		return len(line) > margin && len(bytes.TrimLeft(line[:margin], " \t")) == 0
	}
	_, second, _ := bytes.Cut(text, []byte{'\n'})
	if !indented(second) {
		return text
	}
	out := make([]byte, 0, len(text))
	for line := range bytes.SplitAfterSeq(text, []byte{'\n'}) {
		if indented(line) {
			line = line[margin:]
		}
		out = append(out, line...)
	}
	return out
}
