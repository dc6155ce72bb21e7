package icalendar

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// describe makes the Event of a component, which outlives the text. Events are made several at once.
func (r *reading) describe(c *component) *Event {
	if len(r.blank) == 0 {
		r.blank = make([]Event, min(max(2*r.described, 4), 1024))
		r.sheet = r.blank
	}
	e := &r.blank[0]
	r.blank = r.blank[1:]
	r.described++
	*e = Event{
		UID:         r.words.keep(c.uid),
		Transparent: c.transp == transparent,
		AllDay:      c.start.date,
		Meaning:     r.meaning(c),
	}
	if !r.options.Wordless {
		e.Summary, e.Location, e.Categories = r.words.keep(c.summary), r.words.keepRepeated(c.location), r.categories(c)
	}
	return e
}

// words keeps texts side by side in few pieces of memory.
type words struct {
	page strings.Builder // never outgrown: what was kept on it stays
	size int             // of the page

	raw  []byte // the last value of a property that mostly repeats itself, and its text
	last string
}

// largestPage is little, because one text keeps a whole page in memory.
const largestPage = 16 << 10

// keep is textOf.
func (w *words) keep(value []byte) string {
	switch {
	case len(value) == 0:
		return ""
	case len(value) > largestPage/8 || !utf8.Valid(value):
		return textOf(value)
	case w.page.Cap()-w.page.Len() < len(value):
		w.size = min(max(2*w.size, 4*len(value)), largestPage)
		w.page = strings.Builder{}
		w.page.Grow(w.size)
	}
	from := w.page.Len()
	unescape(&w.page, value)
	return w.page.String()[from:]
}

// keepRepeated is keep for what many events have in common.
func (w *words) keepRepeated(value []byte) string {
	if !bytes.Equal(value, w.raw) {
		w.raw, w.last = value, w.keep(value)
	}
	return w.last
}

// textOf undoes the escapes of a TEXT value (RFC 5545 §3.3.11) and drops what is not UTF-8.
func textOf(value []byte) string {
	value = bytes.ToValidUTF8(value, []byte("\uFFFD"))
	var b strings.Builder
	b.Grow(len(value))
	unescape(&b, value)
	return b.String()
}

// unescape adds no more bytes than the value has.
func unescape(b *strings.Builder, value []byte) {
	for {
		i := bytes.IndexByte(value, '\\')
		if i < 0 || i+1 == len(value) {
			b.Write(value)
			return
		}
		b.Write(value[:i])
		if c := value[i+1]; c == 'n' || c == 'N' {
			b.WriteByte('\n')
		} else {
			b.WriteByte(c)
		}
		value = value[i+2:]
	}
}

// appendList cuts a value at the commas that are not escaped.
func (w *words) appendList(list []string, value []byte) []string {
	from := 0
	for i := 0; i <= len(value); i++ {
		switch {
		case i == len(value) || value[i] == ',':
			if item := strings.TrimSpace(w.keep(value[from:i])); item != "" {
				list = append(list, item)
			}
			from = i + 1
		case value[i] == '\\' && i+1 < len(value):
			i++
		}
	}
	return list
}
