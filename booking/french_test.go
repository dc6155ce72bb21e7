package booking

import (
	"testing"
	"time"
)

func TestAnInstantIsSaidOnTheClocksOfItsZone(t *testing.T) {
	for _, c := range []struct {
		at, zone, want string
	}{
		{"2026-12-01T09:00:00Z", "Europe/Paris", "mardi 1er décembre 2026 à 10 h 00"},
		{"2026-08-02T07:05:00Z", "Europe/Paris", "dimanche 2 août 2026 à 9 h 05"},
		{"2026-12-31T23:30:00Z", "Europe/Paris", "vendredi 1er janvier 2027 à 0 h 30"},
		{"2026-02-28T22:00:00Z", "Indian/Reunion", "dimanche 1er mars 2026 à 2 h 00 (heure du lieu)"},
		{"2026-02-28T02:00:00Z", "America/Martinique", "vendredi 27 février 2026 à 22 h 00 (heure du lieu)"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := InWords(at, zone); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.at, c.zone, got, c.want)
		}
	}
}

func TestALengthIsSaid(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Minute: "1 minute", 45 * time.Minute: "45 minutes", time.Hour: "1 heure", 90 * time.Minute: "1 heure 30", 125 * time.Minute: "2 heures 05",
	} {
		if got := LengthInWords(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestANumberIsReadAloud(t *testing.T) {
	for raw, want := range map[string]string{
		"+33475412345": "04 75 41 23 45", "+262262123456": "02 62 12 34 56", "+687123456": "+687123456",
		"0475412345": "0475412345", "": "", "+33 4 75": "+33 4 75",
	} {
		if got := PhoneInDigits(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Minute: "à l'instant", 59 * time.Second: "à l'instant", time.Minute: "il y a 1 minute", 119 * time.Minute: "il y a 119 minutes",
		2 * time.Hour: "il y a 2 heures", 47 * time.Hour: "il y a 47 heures", 48 * time.Hour: "il y a 2 jours",
	} {
		if got := AgoInWords(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
