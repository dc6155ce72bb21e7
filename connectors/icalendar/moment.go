package icalendar

import "encoding/binary"

// moment is a DATE or DATE-TIME as the text gives it: what the clock on the wall shows, and in which zone.
type moment struct {
	wall  int64 // seconds since 1970; midnight for a date
	zone  int32 // where the clock hangs: floating, inUTC, or a zone of the text
	state state
	date  bool
}

// state says how far a moment was understood.
type state uint8

const (
	absent state = iota
	good
	vague // the day is readable, the time is not
	bad
)

const (
	floating int32 = iota
	inUTC
	namedZones // the first zone of the text
)

func (m moment) known() bool { return m.state == good || m.state == vague }

// readMoment reads YYYYMMDD, YYYYMMDDTHHMMSS and the latter with Z (RFC 5545 §3.3.4, §3.3.5). What is written counts
// more than VALUE says, but for a DATE that drags a time along. The zone is left floating or inUTC.
func readMoment(b []byte, isDate bool) moment {
	d, ok := readDate(b)
	if !ok {
		return moment{state: bad}
	}
	m := moment{wall: d * day, state: good}
	if len(b) == 8 || isDate {
		m.date = true
		return m
	}
	clock := b[8:]
	if last := clock[len(clock)-1]; last == 'Z' || last == 'z' {
		m.zone = inUTC
		clock = clock[:len(clock)-1]
	}
	s, ok := readClock(clock)
	switch {
	case ok:
		m.wall += s
	case len(clock) > 0 && '0' <= clock[0] && clock[0] <= '9':
		m.state = bad // a longer number: its first digits need not be a day
	default:
		m.state = vague
	}
	return m
}

// readDate reads the first eight bytes as a date and gives its day.
func readDate(b []byte) (int64, bool) {
	if len(b) < 8 {
		return 0, false
	}
	century, year, month, dom, ok := pairs(binary.LittleEndian.Uint64(b))
	year += 100 * century
	if !ok || month < 1 || month > 12 || dom < 1 || (dom > 28 && dom > daysInMonth(year, month)) {
		return 0, false
	}
	return dayOf(year, month, dom), true
}

// readClock reads THHMMSS as seconds since midnight. Second 60 counts as 59 (RFC 5545 §3.3.12); 24:00:00 is the
// end of the day.
func readClock(b []byte) (int64, bool) {
	if len(b) != 7 || (b[0] != 'T' && b[0] != 't') {
		return 0, false
	}
	digits := uint64(binary.LittleEndian.Uint32(b[1:])) | uint64(binary.LittleEndian.Uint16(b[5:]))<<32
	h, m, s, _, ok := pairs(digits | '0'<<48 | '0'<<56)
	if !ok || s > 60 || m > 59 || h > 24 || (h == 24 && m+s > 0) {
		return 0, false
	}
	return h*hour + m*minute + min(s, 59), true
}

// pairs reads eight decimal digits as four numbers of two. The digits stand in one word, the first in its lowest
// byte; all are tested at once, and each pair is added up in place.
func pairs(digits uint64) (a, b, c, d int64, ok bool) {
	const each = 0x0101010101010101
	const zeros, high = '0' * each, 0xF0 * each
	if digits&high != zeros || (digits+6*each)&high != zeros { // beyond 9, adding 6 carries
		return 0, 0, 0, 0, false
	}
	w := digits - zeros
	w = w*10 + w>>8 // the low byte of each pair
	return int64(w & 0xFF), int64(w >> 16 & 0xFF), int64(w >> 32 & 0xFF), int64(w >> 48 & 0xFF), true
}

// length is a DURATION in its two parts (RFC 5545 §3.3.6): days are those of the wall, seconds those of a stopwatch.
type length struct {
	days, seconds int64
	state         state
}

// most is longer than any length that can be reckoned with.
const most = 400 * 366 * day

// readLength reads P15DT5H0M20S, P7W. A sign is understood; a negative length is bad.
func readLength(b []byte) length {
	if len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	if len(b) < 3 || (b[0] != 'P' && b[0] != 'p') {
		return length{state: bad}
	}
	var l length
	number, digits, inTime, parts := int64(0), 0, false, 0
	for _, c := range b[1:] {
		switch {
		case '0' <= c && c <= '9':
			number, digits = min(number*10+int64(c-'0'), most), digits+1
			continue
		case (c == 'T' || c == 't') && !inTime && digits == 0:
			inTime = true
			continue
		case digits == 0:
			return length{state: bad}
		}
		switch {
		case (c == 'W' || c == 'w') && !inTime:
			l.days += 7 * number
		case (c == 'D' || c == 'd') && !inTime:
			l.days += number
		case (c == 'H' || c == 'h') && inTime:
			l.seconds += number * hour
		case (c == 'M' || c == 'm') && inTime:
			l.seconds += number * minute
		case (c == 'S' || c == 's') && inTime:
			l.seconds += number
		default:
			return length{state: bad}
		}
		number, digits, parts = 0, 0, parts+1
	}
	if digits > 0 || parts == 0 || l.days*day+l.seconds > most {
		return length{state: bad}
	}
	l.state = good
	return l
}

// readOffset reads ±HHMM and ±HHMMSS (RFC 5545 §3.3.14) in seconds east of Greenwich. "-0000" is taken for zero.
func readOffset(b []byte) (int64, bool) {
	if (len(b) != 5 && len(b) != 7) || (b[0] != '+' && b[0] != '-') {
		return 0, false
	}
	var n [6]int64
	for i, c := range b[1:] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n[i] = int64(c - '0')
	}
	offset := (n[0]*10+n[1])*hour + (n[2]*10+n[3])*minute + n[4]*10 + n[5]
	if offset > 18*hour {
		return 0, false
	}
	if b[0] == '-' {
		offset = -offset
	}
	return offset, true
}
