package main

import (
	"flag"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// windowFlags are --from, --to and --zone, which several commands share.
type windowFlags struct {
	from, to, zone *string
}

func windowOf(f *flag.FlagSet) windowFlags {
	return windowFlags{
		from: f.String("from", "", "début : instant (RFC 3339) ou date, en heure locale du fuseau ; aujourd'hui par défaut"),
		to:   f.String("to", "", "fin, non comprise ; 14 jours plus tard par défaut"),
		zone: f.String("zone", "Europe/Paris", "fuseau des dates, des heures flottantes et des journées entières"),
	}
}

// read gives the window and its zone; what cannot be read is Invalid and names the option.
func (w windowFlags) read(now time.Time) (interval.Interval, *time.Location, error) {
	zone, err := time.LoadLocation(*w.zone)
	if err != nil || *w.zone == "" || *w.zone == "Local" {
		return interval.Interval{}, nil, booking.InvalidField("zone", "n'est pas un fuseau IANA, comme Europe/Paris ou Indian/Reunion")
	}
	y, m, d := now.In(zone).Date()
	from, err := instant("from", *w.from, time.Date(y, m, d, 0, 0, 0, 0, zone), zone)
	if err != nil {
		return interval.Interval{}, nil, err
	}
	to, err := instant("to", *w.to, from.AddDate(0, 0, 14), zone)
	if err != nil {
		return interval.Interval{}, nil, err
	}
	if !from.Before(to) {
		return interval.Interval{}, nil, booking.InvalidField("to", "doit être après from")
	}
	return interval.Of(from, to), zone, nil
}

func instant(name, raw string, otherwise time.Time, zone *time.Location) (time.Time, error) {
	if raw == "" {
		return otherwise, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, raw, zone); err == nil {
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, raw)
	if err != nil {
		return at, booking.InvalidField(name, "n'est ni une date (2026-12-01) ni un instant (2026-12-01T09:00:00+01:00)")
	}
	return at, nil
}
