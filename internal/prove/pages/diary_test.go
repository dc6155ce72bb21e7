package pages

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelle/internal/testservers"
)

// loopback lets the program ask agendas on this machine, as an operator may allow.
var loopback = map[string]string{"PASSERELLE_EGRESS_HOTES_HTTP": "127.0.0.1", "PASSERELLE_EGRESS_ADRESSES_AUTORISEES": "127.0.0.0/8"}

// diary is a calendar with one event, at an hour of the day a week from now.
func diary(uid string, from, hours int) string {
	y, m, d := time.Now().AddDate(0, 0, 7).Date()
	at := func(hour int) string {
		return time.Date(y, m, d, hour, 0, 0, 0, paris).UTC().Format("20060102T150405Z")
	}
	return strings.ReplaceAll(fmt.Sprintf("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Essai//FR\nBEGIN:VEVENT\nUID:%s\nDTSTAMP:20260101T000000Z\nDTSTART:%s\nDTEND:%s\nSUMMARY:Pris\nEND:VEVENT\nEND:VCALENDAR\n", uid, at(from), at(from+hours)), "\n", "\r\n")
}

// feed is a place whose agenda is published as a feed: it answers requests.
func feed(t *testing.T) More {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/calendar")
		_, _ = io.WriteString(w, diary("pris@example.org", 10, 1))
	}))
	t.Cleanup(server.Close)
	return More{
		Places: "ccas,CCAS de la Forêt,Saou,26400,1 place,44.6460,5.0620,+33465710005,accueil@ccas.example.org,Mo-Su 09:00-15:00,,Aide aux démarches administratives,\n",
		Agendas: `
  - id: ccas
    connecteur: ics
    adresse: ` + server.URL + `/agenda.ics
    lieux: [ccas]
    avis: accueil@ccas.example.org
    motifs: [{id: ccas, libelle: Accompagnement, duree_min: 60}]
`, Environment: loopback,
	}
}

// calDAV is a place whose agenda is on a calendar server.
func calDAV(server *testservers.CalDAVServer) More {
	return More{
		Places: "epn,Espace public numérique,Loriol-sur-Drôme,26270,2 rue,44.7500,4.8200,+33465710006,accueil@epn.example.org,Mo-Su 09:00-15:00,,Aide aux démarches administratives,\n",
		Agendas: fmt.Sprintf(`
  - id: epn
    connecteur: caldav
    adresse: %s
    parametres: {compte: %q, mot_de_passe: %q}
    lieux: [epn]
    avis: accueil@epn.example.org
    motifs: [{id: epn, libelle: Accompagnement, duree_min: 60}]
`, server.Calendar, server.User, server.Password), Environment: loopback,
	}
}

// dav asks the calendar server as the place's own software does.
func dav(t *testing.T, server *testservers.CalDAVServer, method, address, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(server.User, server.Password)
	r.Header.Set("Content-Type", "text/calendar; charset=utf-8")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("%s: %d %s %v", method, answer.StatusCode, text, err)
	}
	return string(text)
}

// What the place writes into its own calendar while a form is filled in takes the slot: the nearest are offered, and nothing
// is typed again. What is booked stands in that calendar, with the way to who comes.
func TestACalendarLeadsToWhoComes(t *testing.T) {
	t.Parallel()
	server := testservers.StartRadicale(t)
	s := Start(t, &programs, calDAV(server))
	s.Run(t, "account", "approve", "@mairie.example.org")
	p := s.Page(t)
	s.signIn(p, "camille@mairie.example.org")
	nextWeek(p, "epn")
	slot := p.First("button", "Réserver le ")
	p.Follow("button", slot)
	fillIn(p)
	dav(t, server, http.MethodPut, server.Calendar+"pris.ics", diary("pris", 9, 2))
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("Choisissez-en un autre ci-dessous")
	if p.Status() != http.StatusConflict {
		t.Errorf("a slot that is gone: %d", p.Status())
	}
	stillFilledIn(p)
	p.Check("réserver, un créneau proche")
	p.Click("radio", p.First("radio", strings.Fields(slot)[2]))
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("C'est fait.")
	s.want(t, "camille@mairie.example.org", "confirme")

	unfolded := strings.ReplaceAll(dav(t, server, http.MethodGet, server.Calendar, ""), "\r\n ", "")
	link := regexp.MustCompile(regexp.QuoteMeta(s.URL) + `(/structure/rendez-vous/[A-Za-z0-9_-]+)`).FindStringSubmatch(unfolded)
	if link == nil || strings.Contains(unfolded, "Zoé") {
		t.Fatalf("the calendar has no link, or a name: %s", unfolded)
	}
	s.answers(t, s.Page(t), "directrice@epn.example.org", "epn")
	keeper := s.Page(t)
	keeper.Open(link[1])
	s.bySignIn(keeper, "directrice@epn.example.org")
	keeper.Says("Zoé Nomdefamille")
	keeper.Says("Un dossier de retraite.")
	keeper.Click("DisclosureTriangle", "Annuler ce rendez-vous")
	keeper.Follow("button", "Annuler le rendez-vous")
	keeper.Says("C'est annulé.")
	if text := dav(t, server, http.MethodGet, server.Calendar, ""); strings.Contains(text, "/structure/") {
		t.Errorf("what is cancelled stands in the calendar: %s", text)
	}
}
