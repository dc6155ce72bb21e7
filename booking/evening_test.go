package booking

import (
	"testing"
	"time"
)

func TestAListIsDueInTheEveningAndInTheNight(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "Indian/Reunion", "Pacific/Noumea", "America/Martinique", "America/Miquelon"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for at := time.Date(2026, 10, 20, 0, 0, 0, 0, zone); at.Year() < 2027 || at.Month() < 5; at = at.Add(30 * time.Minute) {
			day, due := ListDue(at, zone)
			want := at.Hour() >= 18 || at.Hour() < 8
			of := at
			if at.Hour() >= 18 {
				of = time.Date(at.Year(), at.Month(), at.Day()+1, 12, 0, 0, 0, zone)
			}
			if due != want || due && (day.Format(time.DateOnly) != of.Format(time.DateOnly) || day.Hour() != 0) {
				t.Fatalf("%s, at %v: %v, %t", name, at, day, due)
			}
		}
	}
}
