package pages

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"passerelle/internal/prove"
)

const eveningAddress = "accueil@mediatheque.example.org" // of the médiathèque, which it publishes

// Beside its own page, a place sees its appointments in another calendar, has the list of the next day by mail, and finds one
// by the code that a person says at the telephone.
func TestAPlaceSeesItsAppointmentsElsewhere(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs)
	s.Run(t, "account", "approve", "@mairie.example.org")
	aidant := s.Page(t)
	s.signIn(aidant, "camille@mairie.example.org")
	for name, scripts := range map[string]bool{"avec": true, "sans": false} {
		if !scripts && !prove.Long() { // nothing there is for scripts
			continue
		}
		p := s.Page(t)
		p.Scripts(scripts)
		s.answers(t, p, name+"@mediatheque.example.org", "mediatheque")
		code := taken(aidant)
		s.privateAddress(t, p)
		eveningList(p)
		s.atTheTelephone(t, p, code)
	}
	aidant.Scripts(false)
	anAidantIsCalled(aidant)
	for _, a := range s.taken(t, "camille@mairie.example.org") {
		if a.Status != "annule" || a.Ended.By != "usager" {
			t.Errorf("for the person it is %s, by %q", a.Status, a.Ended.By)
		}
	}
}

// taken books for Zoé at the médiathèque, and gives the code of her sheet.
func taken(p *Page) string {
	p.t.Helper()
	held(p)
	fillIn(p)
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("C'est fait.")
	code := regexp.MustCompile(`Code ([0-9A-Z]{4}-[0-9A-Z]{4})`).FindStringSubmatch(p.Text())
	if code == nil {
		p.t.Fatalf("her sheet has no code: %s", p.Text())
	}
	return code[1]
}

// privateAddress: is shown once, says when and not who, and shows nothing once it is withdrawn.
func (s *Site) privateAddress(t *testing.T, p *Page) {
	p.Open("/structure/lieux/mediatheque")
	p.Follow("link", "Les voir dans un autre agenda, ou les recevoir la veille")
	p.Says("Il n'y a pas d'adresse.")
	alike(p, "calendrier, aucune adresse")
	p.Follow("button", "Faire une adresse")
	address := p.Value("Voici l'adresse. Copiez-la maintenant : elle ne sera plus montrée.")
	checkOnce(p, "calendrier, l'adresse")
	status, calendar := read(t, address)
	if status != http.StatusOK || !strings.HasPrefix(address, s.URL+"/calendriers/") {
		t.Fatalf("%s: %d %s", address, status, calendar)
	}
	for _, a := range s.taken(t, "camille@mairie.example.org") {
		at, way := "DTSTART:"+a.StartTime().UTC().Format("20060102T150405Z"), s.URL+"/structure/rendez-vous/"+a.ID
		if stands := a.Status.Occupies(); strings.Contains(calendar, way) != stands || stands && !strings.Contains(calendar, at) {
			t.Errorf("%s is %s, and the calendar says\n%s", at, a.Status, calendar)
		}
	}
	for _, secret := range []string{"Zo", "Nomdefamille", "0639980001", "06 39 98 00 01", "retraite", "Camille"} {
		if strings.Contains(calendar, secret) {
			t.Errorf("the calendar says %q:\n%s", secret, calendar)
		}
	}
	p.Open("/structure/lieux/mediatheque/calendrier")
	p.Says("Une adresse est en service. Vous l'avez faite")
	alike(p, "calendrier, une adresse en service")
	if ask[bool](p, "document.documentElement.outerHTML.includes('/calendriers/')") {
		t.Error("the address is shown twice")
	}
	p.Follow("button", "Retirer l'adresse")
	p.Says("L'adresse est retirée : elle ne montre plus rien.")
	if status, _ := read(t, address); status != http.StatusNotFound {
		t.Errorf("withdrawn, it is answered with %d", status)
	}
}

// read asks for an address as another calendar does, which has no cookie.
func read(t *testing.T, address string) (int, string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, strings.ReplaceAll(string(text), "\r\n ", "")
}

// eveningList is asked for, and no more. That it comes is proved with the program's clock, in package main.
func eveningList(p *Page) {
	p.Open("/structure/lieux/mediatheque/calendrier")
	if strings.Contains(p.Text(), "La liste est envoyée") {
		p.t.Error("a list that nobody has asked for")
	}
	p.Click("radio", eveningAddress)
	p.Follow("button", "Recevoir la liste")
	p.Says("C'est noté : la liste viendra le soir.")
	p.Says("La liste est envoyée à " + eveningAddress + ".")
	checkOnce(p, "calendrier, la liste du soir")
	p.Open("/structure/lieux/mediatheque/calendrier")
	p.Says("La liste est envoyée à " + eveningAddress + ".")
	p.Follow("button", "Ne plus la recevoir")
	p.Says("C'est noté : la liste ne viendra plus.")
}
