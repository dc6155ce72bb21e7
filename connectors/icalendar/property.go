package icalendar

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// property is a content line in its three parts. They point into the text.
type property struct {
	name   name
	params []byte // ";NAME=VALUE;…", or nothing
	value  []byte
	bad    bool // no value could be made out, or a limit was passed
}

// name is a property that the reader looks at.
type name uint8

const (
	ignored name = iota
	begin
	end
	attendee
	busyStatus
	busyType
	categories
	dtend
	dtstamp
	dtstart
	duration
	exdate
	exrule
	fbType
	freebusy
	lastModified
	licLocation
	location
	method
	offsetFrom
	offsetTo
	priority
	rdate
	recurrenceID
	rrule
	sequence
	status
	summary
	transp
	tzid
	uid
	wrTimezone
)

// nameOf must be given capitals.
func nameOf(b []byte) name {
	switch string(b) {
	case "BEGIN":
		return begin
	case "END":
		return end
	case "ATTENDEE":
		return attendee
	case "X-MICROSOFT-CDO-BUSYSTATUS":
		return busyStatus
	case "BUSYTYPE":
		return busyType
	case "CATEGORIES":
		return categories
	case "DTEND":
		return dtend
	case "DTSTAMP":
		return dtstamp
	case "DTSTART":
		return dtstart
	case "DURATION":
		return duration
	case "EXDATE":
		return exdate
	case "EXRULE":
		return exrule
	case "FBTYPE":
		return fbType
	case "FREEBUSY":
		return freebusy
	case "LAST-MODIFIED":
		return lastModified
	case "X-LIC-LOCATION":
		return licLocation
	case "LOCATION":
		return location
	case "METHOD":
		return method
	case "TZOFFSETFROM":
		return offsetFrom
	case "TZOFFSETTO":
		return offsetTo
	case "PRIORITY":
		return priority
	case "RDATE":
		return rdate
	case "RECURRENCE-ID":
		return recurrenceID
	case "RRULE":
		return rrule
	case "SEQUENCE":
		return sequence
	case "STATUS":
		return status
	case "SUMMARY":
		return summary
	case "TRANSP":
		return transp
	case "TZID":
		return tzid
	case "UID":
		return uid
	case "X-WR-TIMEZONE":
		return wrTimezone
	}
	return ignored
}

const longestName = len("X-MICROSOFT-CDO-BUSYSTATUS")

// temporal reports whether the property says when. Its value holds no colon, so that the last colon of the line
// ends the parameters even where a zone's display name has colons of its own.
func (n name) temporal() bool {
	switch n {
	case dtstart, dtend, duration, exdate, rdate, recurrenceID, rrule, exrule, freebusy:
		return true
	}
	return false
}

// nameLength is how many bytes of the line are the property's name; the whole line when nothing ends it.
//
// It looks at eight bytes at once. The two that end a name, ':' and ';', differ in the lowest bit alone; the byte
// that becomes zero is the first of them.
func nameLength(line []byte) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(line); i += 8 {
		w := binary.LittleEndian.Uint64(line[i:])
		w = (w | each) ^ ';'*each
		if zero := (w - each) &^ w & high; zero != 0 {
			return i + bits.TrailingZeros64(zero)/8
		}
	}
	for ; i < len(line); i++ {
		if line[i] == ':' || line[i] == ';' {
			return i
		}
	}
	return len(line)
}

// lookUp finds a name whatever its case. Blanks around it are forgiven.
func lookUp(b []byte) name {
	if n := nameOf(b); n != ignored || isPlainName(b) {
		return n
	}
	b = bytes.TrimSpace(b)
	if len(b) > longestName {
		return ignored
	}
	var upper [longestName]byte
	return nameOf(appendUpper(upper[:0], b))
}

// isPlainName reports whether a name is written as most are, so that there is nothing to forgive.
func isPlainName(b []byte) bool {
	for _, c := range b {
		if (c < 'A' || c > 'Z') && c != '-' {
			return false
		}
	}
	return true
}

func appendUpper(to, b []byte) []byte {
	for _, c := range b {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}

// split parts what follows the name in a line.
func split(rest []byte, n name, limit int) (params, value []byte, bad bool) {
	colon := 0
	if n.temporal() {
		colon = bytes.LastIndexByte(rest, ':')
	} else if len(rest) == 0 || rest[0] != ':' {
		colon = unquotedColon(rest)
	}
	if colon < 0 {
		return rest, nil, true
	}
	params, value = rest[:colon], trimmed(rest[colon+1:])
	return params, value, len(params) > limit && bytes.Count(params, []byte{';'}) > limit
}

// trimmed is a value without the blanks around it, which are rare.
func trimmed(b []byte) []byte {
	if len(b) > 0 && isPlain(b[0]) && isPlain(b[len(b)-1]) {
		return b
	}
	return bytes.TrimSpace(b)
}

func isPlain(c byte) bool { return ' ' < c && c < utf8.RuneSelf }

func unquotedColon(b []byte) int {
	quoted := false
	for i, c := range b {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ':' && !quoted:
			return i
		}
	}
	// A quotation mark is missing: better a wrong parameter than no value.
	return bytes.IndexByte(b, ':')
}

// param finds a parameter by its name in capitals. Its value is without quotation marks.
func (p *property) param(name string) []byte {
	for rest := p.params; len(rest) > 0; {
		rest = rest[1:] // the semicolon
		stop, quoted := len(rest), false
		for i, c := range rest {
			if c == '"' {
				quoted = !quoted
			} else if c == ';' && !quoted {
				stop = i
				break
			}
		}
		key, value, _ := bytes.Cut(rest[:stop], []byte{'='})
		if len(key) == len(name) && strings.EqualFold(string(key), name) {
			return bytes.Trim(value, "\" \t")
		}
		rest = rest[stop:]
	}
	return nil
}

// is compares a value with a word in capitals.
func is(value []byte, word string) bool {
	return len(value) == len(word) && strings.EqualFold(string(value), word)
}
