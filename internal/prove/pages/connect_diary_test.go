package pages

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"passerelle/internal/testservers"
)

// secretAddress is the field of a feed's; once there is one, it may be left empty.
const secretAddress = "Adresse secrète de l'agenda"

// pastesAnAddress: of a feed. What is no feed of a calendar is told apart in words.
func (n *newcomer) pastesAnAddress(t *testing.T) {
	feeds := http.NewServeMux()
	feeds.HandleFunc("/agenda.ics", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, diary("pris", 10, 1)) })
	feeds.HandleFunc("/connexion", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html><title>Connexion</title>") })
	server := httptest.NewServer(feeds)
	defer server.Close()
	down := httptest.NewServer(nil)
	down.Close()

	p := n.p
	n.begins("Une adresse ICS (iCal)")
	alike(p, "agenda, une adresse")
	p.Fill(secretAddress, "ftp://agenda.example.org/a.ics")
	p.Follow("button", "Enregistrer et voir l'aperçu")
	refused(t, p, "La passerelle ne peut pas se servir de cette adresse.")
	alike(p, "agenda, une adresse refusée")
	field, button := secretAddress, "Enregistrer et voir l'aperçu"
	for _, x := range []struct{ address, words, name string }{
		{down.URL + "/agenda.ics", "L'agenda ne répond pas", "qui ne répond pas"},
		{server.URL + "/ailleurs.ics", "Il n'y a pas d'agenda à cette adresse.", "qui n'existe pas"},
		{server.URL + "/connexion", "sa réponse n'est pas celle d'un agenda", "qui n'est pas un agenda"},
	} {
		p.Fill(field, x.address)
		p.Follow("button", button)
		p.Says(x.words)
		alike(p, "agenda "+x.name)
		field, button = secretAddress+" (facultatif)", "Enregistrer"
	}
	p.Fill(field, server.URL+"/agenda.ics")
	p.Follow("button", button)
	p.Says(nextDay() + " 9 h–10 h libre 10 h–11 h pris dans votre agenda 11 h–12 h libre")
	alike(p, "agenda, aperçu d'une adresse")
	if strings.Contains(p.Text(), server.URL) || p.Value(field) != "" {
		t.Error("the secret address is shown again")
	}
	n.publishes()
	if hours := n.week(); !slices.Equal(hours, []string{"9 h 00", "11 h 00"}) {
		t.Errorf("around what is taken %q are offered", hours)
	}
}

// givesAPassword: of an account on a calendar server, whose calendar is found from the server's address alone. What is booked
// stands in it.
func (n *newcomer) givesAPassword(t *testing.T, server *testservers.CalDAVServer) {
	calendar := server.URL + server.User + "/" + n.place + "/"
	dav(t, server, "MKCALENDAR", calendar, "")
	dav(t, server, http.MethodPut, calendar+"pris.ics", diary("pris", 10, 1))

	p := n.p
	n.begins("Un agenda CalDAV")
	alike(p, "agenda CalDAV")
	p.Fill("Adresse CalDAV", server.URL)
	p.Fill("Compte", server.User)
	p.Fill("Mot de passe d'application", "un autre")
	p.Follow("button", "Enregistrer et voir l'aperçu")
	p.Says("L'agenda refuse la passerelle.")
	checkOnce(p, "agenda CalDAV refusé")
	const password = "Mot de passe d'application (facultatif)"
	p.Fill(password, server.Password)
	p.Follow("button", "Enregistrer") // the account has several calendars
	p.Says("le nom de l'agenda")
	p.Fill("Nom de l'agenda, si le compte en a plusieurs (facultatif)", n.place)
	p.Follow("button", "Enregistrer")
	p.Says(nextDay() + " 9 h–10 h libre 10 h–11 h pris dans votre agenda 11 h–12 h libre")
	alike(p, "agenda CalDAV, aperçu")
	if p.Value(password) != "" {
		t.Error("the password is shown again")
	}
	n.publishes()
	if hours := n.week(); !slices.Equal(hours, []string{"9 h 00", "11 h 00"}) {
		t.Errorf("around what is taken %q are offered", hours)
	}

	before := dav(t, server, http.MethodGet, calendar, "")
	hour, stretch := "9 h 00", "9 h–10 h"
	if p.noScript { // Zoé, in a long run, is at the other place then
		hour, stretch = "11 h 00", "11 h–12 h"
	}
	n.aidant.Follow("button", "Réserver le "+nextDay()+" à "+hour)
	fillIn(n.aidant)
	n.aidant.Follow("button", "Prendre ce rendez-vous")
	n.aidant.Says("C'est fait.")
	after := strings.ReplaceAll(dav(t, server, http.MethodGet, calendar, ""), "\r\n ", "")
	if strings.Contains(before, "/structure/rendez-vous/") || strings.Count(after, n.URL+"/structure/rendez-vous/") == 0 {
		t.Errorf("what was booked is not in the calendar: %s", after)
	}
	p.Reload()
	p.Says(stretch + " pris par la passerelle")
}
