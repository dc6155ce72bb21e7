package ledger

import (
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

func TestAPlaceIsToldWhatWasTakenThere(t *testing.T) {
	onBoth(t, func(t *testing.T, l *Ledger) {
		at := func(hour int) interval.Interval {
			return interval.Of(epoch.Add(time.Duration(hour)*time.Hour), epoch.Add(time.Duration(hour+1)*time.Hour))
		}
		take := func(id, partner, place, agenda string, when interval.Interval, taken bool) {
			t.Helper()
			c := booking.Claim{
				Appointment: booking.Appointment{ID: id, Partner: partner, Place: place, Agenda: agenda, Interval: when, Seats: 1}, Footprint: when, Session: id, Capacity: 1,
			}
			if taken {
				c.Change = &booking.Change{Event: booking.Keep, By: partner, Seats: 1, Details: &booking.Details{Beneficiary: booking.Beneficiary{FirstName: "Zoé"}}}
			} else {
				c.Appointment.Expires = epoch.Add(time.Hour)
			}
			if _, err := l.Claim(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		take("b", "p1", "lieu", "x", at(11), true)
		take("a", "p2", "lieu", "x", at(10), true)
		take("hold", "p1", "lieu", "x", at(12), false)
		take("elsewhere", "p1", "autre", "y", at(10), true)
		take("before", "p1", "lieu", "x", at(9), true)
		take("after", "p1", "lieu", "x", at(13), true)
		found, err := l.AtPlace(t.Context(), []string{"fusion__lieu", "lieu"}, interval.Interval{Start: at(10).Start, End: at(13).Start})
		if err != nil || len(found) != 2 || found[0].ID != "a" || found[1].ID != "b" || found[0].Details == nil || found[0].Details.Beneficiary.FirstName != "Zoé" {
			t.Errorf("%+v, %v", found, err)
		}
		w := interval.Interval{Start: at(10).Start, End: at(13).Start}
		for _, p := range []*booking.Place{{ID: "lieu"}, {ID: "nouveau", Aliases: []string{"x", "lieu"}}} {
			if standing, err := l.StandingAt(t.Context(), p.Names(), w); err != nil || len(standing) != 2 || standing[0].ID != "a" || standing[1].ID != "b" || standing[0].Details != nil {
				t.Errorf("what stands at %s: %+v, %v", p.ID, standing, err)
			}
		}
		for partner, want := range map[string]int{"p1": 1, "p2": 0} {
			if kept, err := l.KeptBy(t.Context(), partner, []string{"fusion__lieu", "lieu"}); err != nil || len(kept) != want || want > 0 && kept[0].ID != "hold" {
				t.Errorf("%s keeps %+v, %v", partner, kept, err)
			}
		}
	})
}
