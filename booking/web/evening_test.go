package web

import (
	"strings"
	"testing"

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
