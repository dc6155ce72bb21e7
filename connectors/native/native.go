package native

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Connector is an agenda that is kept here. No URL leads to it.
var Connector = connectors.Define("native", nil, open)

var (
	_ connectors.Agenda    = agenda{}
	_ connectors.Guarantor = agenda{}
)

// longestWindow bounds the work of one reading, in seconds.
const longestWindow = 3 * 366 * 24 * 3600

type agenda struct {
	zone     *time.Location
	schedule schedule
}

// open ignores the address: there is nothing to reach.
func open(c connectors.Connection, s Settings, _ connectors.Env) (connectors.Agenda, error) {
	read, err := s.schedule(c.Zone)
	if err != nil {
		return nil, &connectors.Error{Op: "open", Kind: connectors.Invalid, Err: fmt.Errorf("native settings: %w", err)}
	}
	return agenda{zone: c.Zone, schedule: read}, nil
}

// Guarantee is Atomic: the ledger, which refuses every overlap, is the only diary.
func (agenda) Guarantee() connectors.Guarantee { return connectors.Atomic }

// Read says what the settings open. Where they open nothing at all, the opening hours of the place rule, and the
// exceptions that close are busy time.
func (a agenda) Read(_ context.Context, q connectors.Query) (connectors.Reading, error) {
	if q.Window.End-q.Window.Start > longestWindow {
		return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Invalid, Err: errors.New("native: the window is longer than three years")}
	}
	if !a.schedule.opens() {
		return connectors.Reading{Basis: connectors.Busy, Busy: interval.Union(a.schedule.closures(q.Window))}, nil
	}
	return connectors.Reading{Basis: connectors.Open, Open: a.openings(q.Window)}, nil
}

// opens reports whether the settings open anything, ever.
func (s schedule) opens() bool {
	return len(s.weekly) > 0 || slices.ContainsFunc(s.exceptions, func(e exception) bool { return e.open })
}

func (s schedule) closures(w interval.Interval) (closed []interval.Interval) {
	for _, e := range s.exceptions {
		if span := interval.Of(e.start, e.end); span.Overlaps(w) {
			closed = append(closed, span)
		}
	}
	return closed
}

// openings are those of the days that the window touches, changed by each exception in turn.
func (a agenda) openings(w interval.Interval) []interval.Interval {
	var open []interval.Interval
	first := w.StartTime().In(a.zone)
	for n := range 2 + int(max(0, w.Duration())/(23*time.Hour)) { // a day has 23 hours at least
		open = append(open, a.schedule.on(time.Date(first.Year(), first.Month(), first.Day()+n, 12, 0, 0, 0, a.zone))...)
	}
	open = interval.Union(open)
	for _, e := range a.schedule.exceptions {
		span := []interval.Interval{interval.Of(e.start, e.end)}
		if e.open {
			open = interval.Union(append(open, span...))
		} else {
			open = interval.Minus(open, span)
		}
	}
	return interval.Cut(open, w)
}

// on lists the weekly openings of a day, given by its noon: midnight does not exist everywhere every day.
func (s schedule) on(day time.Time) (open []interval.Interval) {
	for _, o := range s.weekly {
		if !o.days[day.Weekday()] || day.Before(o.since) || !o.until.IsZero() && !day.Before(o.until) {
			continue
		}
		if span := interval.Of(o.from.on(day), o.to.on(day)); !span.Empty() {
			open = append(open, span)
		}
	}
	return open
}

// on is the instant at which a clock on the wall shows c that day: not so many minutes after midnight, which differs
// on the two days of the year when the clocks change.
func (c clock) on(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), int(c)/60, int(c)%60, 0, 0, day.Location())
}
