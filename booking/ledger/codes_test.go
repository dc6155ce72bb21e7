package ledger

import (
	"fmt"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

func TestACodeFindsWhatIsCalledSo(t *testing.T) {
	onBoth(t, func(t *testing.T, l *Ledger) {
		const start = "80b57c92ff"
		for i, id := range []string{start + "0000000000000000000000", start + "ffffffffffffffffffffff", "80b57c9300" + start + "000000000000", "80b57c92fe" + start + "000000000000"} {
			when := interval.Of(epoch.Add(time.Duration(i)*time.Hour), epoch.Add(time.Duration(i+1)*time.Hour))
			c := booking.Claim{
				Appointment: booking.Appointment{ID: id, Partner: "p", Place: "lieu", Agenda: "x", Interval: when, Seats: 1}, Footprint: when, Session: id, Capacity: 1,
				Change: &booking.Change{Event: booking.Keep, By: "p", Seats: 1, Details: &booking.Details{Beneficiary: booking.Beneficiary{LastName: booking.Name(fmt.Sprint("Nom", i))}}},
			}
			if _, err := l.Claim(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		held := interval.Of(epoch.Add(9*time.Hour), epoch.Add(10*time.Hour))
		if _, err := l.Claim(t.Context(), booking.Claim{
			Appointment: booking.Appointment{ID: start + "8888888888888888888888", Partner: "p", Place: "lieu", Agenda: "x", Interval: held, Seats: 1, Expires: epoch.Add(time.Hour)},
			Footprint:   held, Session: "hold", Capacity: 1,
		}); err != nil {
			t.Fatal(err)
		}
		found, err := l.Called(t.Context(), start)
		if err != nil || len(found) != 2 || found[0].Details.Beneficiary.LastName != "Nom0" || found[1].Details.Beneficiary.LastName != "Nom1" {
			t.Errorf("%+v, %v", found, err)
		}
	})
}
