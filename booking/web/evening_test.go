package web

import (
	"strings"
	"testing"
	"time"

	"passerelle/booking"
)

func TestAPlaceSaysWhetherItWantsTheListOfTheNextDay(t *testing.T) {
	c := newCounter(t)
	b := c.keeper()
	list := calendarOfOne + "/liste"
	kept := func() string {
		return must(c.ledger.Evening(t.Context(), &booking.Place{ID: "lieu-1"})).Address
	}
	c.want("before", b.get(calendarOfOne), 200, "Recevoir la liste")
	c.want("another's address", b.submit(b.get(calendarOfOne), list, "courriel", "camille@mairie.exemple.fr", "liste", "recevoir"), 422, "Choisissez une des adresses")
	c.want("no address", b.submit(b.get(calendarOfOne), list, "liste", "recevoir"), 422, "Choisissez une des adresses")
	if got := kept(); got != "" {
		t.Errorf("the list goes to %q", got)
	}
	got := b.submit(b.get(calendarOfOne), list, "courriel", "accueil@lieu-1.exemple.fr", "liste", "recevoir")
	c.want("wanted", b.get(got.location), 200, "La liste est envoyée à accueil@lieu-1.exemple.fr")
	if got := kept(); got != "accueil@lieu-1.exemple.fr" {
		t.Errorf("the list goes to %q", got)
	}
	if page := b.get(calendarOfOne + "?fait=sans_liste"); strings.Contains(page.raw, `class="fait"`) {
		t.Error("an address makes the page say that no list comes")
	}
	day := "/structure/lieux/lieu-1"
	untold := func() bool {
		return strings.Contains(b.get(day).body, "La dernière liste du lendemain n'est pas partie")
	}
	if untold() {
		t.Error("no list was due, and one is said not to have gone")
	}
	if mine, err := c.ledger.TakeEvening(t.Context(), "lieu-1", "2026-11-24", time.Now()); err != nil || !mine || !untold() {
		t.Errorf("a list that is tried: %t, %v, and the page says so: %t", mine, err, untold())
	}
	for _, gone := range []bool{false, true} {
		if err := c.ledger.EndEvening(t.Context(), "lieu-1", map[bool]string{false: "2026-11-24", true: "2026-11-25"}[gone], gone); err != nil || untold() == gone {
			t.Errorf("it has gone: %t, and the page says not: %t, %v", gone, untold(), err)
		}
	}
	for who, x := range map[string]*browser{"somebody else": c.signedIn("camille@mairie.exemple.fr"), "who answers for another": c.signedIn("mairie@lieu-2.exemple.fr")} {
		c.want(who, x.submit(x.get("/compte"), list, "liste", "arreter"), 404, "pas un de vos lieux")
	}
	c.want("a form of another site's", b.do("POST", list, nil), 403, "plus valable")
	if kept() == "" {
		t.Error("somebody else has ended it")
	}
	got = b.submit(b.get(calendarOfOne), list, "liste", "arreter")
	c.want("ended", b.get(got.location), 200, "ne viendra plus")
	if got := kept(); got != "" {
		t.Errorf("ended, the list goes to %q", got)
	}
	if err := c.ledger.KeepEvening(t.Context(), &booking.Place{ID: "lieu-1"}, "ancienne@lieu-1.exemple.fr", "compte"); err != nil {
		t.Fatal(err)
	}
	c.want("an address that is the place's no more", b.get(calendarOfOne), 200, "n'est plus une adresse de ce lieu")
}
