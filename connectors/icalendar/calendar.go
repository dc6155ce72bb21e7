package icalendar

import (
	"errors"
	"iter"
	"regexp"
	"slices"
	"time"

	"passerelle/connectors/interval"
)

// The two refusals of Read. Everything else that is wrong is Doubt in the Calendar.
var (
	ErrNoCalendar = errors.New("icalendar: no VCALENDAR in the text")
	ErrTooLarge   = errors.New("icalendar: the text passes a limit")
)

// Options says how a calendar is read. The zero value is the safe one.
type Options struct {
	Zone         *time.Location // of floating times and all-day events; nil is UTC
	CalendarZone bool           // X-WR-TIMEZONE replaces Zone; when nobody knows it, what is in no other zone is Doubt
	Owner        string         // mail address whose PARTSTAT counts; empty: nobody's

	FreeTentative   bool // tentative events leave their time free
	FreeOutOfOffice bool // so does "out of office"
	FreeElsewhere   bool // so does "working elsewhere"

	Openings *Openings // events that are the availability itself; nil: none are
	Wordless bool      // Summary, Location and Categories of an Event stay empty: they are not asked for
	Limits   Limits
}

// Openings tells which events offer time instead of taking it. With neither field, all of them do.
type Openings struct {
	Categories []string       // one of these, whatever the case
	Summary    *regexp.Regexp // or a summary that matches
}

// Limits bound the work that one text may cause. A zero field stands for its default.
type Limits struct {
	Bytes       int // of the text: 20 MiB
	Line        int // bytes of an unfolded line, a longer one is skipped: 64 KiB
	Depth       int // of components in components: 8
	Parameters  int // of one property: 64
	Events      int // and other components: 20,000
	Occurrences int // 500,000
	Steps       int // of expansion, for the whole: 4,000,000
	SeriesSteps int // of expansion, for one series: 200,000
}

func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		field *int
		value int
	}{
		{&l.Bytes, 20 << 20},
		{&l.Line, 64 << 10},
		{&l.Depth, 8},
		{&l.Parameters, 64},
		{&l.Events, 20_000},
		{&l.Occurrences, 500_000},
		{&l.Steps, 4_000_000},
		{&l.SeriesSteps, 200_000},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return l
}

// Calendar is what a text says of a window.
type Calendar struct {
	Occurrences []Occurrence // of events, those that overlap the window; sorted by start, then end
	Periods     []Period     // what VFREEBUSY and VAVAILABILITY state; not sorted
	FreeBusy    []FreeBusy   // one for each VFREEBUSY, in the order of the text
	Doubt       []Doubt      // cut to the window; nothing inside may be shown as free
	Skipped     Skipped

	steps int // spent on expansion
}

// Occurrence is one time at which an event takes place, as the text has it. It may have no length (RFC 5545 §3.6.1:
// no DTEND and no DURATION); it counts when it starts before the window's end and ends after the window's start, or
// has no length and starts in the window. Where the text contradicts itself (an end before the start, a day without
// length, a zone that nobody knows), it stands as written or guessed, and Doubt covers all that it may take.
type Occurrence struct {
	interval.Interval
	*Event // shared by all occurrences of the event; never nil
}

// Event is what is said once of all occurrences of an event. The texts are unescaped and untrusted.
type Event struct {
	UID, Summary, Location string
	Categories             []string
	Transparent            bool // TRANSP, as written
	AllDay                 bool // its start is a date
	Meaning                Meaning
}

// Period is a time that is stated taken, free or open without an event.
type Period struct {
	interval.Interval
	Meaning Meaning
}

// FreeBusy is the span that a VFREEBUSY speaks for (RFC 5545 §3.6.4), from its DTSTART to its DTEND: not cut to the
// window, and empty when it gives none or one that cannot be understood. What is in no such span, and is not stated by
// a Period either, is not known.
type FreeBusy struct {
	interval.Interval
	Silent bool // without any FREEBUSY: nothing is taken, or the server says nothing; the text does not tell which
}

// Meaning is what a time is for whoever looks for a free one.
type Meaning uint8

// The meanings. The zero value is the safe one.
const (
	Busy Meaning = iota // taken
	Free                // neither takes nor offers time
	Open                // offered
)

// Doubt is a time about which nothing can be said. Reason is a sentence in French that holds no text of the
// calendar. The shape is that of connectors.Doubt, so that one converts to the other.
type Doubt struct {
	interval.Interval
	Reason string
}

// Skipped counts what could not be read, whether or not it causes Doubt.
type Skipped struct {
	Lines   int      // that are no property, or too long
	Events  int      // with a part that could not be understood
	Remarks []Remark // the first ones only
}

// Remark says of a line (from 1; 0 for the text as a whole) what could not be read, in French, without text of the calendar.
type Remark struct {
	Line int
	Text string
}

// Apart takes the events out whose UID is ours, and gives what is left; ours are those that take time: one that somebody
// marked as free, or cancelled, takes none.
func (c *Calendar) Apart(isOurs func(uid string) bool) (ours []Occurrence, others *Calendar) {
	if !slices.ContainsFunc(c.Occurrences, func(o Occurrence) bool { return isOurs(o.UID) }) {
		return nil, c // mostly
	}
	rest := *c
	rest.Occurrences = slices.DeleteFunc(slices.Clone(c.Occurrences), func(o Occurrence) bool {
		mine := isOurs(o.UID)
		if mine && !o.Transparent && o.Meaning != Free {
			ours = append(ours, o)
		}
		return mine
	})
	return ours, &rest
}

// Complete reports whether everything that bears on the window was understood.
func (c *Calendar) Complete() bool { return len(c.Doubt) == 0 }

// Busy is the union of all that is taken: sorted, disjoint, not cut to the window.
func (c *Calendar) Busy() []interval.Interval { return c.union(Busy) }

// Open is the union of all that is offered: sorted, disjoint, not cut to the window. Busy is not taken out of it.
func (c *Calendar) Open() []interval.Interval { return c.union(Open) }

func (c *Calendar) union(m Meaning) []interval.Interval {
	n := 0
	for range c.joined(m) {
		n++
	}
	for i := range c.Periods {
		if c.Periods[i].Meaning == m {
			n++
		}
	}
	spans := slices.AppendSeq(make([]interval.Interval, 0, n), c.joined(m))
	if len(spans) == n {
		return spans // mostly
	}
	for _, p := range c.Periods {
		if p.Meaning == m {
			spans = append(spans, p.Interval)
		}
	}
	return slices.Clip(interval.Union(spans))
}

// joined gives the union of the occurrences that mean it: they are sorted.
func (c *Calendar) joined(m Meaning) iter.Seq[interval.Interval] {
	return func(yield func(interval.Interval) bool) {
		var last interval.Interval // empty at first
		for i := range c.Occurrences {
			o := &c.Occurrences[i]
			switch {
			case o.Meaning != m || o.Empty():
			case last.Empty():
				last = o.Interval
			case o.Start <= last.End:
				last.End = max(last.End, o.End)
			default:
				if !yield(last) {
					return
				}
				last = o.Interval
			}
		}
		if !last.Empty() {
			yield(last)
		}
	}
}
