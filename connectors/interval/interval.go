package interval

import (
	"fmt"
	"slices"
	"time"
)

// Interval is the half-open span [Start, End), in Unix seconds (UTC).
// Sixteen bytes without a pointer: a year of a busy diary fits a page, and the collector does not look at it.
type Interval struct {
	Start, End int64
}

// Of returns [start, end). Fractions of a second are dropped from the start and rounded up at the end, so that
// the span never gets smaller than what was asked.
func Of(start, end time.Time) Interval {
	e := end.Unix()
	if end.Nanosecond() > 0 {
		e++
	}
	return Interval{start.Unix(), e}
}

// StartTime is the first instant of the span, in UTC.
func (i Interval) StartTime() time.Time { return time.Unix(i.Start, 0).UTC() }

// EndTime is the first instant after the span, in UTC.
func (i Interval) EndTime() time.Time { return time.Unix(i.End, 0).UTC() }

// Duration is the length of the span; negative if it is turned round.
func (i Interval) Duration() time.Duration { return time.Duration(i.End-i.Start) * time.Second }

// Empty reports whether no instant lies in the span.
func (i Interval) Empty() bool { return i.Start >= i.End }

// Overlaps reports whether an instant lies in both spans. Spans that touch do not overlap.
func (i Interval) Overlaps(o Interval) bool {
	return i.Start < o.End && o.Start < i.End && !i.Empty() && !o.Empty()
}

// Covers reports whether the whole of o lies in i.
func (i Interval) Covers(o Interval) bool { return i.Start <= o.Start && o.End <= i.End }

// Clip returns the part of i that lies in w; it is empty when they do not overlap.
func (i Interval) Clip(w Interval) Interval {
	return Interval{max(i.Start, w.Start), min(i.End, w.End)}
}

// String shows both ends in RFC 3339, for logs and test failures.
func (i Interval) String() string {
	return fmt.Sprintf("[%s, %s)", i.StartTime().Format(time.RFC3339), i.EndTime().Format(time.RFC3339))
}

// Union sorts spans in place, drops the empty ones and joins those that overlap or touch.
// The result shares the memory of its argument.
func Union(spans []Interval) []Interval {
	spans = slices.DeleteFunc(spans, Interval.Empty)
	slices.SortFunc(spans, func(a, b Interval) int {
		switch {
		case a.Start < b.Start:
			return -1
		case a.Start > b.Start:
			return 1
		}
		return 0
	})
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Minus returns the instants of a that are not in b. Both must be unions (sorted, disjoint); so is the result.
func Minus(a, b []Interval) []Interval {
	var out []Interval
	for _, s := range a {
		for len(b) > 0 && b[0].End <= s.Start {
			b = b[1:]
		}
		for _, hole := range b {
			if hole.Start >= s.End {
				break
			}
			if s.Start < hole.Start {
				out = append(out, Interval{s.Start, hole.Start})
			}
			s.Start = max(s.Start, hole.End)
		}
		if !s.Empty() {
			out = append(out, s)
		}
	}
	return out
}

// Cut returns the part of each span that lies in w, in the same order, without the empty ones.
func Cut(spans []Interval, w Interval) []Interval {
	var out []Interval
	for _, s := range spans {
		if c := s.Clip(w); !c.Empty() {
			out = append(out, c)
		}
	}
	return out
}
