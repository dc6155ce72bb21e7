package main

import (
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/booking/web"
	"passerelle/internal/held"
)

// The list of the next day leaves in the evening, by the program as it is shipped, and the ledger knows.
func TestAPlaceHasItsListInTheEvening(t *testing.T) {
	x := newTerminal(t)
	office, address := x.mailing(somePlaces)
	x.ok("agenda", "add", x.file("a.yaml", strings.ReplaceAll(someAgendas, "accueil@", "liste@")))
	id := x.book("l1")
	var out, errs held.Text
	p := x.program(&out, &errs)
	c, err := p.configuration("")
	if err != nil {
		t.Fatal(err)
	}
	var start time.Time
	err = p.with(t.Context(), c, func(g *gateway) error {
		a, err := g.ledger.AnyAppointment(t.Context(), id)
		if err != nil {
			return err
		}
		place := g.place("l1")
		local := a.StartTime().In(place.Zone)
		start = time.Date(local.Year(), local.Month(), local.Day()-1, 18, 30, 0, 0, place.Zone)
		return g.ledger.KeepEvening(t.Context(), &booking.Place{ID: place.ID}, "liste@example.org", "compte")
	})
	if err != nil {
		t.Fatal(err)
	}
	told := func() (day string) {
		t.Helper()
		err := p.with(t.Context(), c, func(g *gateway) error {
			e, err := g.ledger.Evening(t.Context(), &booking.Place{ID: "l1"})
			day = e.Told
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	x.now = start
	wanted := func(mail string) bool { return strings.Contains(mail, "http://"+address+web.StructurePath+id) }
	_, stop := x.start("the gateway serves", "serve")
	mail := office.Next(t, "liste@example.org")
	for !wanted(mail) { // the letters about the booking come first, or after
		mail = office.Next(t, "liste@example.org")
	}
	for _, words := range []string{"Nom-canari", "http://" + address + web.CalendarPath("l1")} {
		if !strings.Contains(mail, words) {
			t.Errorf("%q is not in %s", words, mail)
		}
	}
	defer stop()
	day := start.AddDate(0, 0, 1).Format(time.DateOnly)
	for guard := time.After(time.Minute); told() != day; {
		select {
		case <-guard:
			t.Fatalf("told of %q, not of %s: another that starts would send it again", told(), day)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
