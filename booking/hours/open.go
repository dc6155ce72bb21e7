package hours

import (
	"time"

	"passerelle/connectors/interval"
)

// maxWindow is the longest window that is answered: five years.
const maxWindow = 5 * 366 * secondsPerDay

// Open says when the place is open inside the window w. z is the place's zone, in which the value's times are local: a
// time that occurs twice (DST) is the first one, one that does not occur is read with the offset before the change.
//
// Both results are sorted and disjoint, also from each other, and lie in w. Where it is unknown whether the place is
// open, it must be treated as not open. All is unknown where nothing was understood, without a zone, after the first
// five years of the window, and outside of the years 1583 to 4099.
func (s *Schedule) Open(w interval.Interval, z *time.Location, c Calendar) (opened, unknowns []interval.Interval) {
	if w.Empty() {
		return nil, nil
	}
	known := w.Clip(interval.Interval{
		Start: dayOf(firstYear, time.January, 2).midnight().Unix(),
		End:   dayOf(lastYear, time.December, 31).midnight().Unix(),
	})
	if s.Understood() == Nothing || z == nil || known.Empty() {
		return nil, []interval.Interval{w}
	}
	known.End = min(known.End, known.Start+maxWindow)
	if w.Start < known.Start {
		unknowns = append(unknowns, interval.Interval{Start: w.Start, End: known.Start})
	}
	opened, unknowns = s.walk(known, z, c, unknowns)
	if known.End < w.End {
		unknowns = append(unknowns, interval.Interval{Start: known.End, End: w.End})
	}
	// A change of the offset may put two spans of local time over each other.
	opened, unknowns = interval.Union(opened), interval.Union(unknowns)
	if len(unknowns) > 0 && len(opened) > 0 {
		opened = interval.Minus(opened, unknowns)
	}
	return opened, unknowns
}

// walk reads the window day by day. What it finds unknown is appended to unknowns.
func (s *Schedule) walk(w interval.Interval, z *time.Location, c Calendar, unknowns []interval.Interval) (_, _ []interval.Interval) {
	var opened []interval.Interval
	r := newReader(s, c)
	first, last := localDay(w.Start, z), localDay(w.End-1, z)
	r.read(first - 1) // for what runs over midnight
	for d := first; d <= last; d++ {
		for _, sp := range r.read(d) {
			i := interval.Interval{Start: instant(d, sp.from, z), End: instant(d, sp.to, z)}.Clip(w)
			switch {
			case i.Empty():
			case sp.state == open:
				opened = append(opened, i)
			default:
				unknowns = append(unknowns, i)
			}
		}
	}
	return opened, unknowns
}

// localDay is the local date of an instant.
func localDay(unix int64, z *time.Location) day {
	return dayOf(time.Unix(unix, 0).In(z).Date())
}

// instant is the Unix time of a minute of a local day.
func instant(d day, minute int, z *time.Location) int64 {
	local := int64(d)*secondsPerDay + int64(minute)*60 // as if the zone were UTC
	before := offset(local-secondsPerDay, z)           // surely before any change that concerns us
	early := local - before
	now := offset(early, z)
	if now == before {
		return early
	}
	if late := local - now; offset(late, z) == now {
		return late
	}
	return early // it does not occur: the clock jumps over it
}

// offset is how many seconds local time is ahead of UTC.
func offset(unix int64, z *time.Location) int64 {
	_, seconds := time.Unix(unix, 0).In(z).Zone()
	return int64(seconds)
}

// reader applies rules to consecutive days. Its three timelines take turns, so that a day costs no memory.
type reader struct {
	rules             []rule
	almanac           almanac
	spills            bool
	day, other, blent timeline
	today, yesterday  []answer // whether what each rule says of that day stands
}

func newReader(s *Schedule, c Calendar) *reader {
	rules := s.usual(c.HolidaysAsUsual)
	r := &reader{rules: rules, almanac: newAlmanac(c), spills: s.spills}
	if s.spills {
		stands := make([]answer, 2*len(rules))
		r.today, r.yesterday = stands[:len(rules)], stands[len(rules):]
	}
	return r
}

// read returns the timeline of day d, good until the next call. It must follow the day before, or else what ran over
// midnight is not known.
func (r *reader) read(d day) timeline {
	r.day = r.day[:0]
	r.today, r.yesterday = r.yesterday, r.today
	for i := range r.rules {
		each := &r.rules[i]
		on := each.on(d, &r.almanac)
		r.lay(on, each, (*rule).onDay)
		if r.spills {
			r.lay(r.yesterday[i], each, (*rule).onMorrow)
			if each.join == fallback {
				r.lay(min(r.yesterday[i], perhaps), each, (*rule).overMorrow)
			}
			r.today[i] = on
			if on != no && each.overrules() {
				r.doubt(i)
			}
		}
	}
	return r.day
}

// doubt says that a later rule takes the day away from the first n ones: whether it takes away the hours after
// midnight too, readers of OSM do not agree.
func (r *reader) doubt(n int) {
	for i := range n {
		r.today[i] = min(r.today[i], perhaps)
	}
}

// lay puts a part of a rule on the day, as surely as it applies.
func (r *reader) lay(applies answer, each *rule, part func(*rule, timeline) timeline) {
	switch applies {
	case yes:
		r.day = part(each, r.day)
	case perhaps:
		r.other = part(each, append(r.other[:0], r.day...))
		r.blent = blend(r.blent[:0], r.day, r.other)
		r.day, r.blent = r.blent, r.day
	}
}
