package booking

import (
	"testing"
	"time"
	_ "time/tzdata"
)

// Two days before, by day, on the clock of the place: whatever that clock does meanwhile.
func TestRemindersAreByTheClockOfThePlace(t *testing.T) {
	const layout = "2006-01-02 15:04"
	for _, c := range []struct{ zone, start, now, want string }{
		{"Europe/Paris", "2026-12-10 14:30", "2026-12-01 10:00", "2026-12-08 14:30"},
		{"Europe/Paris", "2026-12-10 08:00", "2026-12-01 10:00", "2026-12-08 09:00"}, // nobody is woken
		{"Europe/Paris", "2026-12-10 20:30", "2026-12-01 10:00", "2026-12-08 19:00"},
		{"Europe/Paris", "2026-12-10 14:30", "2026-12-08 14:30", "2026-12-08 14:30"},
		{"Europe/Paris", "2026-12-10 14:30", "2026-12-08 14:31", "2026-12-09 14:30"}, // booked later than that
		{"Europe/Paris", "2026-12-10 08:00", "2026-12-08 20:00", "2026-12-09 09:00"},
		{"Europe/Paris", "2026-12-10 08:00", "2026-12-09 07:00", "2026-12-09 09:00"},
		{"Europe/Paris", "2026-12-10 20:30", "2026-12-09 20:00", ""}, // the evening is over
		{"Europe/Paris", "2026-12-10 14:30", "2026-12-09 14:30", ""}, // it begins within a day
		{"Europe/Paris", "2026-12-10 14:30", "2026-12-10 14:00", ""},
		{"Europe/Paris", "2026-12-10 14:30", "2026-12-11 14:00", ""},
		{"Europe/Paris", "2027-01-01 10:00", "2026-12-01 10:00", "2026-12-30 10:00"},

		{"Europe/Paris", "2026-03-30 10:00", "2026-03-01 10:00", "2026-03-28 10:00"}, // clocks go forward on the 29th: 47 hours
		{"Europe/Paris", "2026-03-29 10:00", "2026-03-27 11:00", "2026-03-28 10:00"},
		{"Europe/Paris", "2026-03-29 10:00", "2026-03-28 08:30", "2026-03-28 10:00"},
		{"Europe/Paris", "2026-03-29 10:00", "2026-03-28 09:30", ""},                 // 23 hours and a half
		{"Europe/Paris", "2026-10-26 08:00", "2026-10-01 10:00", "2026-10-24 09:00"}, // and back on the 25th: 49 hours
		{"Europe/Paris", "2026-10-25 10:00", "2026-10-23 11:00", "2026-10-24 10:00"},
		{"Europe/Paris", "2026-10-25 10:00", "2026-10-24 10:30", ""}, // 24 hours and a half, and its hour is over

		{"Indian/Reunion", "2026-12-10 08:00", "2026-12-01 10:00", "2026-12-08 09:00"},
		{"Indian/Reunion", "2026-03-30 10:00", "2026-03-01 10:00", "2026-03-28 10:00"},
		{"America/Guadeloupe", "2026-12-10 19:30", "2026-12-01 10:00", "2026-12-08 19:00"},
		{"America/Guadeloupe", "2026-10-26 16:00", "2026-10-24 17:00", "2026-10-25 16:00"},
		{"Pacific/Noumea", "2026-12-10 07:30", "2026-12-01 10:00", "2026-12-08 09:00"}, // the day before in UTC
		{"Pacific/Noumea", "2026-12-10 07:30", "2026-12-09 06:00", "2026-12-09 09:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at := func(s string) time.Time {
			got, err := time.ParseInLocation(layout, s, zone)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		got, due := RemindAt(at(c.start).UTC(), at(c.now).UTC(), zone)
		if due != (c.want != "") || due && !got.Equal(at(c.want)) {
			t.Errorf("%s: of %s, at %s, people are reminded at %s (%v), want %q", c.zone, c.start, c.now, got.In(zone).Format(layout), due, c.want)
		}
		if local := got.In(zone); due && (local.Hour() < dayBegins || local.Hour() >= dayEnds) {
			t.Errorf("%s: reminded at %s", c.zone, local)
		}
	}
}

// Nobody is disturbed at night, whatever the night is long.
func TestPeopleAreAwakeByDay(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "Indian/Reunion", "America/Guadeloupe", "Pacific/Noumea"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range []time.Time{
			time.Date(2026, 3, 28, 0, 0, 0, 0, zone), time.Date(2026, 3, 29, 0, 0, 0, 0, zone),
			time.Date(2026, 10, 24, 0, 0, 0, 0, zone), time.Date(2026, 10, 25, 0, 0, 0, 0, zone), time.Date(2026, 12, 31, 0, 0, 0, 0, zone),
		} {
			for minute := range 24 * 60 {
				now := day.Add(time.Duration(minute) * time.Minute)
				got := Awake(now, zone)
				local := got.In(zone)
				by := now.In(zone).Hour() >= dayBegins && now.In(zone).Hour() < dayEnds
				if by != got.Equal(now) || got.Before(now) || got.Sub(now) > 13*time.Hour || local.Hour() < dayBegins || local.Hour() >= dayEnds {
					t.Fatalf("%s: at %s people are awake from %s on", name, now.In(zone), local)
				}
			}
		}
	}
}

// Whoever tells the person reminds her; and nobody does twice.
func TestWhoIsReminded(t *testing.T) {
	for _, c := range []struct {
		person, prescriber Channel
		to                 Actor
		by                 Channel
	}{
		{MailChannel, MailChannel, TheBeneficiary, MailChannel},
		{PrescriberChannel, MailChannel, ThePrescriber, MailChannel},
		{PrescriberChannel, NoChannel, ThePrescriber, NoChannel},
		{SourceChannel, MailChannel, "", ""},
		{NoChannel, MailChannel, "", ""},
	} {
		got := reminder(map[Actor]Channel{TheBeneficiary: c.person, ThePrescriber: c.prescriber}, time.UTC)
		if got.To != c.to || got.Channel != c.by {
			t.Errorf("told by %q and %q: %+v", c.person, c.prescriber, got)
		}
	}
}
