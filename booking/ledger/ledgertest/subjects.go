package ledgertest

import (
	"fmt"
	"testing"

	"passerelle/booking"
)

func whatIsKeptOfAPersonIsFound(t *testing.T, open Open) {
	l, _ := start(t, open)
	take := func(id, partner, subject string, from int) booking.Appointment {
		c := at(id, "agenda", from, from+30)
		c.Appointment.Partner, c.Change = partner, taking(booking.Keep)
		c.Change.Person = booking.Person{Subject: []byte(subject)}
		return claim(t, l, c)
	}
	found := func(partner, subject string) (ids []string) {
		t.Helper()
		list, err := l.OfSubject(t.Context(), partner, []byte(subject))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			if a.Details == nil {
				t.Errorf("%s is found without what it says of her", a.ID)
			}
			ids = append(ids, a.ID)
		}
		return ids
	}
	first := take("a", "p1", "elle", 0)
	take("b", "p1", "elle", 60)
	take("c", "p1", "lui", 120)
	take("d", "p2", "elle", 180)
	take("e", "p1", "", 240)
	// A step that says why it ended seals her details anew: she is found all the same.
	if _, err := l.Advance(t.Context(), first.ID, first.Version, booking.Change{Event: booking.Cancel, Ended: &booking.Ending{By: booking.TheBeneficiary, Reason: "raison"}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		partner, subject string
		want             string
	}{
		{"p1", "elle", "[a b]"}, {"p1", "lui", "[c]"}, {"p2", "elle", "[d]"}, {"p2", "lui", "[]"}, {"p1", "personne", "[]"}, {"p1", "", "[]"},
	} {
		got := found(c.partner, c.subject)
		if len(got) == 2 && got[0] > got[1] { // they changed within one instant
			got[0], got[1] = got[1], got[0]
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s finds %v of %q, want %s", c.partner, got, c.subject, c.want)
		}
	}
	if err := l.Erase(t.Context(), "b", string(booking.TheOperator)); err != nil {
		t.Fatal(err)
	}
	if got := found("p1", "elle"); fmt.Sprint(got) != "[a]" {
		t.Errorf("after one was erased: %v", got)
	}
}
