package icalendar

import "bytes"

// frequency of a rule, from the shortest.
type frequency uint8

const (
	noFrequency frequency = iota
	secondly
	minutely
	hourly
	daily
	weekly
	monthly
	yearly
)

// rule is a RECUR value (RFC 5545 §3.3.10). Lists are sets of bits, so that a rule has a fixed size and a day is
// tested in a few instructions whatever the rule.
type rule struct {
	freq     frequency
	wkst     int8  // first day of the week, 0 is Sunday
	interval int64 // at least 1
	count    int64 // 0: none
	until    moment

	months    uint16 // bit 1 is January
	weekdays  uint8  // bit 0 is Sunday: every one in the period
	hasNth    bool
	nth       [7]signed // by weekday: the first, second… or the last ones of the month or year
	monthDays signed
	yearDays  signed
	weeks     signed
	positions signed // BYSETPOS
	hours     uint32
	minutes   uint64
	seconds   uint64
}

// signed is a set of the numbers ±1 to ±366: counted from the start, and from the end.
type signed struct {
	set      bool
	from, to [6]uint64
}

func (s *signed) add(n int64) {
	s.set = true
	if n < 0 {
		s.to[-n>>6] |= 1 << (-n & 63)
	} else {
		s.from[n>>6] |= 1 << (n & 63)
	}
}

// has reports whether the set holds the place n of total, counted from either end.
func (s *signed) has(n, total int64) bool {
	back := total - n + 1
	return n < 384 && s.from[n>>6]>>(n&63)&1 != 0 || back < 384 && s.to[back>>6]>>(back&63)&1 != 0
}

const (
	most31    = 1 << 31
	mostTimes = 24 * 60 // times of the day in one rule
)

// parseRule is rule.parse for whoever has no memory of a rule to hand.
func parseRule(b []byte) (r rule, ok bool) {
	ok = r.parse(b)
	return r, ok
}

// parse is not ok when the rule says something that is not understood and that could add or move occurrences. Its
// until, when readable, is set nevertheless.
func (r *rule) parse(b []byte) (ok bool) {
	*r = rule{interval: 1, wkst: 1}
	ok = true
	for len(b) > 0 {
		part := b
		if i := bytes.IndexByte(b, ';'); i >= 0 {
			part, b = b[:i], b[i+1:]
		} else {
			b = nil
		}
		if part = trimmed(part); len(part) > 0 {
			ok = r.part(part) && ok
		}
	}
	times := bitsIn(uint64(r.hours)) * bitsIn(r.minutes) * bitsIn(r.seconds)
	if r.freq == noFrequency || times > mostTimes {
		return false
	}
	if r.weeks.set && r.hasNth {
		return false // RFC 5545 §3.3.10: no numbered BYDAY with BYWEEKNO
	}
	return ok
}

// part reads NAME=VALUE.
func (r *rule) part(b []byte) bool {
	key, value, _ := bytes.Cut(b, []byte{'='})
	key, value = trimmed(key), trimmed(value)
	var upper [16]byte
	if len(key) > len(upper) {
		return true
	}
	switch string(appendUpper(upper[:0], key)) {
	case "FREQ":
		r.freq = frequencyOf(value)
		return r.freq != noFrequency
	case "INTERVAL":
		n, ok := decimal(value, most31)
		r.interval = max(n, 1)
		return ok && n > 0
	case "COUNT":
		n, ok := decimal(value, most31)
		r.count = n
		return ok && n > 0
	case "UNTIL":
		r.until = readMoment(value, false)
		if r.until.state == vague { // the whole of the day
			r.until = moment{wall: floorDiv(r.until.wall, day) * day, state: good, date: true}
		}
		return r.until.known()
	case "WKST":
		n := weekdayOf(value)
		r.wkst = max(n, 0)
		return n >= 0
	case "BYMONTH":
		return eachNumber(value, 1, 12, func(n int64) { r.months |= 1 << n })
	case "BYDAY":
		return r.byDay(value)
	case "BYMONTHDAY":
		return eachSigned(value, 31, &r.monthDays)
	case "BYYEARDAY":
		return eachSigned(value, 366, &r.yearDays)
	case "BYWEEKNO":
		return eachSigned(value, 53, &r.weeks)
	case "BYSETPOS":
		return eachSigned(value, 366, &r.positions)
	case "BYHOUR":
		return eachNumber(value, 0, 23, func(n int64) { r.hours |= 1 << n })
	case "BYMINUTE":
		return eachNumber(value, 0, 59, func(n int64) { r.minutes |= 1 << n })
	case "BYSECOND":
		return eachNumber(value, 0, 60, func(n int64) { r.seconds |= 1 << min(n, 59) })
	case "RSCALE":
		return is(value, "GREGORIAN")
	case "SKIP":
		return is(value, "OMIT")
	}
	// A part that nobody knows (X-…, a misspelt UNTIL) can only have been meant to take occurrences away.
	return !bytes.HasPrefix(appendUpper(upper[:0], key), []byte("BY"))
}

func frequencyOf(b []byte) frequency {
	for i, name := range [...]string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"} {
		if is(b, name) {
			return secondly + frequency(i)
		}
	}
	return noFrequency
}

// weekdayOf is -1 when the two letters are no day.
func weekdayOf(b []byte) int8 {
	for i, name := range [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"} {
		if is(b, name) {
			return int8(i)
		}
	}
	return -1
}

func (r *rule) byDay(value []byte) bool {
	return each(value, func(item []byte) bool {
		if len(item) < 2 {
			return false
		}
		wd := weekdayOf(item[len(item)-2:])
		if wd < 0 {
			return false
		}
		if len(item) == 2 {
			r.weekdays |= 1 << wd
			return true
		}
		n, ok := signedDecimal(bytes.TrimSpace(item[:len(item)-2]), 53)
		if ok {
			r.hasNth = true
			r.nth[wd].add(n)
		}
		return ok
	})
}

// each calls f with the items of a list until one is refused. Empty items and an empty list are passed over.
func each(list []byte, f func(item []byte) bool) bool {
	for item := range bytes.SplitSeq(list, []byte{','}) {
		if item = bytes.TrimSpace(item); len(item) > 0 && !f(item) {
			return false
		}
	}
	return true
}

func eachNumber(list []byte, low, high int64, f func(int64)) bool {
	return each(list, func(item []byte) bool {
		n, ok := decimal(item, high+1)
		if ok = ok && low <= n && n <= high; ok {
			f(n)
		}
		return ok
	})
}

func eachSigned(list []byte, high int64, s *signed) bool {
	return each(list, func(item []byte) bool {
		n, ok := signedDecimal(item, high)
		if ok {
			s.add(n)
		}
		return ok
	})
}

// signedDecimal reads ±1 to ±high.
func signedDecimal(b []byte, high int64) (int64, bool) {
	sign := int64(1)
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			sign = -1
		}
		b = b[1:]
	}
	n, ok := decimal(b, high+1)
	return sign * n, ok && 1 <= n && n <= high
}

// decimal reads a number without sign; a greater one than most counts as most.
func decimal(b []byte, most int64) (int64, bool) {
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int64(c-'0'), most)
	}
	return n, len(b) > 0
}
