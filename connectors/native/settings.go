package native

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Settings are the structure's own openings. Times are those of the wall clock in the zone of the connection.
type Settings struct {
	Weekly     []Opening   `json:"ouvertures"`
	Exceptions []Exception `json:"exceptions"` // in order: where two speak of the same time, the later one is right
}

// Opening is a time of the week, every week.
type Opening struct {
	Days  []string `json:"jours"` // "lu", "ma", "me", "je", "ve", "sa", "di"
	From  string   `json:"de"`    // "09:00"
	To    string   `json:"a"`     // "12:00", "24:00" for midnight; after From: an opening over midnight is written as two
	Since string   `json:"du"`    // first day, "2026-01-01"; empty is always
	Until string   `json:"au"`    // last day, inclusive; empty is for ever
}

// Exception is a time that is closed, or open, whatever the week says.
type Exception struct {
	Start string `json:"debut"`  // a day, "2026-12-24", or a time, "2026-12-05T09:00"
	End   string `json:"fin"`    // a day, inclusive, or a time, exclusive; empty is the day of Start
	Open  bool   `json:"ouvert"` // only times open: a whole day would be open all night
}

// schedule is what Settings say, read and checked.
type schedule struct {
	weekly     []opening
	exceptions []exception
}

type opening struct {
	days         [7]bool // by time.Weekday
	from, to     clock
	since, until time.Time // local midnights: the first day, and the day after the last; zero: unbounded
}

type exception struct {
	start, end time.Time // half-open
	open       bool
}

// clock is a time of day in minutes; 24:00 is 1440.
type clock int

// dayNames by time.Weekday.
var dayNames = []string{"di", "lu", "ma", "me", "je", "ve", "sa"}

// schedule checks every value; the error names its key.
func (s Settings) schedule(zone *time.Location) (schedule, error) {
	var read schedule
	for i, o := range s.Weekly {
		w, err := o.read(zone)
		if err != nil {
			return schedule{}, fmt.Errorf("ouvertures[%d].%w", i, err)
		}
		read.weekly = append(read.weekly, w)
	}
	for i, e := range s.Exceptions {
		x, err := e.read(zone)
		if err != nil {
			return schedule{}, fmt.Errorf("exceptions[%d].%w", i, err)
		}
		read.exceptions = append(read.exceptions, x)
	}
	return read, nil
}

func (o Opening) read(zone *time.Location) (w opening, err error) {
	if len(o.Days) == 0 {
		return w, errors.New("jours: at least one day is needed")
	}
	for i, name := range o.Days {
		day := slices.Index(dayNames, strings.ToLower(name))
		if day < 0 {
			return w, fmt.Errorf("jours[%d]: %q is not one of lu, ma, me, je, ve, sa, di", i, name)
		}
		w.days[day] = true
	}
	if w.from, err = readClock(o.From); err != nil {
		return w, fmt.Errorf("de: %w", err)
	}
	if w.to, err = readClock(o.To); err != nil {
		return w, fmt.Errorf("a: %w", err)
	}
	if w.to <= w.from {
		return w, fmt.Errorf("a: %s is not after %s; an opening over midnight is written as two", o.To, o.From)
	}
	if o.Since != "" {
		if w.since, err = readDay(o.Since, zone); err != nil {
			return w, fmt.Errorf("du: %w", err)
		}
	}
	if o.Until != "" {
		if w.until, err = readDay(o.Until, zone); err != nil {
			return w, fmt.Errorf("au: %w", err)
		}
		w.until = w.until.AddDate(0, 0, 1)
		if !w.until.After(w.since) {
			return w, fmt.Errorf("au: %s is before %s", o.Until, o.Since)
		}
	}
	return w, nil
}

func (e Exception) read(zone *time.Location) (x exception, err error) {
	x.open = e.Open
	if strings.Contains(e.Start, "T") {
		if x.start, err = readMoment(e.Start, zone); err != nil {
			return x, fmt.Errorf("debut: %w", err)
		}
		if x.end, err = readMoment(e.End, zone); err != nil {
			return x, fmt.Errorf("fin: %w", err)
		}
	} else {
		if x.start, err = readDay(e.Start, zone); err != nil {
			return x, fmt.Errorf("debut: %w", err)
		}
		last := e.End
		if last == "" {
			last = e.Start
		}
		if x.end, err = readDay(last, zone); err != nil {
			return x, fmt.Errorf("fin: %w", err)
		}
		x.end = x.end.AddDate(0, 0, 1)
		if e.Open {
			return x, errors.New("ouvert: an exception that opens needs times (2026-12-05T09:00), not days")
		}
	}
	if !x.end.After(x.start) {
		return x, fmt.Errorf("fin: %s is not after %s", e.End, e.Start)
	}
	return x, nil
}

func readClock(text string) (clock, error) {
	if text == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time of day (09:00)", text)
	}
	return clock(t.Hour()*60 + t.Minute()), nil
}

func readDay(text string, zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return t, fmt.Errorf("%q is not a day (2026-12-24)", text)
	}
	return t, nil
}

func readMoment(text string, zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02T15:04", text, zone)
	if err != nil {
		return t, fmt.Errorf("%q is not a day and a time (2026-12-05T09:00)", text)
	}
	return t, nil
}
