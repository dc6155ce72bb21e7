package web

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"passerelle/booking"
)

// known fills a pattern in with what is there.
func known(pattern, appointment, hold string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	id := appointment
	switch {
	case strings.HasPrefix(path, "/structure/lieux/"):
		id = "lieu-1"
	case strings.HasPrefix(path, "/reservations/"):
		id = hold
	}
	return method, strings.NewReplacer("{id}", id, "{agenda}", "guichet", "{jeton}", strings.Repeat("A", 43)).Replace(path)
}

// A form that no page of this session has given does nothing, whatever it is and however much may be done by whose session it
// is (CSRF).
func TestNoFormOfAnotherSiteDoesAnything(t *testing.T) {
	c := newCounter(t)
	b := c.keeper()
	appointment := strings.TrimPrefix(b.taken(0), "/mes-rendez-vous/")
	before, err := c.service.Ledger.AnyAppointment(t.Context(), appointment)
	if err != nil {
		t.Fatal(err)
	}
	hold, _ := b.held(1)
	forms := (&pages{}).ofAidants()
	maps.Copy(forms, (&pages{}).ofStructures())
	maps.Copy(forms, (&pages{}).ofSignIn())
	sent := 0
	for pattern := range forms {
		method, path := known(pattern, appointment, strings.TrimPrefix(hold, "/reservations/"))
		if method != http.MethodPost {
			continue
		}
		sent++
		form := filled(seen{}, "creneau", b.slot(2).Get("creneau"), "cle", "k", "lieu", "lieu-2", "statut", "expire", "etat", "pause", "reponse", "refuser", "adresse", "faire", "liste", "oui",
			"courriel", "accueil@lieu-1.exemple.fr", "debut", "2030-01-01T09:00", "fin", "2030-01-01T10:00", "code", "0123-4567", "nom", "Nomdefamille")
		for what, token := range map[string]string{"none": "", "another session's": c.aidant().get("/compte").fields().Get("formulaire")} {
			form.Set("formulaire", token)
			if got := b.do(method, path, form); got.status != http.StatusForbidden && got.status != http.StatusUnprocessableEntity || strings.HasPrefix(got.location, "/mes-rendez-vous") {
				t.Errorf("%s with a token of %s: %d %s\n%s", pattern, what, got.status, got.location, got.body)
			}
		}
	}
	if sent < 18 {
		t.Errorf("%d forms were sent", sent)
	}
	a, err := c.service.Ledger.AnyAppointment(t.Context(), appointment)
	if err != nil || a.Status != booking.Confirmed || a.Version != before.Version {
		t.Errorf("the appointment: %+v, %v", a, err)
	}
	if _, total, err := c.service.Appointments(t.Context(), a.Partner, booking.AppointmentFilter{Limit: 10}); err != nil || total != 1 {
		t.Errorf("%d appointments, %v", total, err)
	}
	if agenda, _ := c.service.Agendas.ByID("guichet"); agenda.Paused || agenda.Version != 1 || len(c.service.Agendas.All()) != 5 {
		t.Errorf("the agenda: %+v of %d", agenda.Connection, len(c.service.Agendas.All()))
	}
	if b.get("/compte").status != 200 {
		t.Error("somebody was signed out")
	}
}

// A stranger is shown no page of aidants or of structures: she is led to signing in, and from there back.
func TestAStrangerIsLedToSignIn(t *testing.T) {
	c := newCounter(t)
	b := c.keeper()
	appointment := strings.TrimPrefix(b.taken(0), "/mes-rendez-vous/")
	hold, _ := b.held(1)
	slot := "?" + url.Values{"creneau": {b.slot(2).Get("creneau")}, "lieu": {"lieu-2"}}.Encode()
	signIn := (&pages{}).ofAidants()
	maps.Copy(signIn, (&pages{}).ofStructures())
	for pattern := range signIn {
		method, path := known(pattern, appointment, strings.TrimPrefix(hold, "/reservations/"))
		if method != http.MethodGet {
			continue
		}
		got := c.browser().get(path + slot)
		if got.status != http.StatusSeeOther || strings.Contains(got.body, "Zoé") {
			t.Errorf("%s: %d %s", pattern, got.status, got.body)
		}
	}
}
