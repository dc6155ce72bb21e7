package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
)

const agendasOfPlace = "/structure/lieux/lieu-1/agenda"

// values are what a page's settings hold, as a browser would send them.
func (s seen) settings() url.Values {
	form := make(url.Values)
	_, last, _ := strings.Cut(s.raw, ">Les heures de rendez-vous</h")
	for _, m := range regexp.MustCompile(`<input id="([^"]+)" name="[^"]+" type="[^"]+" value="([^"]*)"`).FindAllStringSubmatch(last, -1) {
		form.Set(m[1], strings.ReplaceAll(m[2], "&#39;", "'"))
	}
	for _, m := range regexp.MustCompile(`<input type="radio" name="([^"]+)" value="([^"]+)" checked`).FindAllStringSubmatch(last, -1) {
		form.Set(m[1], m[2])
	}
	form.Set("formulaire", regexp.MustCompile(`name="formulaire" value="([^"]+)"`).FindStringSubmatch(s.raw)[1])
	return form
}

func TestAStructureKeepsItsOwnHours(t *testing.T) {
	c := newCounter(t)
	b := c.keeper()
	c.want("the agendas", b.get(agendasOfPlace), 200, "Sans autre agenda")
	page := b.get(agendasOfPlace + "/nouveau?par=native")
	c.want("a new one", page, 200, "Enregistrer et voir l'aperçu")
	if strings.Contains(page.raw, "<h3") {
		t.Error("a heading is of the third level under none of the second")
	}
	form := page.settings()
	form.Set("horaires.lu", "quand il pleut")
	form.Set("duree_min", "2")
	form.Set("avis", "")
	wrong := b.do(http.MethodPost, agendasOfPlace+"/nouveau?par=native", form)
	for _, words := range []string{"Écrivez par exemple", "De 5 à 720.", "Remplissez ce champ.", `value="quand il pleut"`} {
		c.want("a form with faults", wrong, 422, words)
	}
	form = page.settings()
	for _, day := range shortDays {
		form.Set("horaires."+day, "9h-12h")
	}
	form.Set("libelle", "Permanence")
	kept := b.do(http.MethodPost, agendasOfPlace+"/nouveau?par=native", form)
	if kept.status != http.StatusSeeOther || !strings.HasPrefix(kept.location, agendasOfPlace+"/s-") {
		t.Fatalf("%+v", kept)
	}
	draft := b.get(kept.location)
	for _, words := range []string{"Brouillon", "9 h–12 h", "libre", `value="9h-12h"`, "Publier", "Bloquer<span class=\"invisible\"> " + booking.DayInWords(time.Now().AddDate(0, 0, 2), time.Local)} {
		c.want("the draft", draft, 200, words)
	}
	public := "/lieux/lieu-1?motif=accompagnement"
	if strings.Contains(b.get(public).body, "Permanence") {
		t.Error("a draft is shown to everybody")
	}
	path, _, _ := strings.Cut(kept.location, "?")
	agenda := strings.TrimPrefix(path, agendasOfPlace+"/")
	published := b.do(http.MethodPost, path+"/etat", url.Values{"formulaire": {form.Get("formulaire")}, "etat": {"publier"}})
	c.want("published", b.get(published.location), 200, "on peut réserver")
	c.want("for everybody", c.browser().get("/lieux/lieu-1"), 200, "Permanence")

	day := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	blocked := url.Values{"formulaire": {form.Get("formulaire")}, "debut": {day + "T09:00"}, "fin": {day + "T10:30"}}
	for range 2 { // pressed twice
		got := b.get(b.do(http.MethodPost, path+"/heures", blocked).location)
		c.want("blocked", got, 200, "bloquées")
		c.want("blocked", got, 200, "10 h 30–12 h")
	}
	again := b.get(path)
	if n := strings.Count(again.raw, `name="rouvrir"`); n != 1 {
		t.Errorf("%d closures", n)
	}
	other := url.Values{"formulaire": {form.Get("formulaire")}, "debut": {day + "T11:00"}, "fin": {day + "T11:30"}}
	b.do(http.MethodPost, path+"/heures", other)
	blocked.Set("rouvrir", "oui")
	for range 2 { // pressed twice, it opens no other
		c.want("opened again", b.get(b.do(http.MethodPost, path+"/heures", blocked).location), 200, "de nouveau ouvertes")
	}
	if left := closuresOf(c.agenda(agenda), time.UTC, time.Now()); len(left) != 1 || left[0].From != other.Get("debut") {
		t.Errorf("what is closed: %+v", left)
	}
	for what, form := range map[string]url.Values{"backwards": {"debut": {day + "T10:00"}, "fin": {day + "T09:00"}}, "no time": {"debut": {"x"}}, "no closure": {"rouvrir": {"7"}}} {
		form.Set("formulaire", blocked.Get("formulaire"))
		c.want(what, b.do(http.MethodPost, path+"/heures", form), 422, "n'est pas comprise")
	}
	c.want("paused", b.get(b.do(http.MethodPost, path+"/etat", url.Values{"formulaire": {form.Get("formulaire")}, "etat": {"pause"}}).location), 200, "on ne peut plus réserver")
	c.want("a button that there is not", b.do(http.MethodPost, path+"/etat", url.Values{"formulaire": {form.Get("formulaire")}, "etat": {"x"}}), 422, "n'est pas comprise")

	for who, x := range map[string]*browser{"somebody else": c.signedIn("camille@mairie.exemple.fr"), "another place's": c.signedIn("mairie@lieu-2.exemple.fr")} {
		token := x.get("/compte").fields().Get("formulaire")
		for _, try := range []seen{x.get(agendasOfPlace), x.get(path), x.do(http.MethodPost, path, form), x.do(http.MethodPost, path+"/etat", url.Values{"formulaire": {token}, "etat": {"publier"}})} {
			if try.status != 404 {
				t.Errorf("%s: %d %s", who, try.status, try.body)
			}
		}
	}
}

// What a page says that was done is so; and hours that are closed keep the appointments that stand in them.
func TestAnAgendaSaysWhatIsSo(t *testing.T) {
	c := newCounter(t)
	taken := strings.TrimPrefix(c.aidant().taken(0), "/mes-rendez-vous/")
	b := c.keeper()
	path, form := agendasOfPlace+"/guichet", b.get("/compte").fields().Get("formulaire")
	day := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	for _, said := range []string{"garde", "garde&preuve=x", "pause", "bloque&debut=" + day + "T00:00&fin=" + day + "T23:59"} {
		if page := b.get(path + "?fait=" + said); strings.Contains(page.raw, `class="fait"`) {
			t.Errorf("an address makes the page say %s", said)
		}
	}
	closed := b.get(b.do(http.MethodPost, path+"/heures", url.Values{"formulaire": {form}, "debut": {day + "T00:00"}, "fin": {day + "T23:59"}}).location)
	for _, words := range []string{"Ces heures sont bloquées", "tiennent toujours", `href="` + StructurePath + taken + `"`, "Zoé Nomdefamille"} {
		c.want("closed over an appointment", closed, 200, words)
	}
	if a, err := c.service.Ledger.AnyAppointment(t.Context(), taken); err != nil || a.Status != booking.Confirmed {
		t.Errorf("it is %s, %v", a.Status, err)
	}
	if strings.Contains(c.browser().get("/lieux/lieu-1?semaine="+day).body, "Réserver le "+booking.DayInWords(time.Now().AddDate(0, 0, 7), time.Local)) {
		t.Error("what is closed can be booked")
	}
	settings := b.get(path).settings()
	settings.Set("libelle", "Permanence")
	kept := b.do(http.MethodPost, path, settings).location
	c.want("kept", b.get(kept), 200, "C'est enregistré.")
	other := c.signedIn("directrice@mairie.exemple.fr")
	if page := other.get(kept); page.status != 200 || strings.Contains(page.raw, `class="fait"`) {
		t.Errorf("who was sent the address is told that she has kept something: %d", page.status)
	}
	b.do(http.MethodPost, path+"/etat", url.Values{"formulaire": {form}, "etat": {"pause"}})
	if page := b.get(kept); strings.Contains(page.raw, `class="fait"`) {
		t.Error("what was changed since is said to be kept")
	}
	if page := b.get(path + "?fait=publie"); strings.Contains(page.raw, `class="fait"`) {
		t.Error("an address makes the page say that it is published")
	}
}

func TestAStructureConnectsAFeed(t *testing.T) {
	busy := time.Now().AddDate(0, 0, 2).UTC().Format("20060102")
	feed := fmt.Sprintf("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:%[1]sT000000Z\r\nDTSTART;TZID=Europe/Paris:%[1]sT100000\r\nDTEND;TZID=Europe/Paris:%[1]sT110000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", busy)
	answer := feed
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
	defer server.Close()
	c := newCounter(t)
	c.secret = append(c.secret, "adresse-secrete")
	b := c.keeper()
	form := b.get(agendasOfPlace + "/nouveau?par=ics").settings()
	form.Set("adresse", "")
	c.want("no address", b.do(http.MethodPost, agendasOfPlace+"/nouveau?par=ics", form), 422, "Remplissez ce champ.")
	form.Set("adresse", server.URL+"/adresse-secrete.ics")
	kept := b.do(http.MethodPost, agendasOfPlace+"/nouveau?par=ics", form)
	page := b.get(kept.location)
	for _, words := range []string{"10 h–11 h", "pris dans votre agenda", "8 h–10 h", "Laissez vide pour garder"} {
		c.want("the preview", page, 200, words)
	}
	if strings.Contains(page.body, "adresse-secrete") {
		t.Error("the page shows the secret address")
	}
	path, _, _ := strings.Cut(kept.location, "?")
	form.Set("adresse", "")
	form.Set("horaires.lu", "9h-10h")
	c.want("changed, and the address stays", b.get(b.do(http.MethodPost, path, form).location), 200, `value="9h-10h"`)
	answer = "<html>Connexion</html>"
	c.want("a page instead of the calendar", b.get(path), 200, "Vérifiez l'adresse")
	c.want("blocking in a calendar of theirs", b.do(http.MethodPost, path+"/heures", url.Values{"formulaire": {form.Get("formulaire")}, "debut": {"2027-01-01T09:00"}, "fin": {"2027-01-01T10:00"}}), 422, "n'est pas comprise")

	other := c.signedIn("directeur@mairie.exemple.fr")
	other.submit(other.get("/compte"), "/compte/lieux", "lieu", "lieu-2")
	link := c.last().link
	at := c.browser()
	c.want("the other place's link", at.submit(at.get(link), link), 200, "répond maintenant de ce lieu")
	theirs := strings.Replace(agendasOfPlace, "lieu-1", "lieu-2", 1) + "/nouveau?par=ics"
	form = other.get(theirs).settings()
	form.Set("adresse", server.URL+"/adresse-secrete.ics")
	c.want("another place's diary", other.do(http.MethodPost, theirs, form), 422, "déjà relié")
	form.Set("adresse", "http://[")
	c.want("an address that is none", other.do(http.MethodPost, theirs, form), 422, "Rien n'a été enregistré")
}

// Only who answers for all the places of an organisation is led to where it lets the gateway in.
func TestAStructureIsLedToItsConsent(t *testing.T) {
	c := newCounter(t)
	b := c.signedIn("directrice@mairie.exemple.fr")
	account := must(c.ledger.Accounts(t.Context()))[0]
	if err := c.ledger.AnswerFor(t.Context(), signin.Answering{Account: account.ID, Place: "lieu-3", By: "operateur"}); err != nil {
		t.Fatal(err)
	}
	page := b.get("/structure/lieux/lieu-3/agenda")
	c.want("the agendas", page, 200, "RDV Service Public")
	if !strings.Contains(page.raw, `href="/consentement/logiciel"`) || strings.Contains(page.raw, "/consentement/commun") {
		t.Errorf("where she is led:\n%s", page.raw)
	}
}
