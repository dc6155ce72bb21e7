package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors/interval"
)

var (
	nearSlot   = regexp.MustCompile(`name="creneau" value="([^"]+)"`)
	formAction = regexp.MustCompile(`<form method="post" action="(/reservations/[^"]+)"`)
)

// startOf is when the appointment of a sheet begins.
func (c *counter) startOf(sheet string) time.Time {
	c.t.Helper()
	a, err := c.service.Ledger.AnyAppointment(c.t.Context(), strings.TrimPrefix(sheet, "/mes-rendez-vous/"))
	if err != nil {
		c.t.Fatal(err)
	}
	return a.StartTime()
}

// Whatever a form comes back for, it asks for the slot that was chosen last, and that one is kept.
func TestAFormThatComesBackAsksForTheSlotThatWasChosen(t *testing.T) {
	c := newCounter(t)
	b, other := c.aidant(), c.signedIn("mairie@lieu-2.exemple.fr")
	path, page := b.held(2)
	c.later(11 * time.Minute)
	taken := other.taken(2, "usager.telephone", "06 39 98 00 02")
	lost := b.do(http.MethodPost, path, filled(page))
	chosen := nearSlot.FindStringSubmatch(lost.raw)[1]
	ref, err := c.service.Slots.Ref(chosen)
	if err != nil {
		t.Fatal(err)
	}

	stale := filled(lost, "creneau", chosen)
	stale.Set("formulaire", "of an earlier session")
	c.want("a form of an earlier session", b.do(http.MethodPost, path, stale), 422, `value="`+chosen+`" checked`)

	faulty := b.do(http.MethodPost, path, filled(lost, "creneau", chosen, "usager.nom", ""))
	c.want("another slot, and a fault", faulty, 422, booking.InWords(ref.StartTime(), c.service.Directory.Places("lieu-1")[0].Zone))
	if _, err := c.service.Cancel(t.Context(), booking.Call{Partner: c.partnerAt(t, "mairie@lieu-2.exemple.fr"), Key: "k"}, strings.TrimPrefix(taken, "/mes-rendez-vous/"), booking.Ending{By: booking.TheBeneficiary}); err != nil {
		t.Fatal(err) // the slot of before is free again
	}
	got := b.do(http.MethodPost, formAction.FindStringSubmatch(faulty.raw)[1], filled(faulty))
	if got.status != http.StatusSeeOther || !c.startOf(strings.TrimSuffix(got.location, "?fait=pris")).Equal(ref.StartTime()) {
		t.Errorf("mended, it books %+v, want %s", got, ref.StartTime())
	}

	path, page = b.held(5) // hers is not in her own way
	c.later(11 * time.Minute)
	late := b.do(http.MethodPost, path, filled(page, "usager.contact", "courriel", "usager.telephone", "06 39 98 00 05"))
	c.want("too late, and a fault of the domain's", late, 422, "")
	c.want("mended", b.do(http.MethodPost, formAction.FindStringSubmatch(late.raw)[1], filled(late, "usager.telephone", "06 39 98 00 05")), http.StatusSeeOther, "")
}

// partnerAt is under whose name somebody books.
func (c *counter) partnerAt(t *testing.T, address string) string {
	for _, a := range must(c.ledger.Accounts(t.Context())) {
		if a.Address == address {
			return partnerOf(a)
		}
	}
	t.Fatalf("no account of %s", address)
	return ""
}

// The names of places and slots are as long as they are: a key is not.
func TestKeysAreShortHoweverMuchTheyName(t *testing.T) {
	long := strings.Repeat("x", 5000)
	form := url.Values{"cle": {long}}
	if a, b := keyOf(form, long), keyOf(form, long+"y"); len(a) > 255 || a == b || a != keyOf(form, long) {
		t.Errorf("%q, %q", a, b)
	}
	if call(signin.Account{ID: "a"}, form, long).Key == callFor(booking.Appointment{Partner: "compte:a"}, booking.TheStructure, form, long).Key {
		t.Error("two who act share a key")
	}
}

func TestWhatIsSentAfterASessionHasEndedIsNotDone(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	path := b.taken(0)
	sheet := b.get(path)
	delete(b.cookies, sessionCookie)
	c.want("cancelling", b.submit(sheet, path+"/annulation", "par", "usager"), http.StatusUnauthorized, "Rien n'a été fait")
	c.want("and it stands", c.aidant().get(path), 200, "Confirmé")
}

func TestMovingIsForWhoseItIs(t *testing.T) {
	c := newCounter(t)
	path := c.aidant().taken(0)
	place := "/lieux/lieu-1?deplacer=" + strings.TrimPrefix(path, "/mes-rendez-vous/")
	if got := c.browser().get(place); got.status != http.StatusSeeOther || got.location != "/connexion?retour="+url.QueryEscape(place) {
		t.Errorf("a stranger: %+v", got)
	}
	c.want("somebody else", c.signedIn("mairie@lieu-2.exemple.fr").get(place), 404, "Rendez-vous inconnu")
}

func TestTheNewestAppointmentsAreListed(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	b.taken(0)
	last := strings.TrimPrefix(b.taken(1, "usager.telephone", "06 39 98 00 02"), "/mes-rendez-vous/")
	p := &pages{Options: Options{Service: c.service}}
	if found, err := p.newest(t.Context(), c.partner(), 1); err != nil || len(found) != 1 || found[0].ID != last {
		t.Errorf("%+v, %v", found, err)
	}
}

// A place that was merged with another still sees what was taken before.
func TestAMergedPlaceSeesWhatWasTakenBefore(t *testing.T) {
	c := newCounter(t)
	c.aidant().taken(0)
	merged := booking.Place{ID: "lieu-1__lieu-9", Aliases: []string{"lieu-1", "lieu-9"}}
	found, err := c.ledger.AtPlace(t.Context(), merged.Names(), interval.Of(time.Now(), time.Now().AddDate(0, 1, 0)))
	if err != nil || len(found) != 1 {
		t.Errorf("%d, %v", len(found), err)
	}
}

func TestWhatCannotBeBookedIsNotShownFree(t *testing.T) {
	c := newCounter(t)
	a, _ := c.service.Agendas.ByID("guichet")
	paused := a.Connection
	paused.Paused = true
	if _, err := c.service.Agendas.(Connections).Put(t.Context(), paused); err != nil {
		t.Fatal(err)
	}
	page := c.browser().get("/lieux/lieu-1?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
	c.want("a paused agenda", page, 200, "On ne peut pas réserver ici en ce moment.")
	if strings.Contains(page.body, "8 h 00") {
		t.Errorf("its hours are shown: %s", page.body)
	}
}

// An agenda that was read free a moment ago may refuse what is written to it. Another slot is then booked with what was
// filled in.
func TestAnAgendaThatRefusesLosesNothingOfTheForm(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	place := "/lieux/lieu-4?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	slot := nearSlot.FindStringSubmatch(b.get(place).raw)[1]
	ref, err := c.service.Slots.Ref(slot)
	if err != nil {
		t.Fatal(err)
	}
	c.upstream.lose = []interval.Interval{ref.Interval}
	kept := b.submit(b.get("/reserver?creneau="+url.QueryEscape(slot)), "/reservations", "creneau", slot)
	lost := b.do(http.MethodPost, kept.location, filled(b.get(kept.location)))
	c.want("refused by the agenda", lost, http.StatusConflict, "Choisissez-en un autre")
	chosen := nearSlot.FindStringSubmatch(lost.raw)[1]
	got := b.do(http.MethodPost, kept.location, filled(lost, "creneau", chosen))
	want, err := c.service.Slots.Ref(chosen)
	if err != nil || got.status != http.StatusSeeOther || !c.startOf(strings.TrimSuffix(got.location, "?fait=pris")).Equal(want.StartTime()) {
		t.Errorf("another slot: %+v, %v", got, err)
	}
	c.want("the form of what was refused, opened again", b.get(kept.location), http.StatusSeeOther, "")
}
