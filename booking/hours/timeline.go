package hours

import "slices"

const minutesPerDay = 24 * 60

// span is the half-open time [from, to) in minutes of the local day, with its state.
type span struct {
	from, to int
	state    state
}

// timeline is one local day: sorted, disjoint spans; closed time is left out.
type timeline []span

// paint puts s over what was there. It changes t.
func (t timeline) paint(s span) timeline {
	if s.from >= s.to {
		return t
	}
	first := 0
	for first < len(t) && t[first].to <= s.from {
		first++
	}
	after := first
	for after < len(t) && t[after].from < s.to {
		after++
	}
	var room [3]span
	put := room[:0]
	if first < after && t[first].from < s.from {
		put = append(put, span{t[first].from, s.from, t[first].state})
	}
	if s.state != closed {
		put = append(put, s)
	}
	if first < after && t[after-1].to > s.to {
		put = append(put, span{s.to, t[after-1].to, t[after-1].state})
	}
	return slices.Replace(t, first, after, put...)
}

// fill puts s where t is closed. It changes t.
func (t timeline) fill(s span) timeline {
	for i := 0; s.from < s.to; i++ {
		if i == len(t) || t[i].from >= s.to {
			return t.paint(s)
		}
		if s.from < t[i].from {
			t = t.paint(span{s.from, t[i].from, s.state})
			if s.state != closed {
				i++ // what was just put
			}
		}
		s.from = max(s.from, t[i].to)
	}
	return t
}

// at is the state at a minute and the minute up to which it lasts. The spans that end before it are dropped.
func (t *timeline) at(minute int) (state, int) {
	for len(*t) > 0 && (*t)[0].to <= minute {
		*t = (*t)[1:]
	}
	switch {
	case len(*t) == 0:
		return closed, minutesPerDay
	case (*t)[0].from > minute:
		return closed, (*t)[0].from
	}
	return (*t)[0].state, (*t)[0].to
}

// blend appends to dst what two readings of a day agree on; where they do not, it is unknown.
func blend(dst, a, b timeline) timeline {
	for minute := 0; minute < minutesPerDay; {
		one, untilOne := a.at(minute)
		other, untilOther := b.at(minute)
		if one != other {
			one = unknown
		}
		next := min(untilOne, untilOther)
		if one != closed {
			dst = append(dst, span{minute, next, one})
		}
		minute = next
	}
	return dst
}
