package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// keeper is somebody who answers for lieu-1.
func (c *counter) keeper() *browser {
	c.t.Helper()
	b := c.signedIn("directrice@mairie.exemple.fr")
	b.submit(b.get("/compte"), "/compte/lieux", "lieu", "lieu-1")
	link := c.last().link
	at := c.browser()
	c.want("the place's link", at.submit(at.get(link), link), 200, "répond maintenant de ce lieu")
	return b
}

func TestAPlaceSeesWhoComes(t *testing.T) {
	c := newCounter(t)
	taken := c.aidant().taken(0)
	id := strings.TrimPrefix(taken, "/mes-rendez-vous/")
	b := c.keeper()
	c.want("her places", b.get("/structure"), 200, "Lieu, Crest")
	day := "/structure/lieux/lieu-1?jour=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	for _, words := range []string{"Zoé Nomdefamille", "06 39 98 00 01", "Accompagnement", "Confirmé"} {
		c.want("the list of the day", b.get(day), 200, words)
	}
	for _, cell := range []string{`<table role="table">`, `<td role="cell" data-colonne="Qui">Zoé`} { // on a narrow screen it is no table for a browser
		c.want("the list of the day", b.get(day), 200, cell)
	}
	c.want("another day", b.get("/structure/lieux/lieu-1"), 200, "Aucun rendez-vous.")
	sheet := b.get(StructurePath + id)
	for _, words := range []string{"Un dossier de retraite.", "Camille Aidante", "accueil@lieu-1.exemple.fr", "donné de vive voix"} {
		c.want("the sheet", sheet, 200, words)
	}
	long := b.submit(sheet, StructurePath+id+"/annulation", "raison", strings.Repeat("é", 301))
	c.want("a reason that is too long", long, 422, "301 caractères, 300 au plus. Rien n'a changé.")
	c.want("a reason that is too long", long, 422, "<details open>")
	got := b.submit(sheet, StructurePath+id+"/annulation", "raison", "Agent absent.")
	c.want("cancelled", b.get(got.location), 200, "C'est annulé.")
	if a, err := c.service.Ledger.AnyAppointment(t.Context(), id); err != nil || a.Ended.By != booking.TheStructure || string(a.Details.EndReason) != "Agent absent." {
		t.Errorf("%v %s, %v", a.Ended, string(a.Details.EndReason), err)
	}

	for what, path := range map[string]string{"list": day, "sheet": StructurePath + id, "nothing": StructurePath + "x"} {
		for who, x := range map[string]*browser{"somebody else": c.signedIn("camille@mairie.exemple.fr"), "who took it": c.aidant(), "another place's": c.signedIn("mairie@lieu-2.exemple.fr")} {
			if got := x.get(path); got.status != 404 || strings.Contains(got.body, "Zoé") {
				t.Errorf("the %s, for %s: %d %s", what, who, got.status, got.body)
			}
		}
		if got := c.browser().get(path); got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/connexion?retour=%2Fstructure") {
			t.Errorf("the %s, for a stranger: %+v", what, got)
		}
	}
	stranger := c.signedIn("camille@mairie.exemple.fr")
	form := url.Values{"formulaire": {stranger.get("/compte").fields().Get("formulaire")}, "cle": {"k"}, "statut": {"absent"}, "reponse": {"refuser"}}
	for _, action := range []string{"/annulation", "/presence", "/reponse"} {
		c.want("a stranger's "+action, stranger.do(http.MethodPost, StructurePath+id+action, form), 404, "Rendez-vous inconnu")
	}
}

func TestAPlaceAnswersRequests(t *testing.T) {
	c := newCounter(t, booking.Motif{ID: "m", Label: "Accompagnement", Duration: time.Hour, Validation: booking.ByStructure})
	aidant, b := c.aidant(), c.keeper()
	first, second := aidant.taken(0), aidant.taken(1, "usager.telephone", "06 39 98 00 02")
	c.want("what was asked", aidant.get(first), 200, "le lieu n'a pas encore répondu")
	c.want("what was asked, at once", aidant.get(first+"?fait=pris"), 200, "La demande est partie")
	for _, done := range []string{"annule", "presence", "reponse"} {
		if page := aidant.get(first + "?fait=" + done); strings.Contains(page.raw, `class="fait"`) {
			t.Errorf("an address makes a page say %s", done)
		}
	}
	c.want("the list", b.get("/structure/lieux/lieu-1"), 200, "À accepter ou à refuser")
	answer := func(sheet, reply, reason string) seen {
		path := StructurePath + strings.TrimPrefix(sheet, "/mes-rendez-vous/")
		return b.submit(b.get(path), path+"/reponse", "reponse", reply, "raison", reason)
	}
	c.want("an answer that is none", answer(first, "", ""), 422, "Choisissez")
	c.want("a reason that is too long", answer(first, "refuser", strings.Repeat("x", 301)), 422, "trop longue")
	c.want("accepted", b.get(answer(first, "accepter", "").location), 200, "Confirmé")
	c.want("refused", b.get(answer(second, "refuser", "Pas cette semaine.").location), 200, "Refusé")
	c.want("accepted, for who asked", aidant.get(first), 200, "Confirmé")
	c.want("refused, for who asked", aidant.get(second), 200, "Refusé par le lieu")
	path := StructurePath + strings.TrimPrefix(second, "/mes-rendez-vous/")
	again := b.do(http.MethodPost, path+"/reponse", url.Values{"formulaire": {b.get("/compte").fields().Get("formulaire")}, "reponse": {"accepter"}})
	c.want("answered twice", b.get(again.location), 200, "Refusé")

	c.later(9 * 24 * time.Hour)
	b = c.signedIn("directrice@mairie.exemple.fr")
	path = StructurePath + strings.TrimPrefix(first, "/mes-rendez-vous/")
	c.want("past", b.get(path), 200, "Est-elle venue ?")
	c.want("she came", b.get(b.submit(b.get(path), path+"/presence", "statut", "honore").location), 200, "La personne est venue")
}

// itsOwn is the agendas, of which one also books in the structure's own software, which answers err.
type itsOwn struct {
	booking.Agendas
	err error
}

func (o itsOwn) ByID(id string) (*booking.Agenda, bool) {
	found, ok := o.Agendas.ByID(id)
	if !ok {
		return nil, false
	}
	a := *found
	a.Diary = booker{a.Diary, o.err}
	return &a, true
}

type booker struct {
	connectors.Agenda
	err error
}

func (b booker) Book(context.Context, connectors.Request) (connectors.Appointment, error) {
	return connectors.Appointment{}, b.err
}

func TestAPlaceIsToldWhatItsAgendaMakesOfItsAnswer(t *testing.T) {
	for status, c := range map[booking.Status]struct {
		err   error
		words string
	}{
		booking.Refused:   {&connectors.Error{Op: "book", Kind: connectors.SlotTaken, Err: errors.New("taken")}, "Refusé par votre agenda : la demande est terminée"},
		booking.Uncertain: {errors.New("silence"), "Votre agenda n'a pas encore répondu"},
	} {
		t.Run(string(status), func(t *testing.T) {
			h := newCounter(t, booking.Motif{ID: "m", Label: "Accompagnement", Duration: time.Hour, Validation: booking.ByStructure})
			id := strings.TrimPrefix(h.aidant().taken(0), "/mes-rendez-vous/")
			h.service.Agendas = itsOwn{h.service.Agendas, c.err}
			b, path := h.keeper(), StructurePath+id
			got := b.submit(b.get(path), path+"/reponse", "reponse", "accepter")
			page := b.get(got.location)
			h.want("the sheet", page, 200, c.words)
			if a := must(h.service.Ledger.AnyAppointment(t.Context(), id)); a.Status != status || strings.Contains(page.body, "Votre réponse est enregistrée") {
				t.Errorf("%s: %s", a.Status, page.body)
			}
		})
	}
}

// A partner may keep her name to itself: the place is told the reference by which it can ask, on every page.
func TestAPlaceSeesWhomOnlyThePartnerNames(t *testing.T) {
	a := booking.Appointment{Status: booking.Requested, Details: &booking.Details{Beneficiary: booking.Beneficiary{Reference: "dossier 12"}}}
	place := &booking.Place{ID: "lieu-1", Zone: time.UTC}
	p := &pages{Options: Options{Now: time.Now, Place: func(string) *booking.Place { return place }}}
	if line, sheet := p.structureLine(a, place, ""), p.sheet(a); !strings.Contains(line.Person, "dossier 12") || sheet.Person != line.Person {
		t.Errorf("the list has %q, the sheet %q", line.Person, sheet.Person)
	}
}
