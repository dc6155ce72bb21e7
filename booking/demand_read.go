package booking

import (
	"context"
	"time"
)

// Month is a month of the calendar, YYYY-MM.
type Month string

// ParseMonth reads a month, or its first day. Anything else is Invalid and names the field: a part of a month is not read.
func ParseMonth(field, text string) (Month, error) {
	at, err := time.Parse("2006-01", text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil || at.Day() != 1 {
		return "", InvalidField(field, "n'est ni un mois (2026-11) ni son premier jour (2026-11-01)")
	}
	return Month(at.Format("2006-01")), nil
}

func (m Month) firstDay() string { return string(m) + "-01" }

// LastMonth is [from, to) of the last month that changes no more. One closes a day after its end, in Paris: until then what was
// counted in it may be on its way to the ledger.
func (d *Demand) LastMonth() (from, to Month) {
	y, m, _ := d.Now().In(d.paris).AddDate(0, 0, -1).Date()
	month := func(m time.Month) Month { return Month(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC).Format("2006-01")) }
	return month(m - 1), month(m)
}

// open is the first month that may still change.
func (d *Demand) open() Month {
	_, open := d.LastMonth()
	return open
}

// Fewest is the least number of searches that is told; less is only said to be less.
const Fewest = 5

// DemandLine is how often something was sought in a month, as anybody may know it.
type DemandLine struct {
	Month Month
	Sought
	Few    bool // fewer than Fewest, and at least one
	Number int  // zero where they are few
}

// Report is what was sought in the months [from, to), by month and what; what never was is left out. It tells whole months,
// once they change no more, each kind of search by itself and no sum: no two answers together say what either keeps back.
func (d *Demand) Report(ctx context.Context, from, to Month) ([]DemandLine, error) {
	switch {
	case to > d.open():
		return nil, InvalidField("to", "un mois se lit fini, à partir du 2 du mois suivant : "+string(d.open())+" n'est pas encore lisible")
	case from >= to:
		return nil, InvalidField("to", "doit être après from")
	}
	sums, err := d.Kept.SearchesIn(ctx, from.firstDay(), to.firstDay())
	if err != nil {
		return nil, err
	}
	out := make([]DemandLine, len(sums))
	for i, s := range sums {
		out[i] = DemandLine{Month: Month(s.When), Sought: s.Sought, Number: s.Number}
		if s.Number < Fewest {
			out[i].Few, out[i].Number = true, 0
		}
	}
	return out, nil
}
