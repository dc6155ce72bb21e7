package pages

import (
	"time"

	"passerelle/internal/prove"
)

// signIn signs somebody in by a mailed link.
func (s *Site) signIn(p *Page, address string) {
	p.t.Helper()
	p.Open("/connexion")
	s.bySignIn(p, address)
}

// bySignIn signs somebody in who was led to where that is done, and who goes on from there.
func (s *Site) bySignIn(p *Page, address string) {
	p.t.Helper()
	p.Fill("Votre adresse de courriel", address)
	p.Follow("button", "Recevoir un lien")
	p.Open(s.Link(p.t, address, "/connexion/lien/"))
	p.Follow("button", "Se connecter")
}

// nextWeek opens the slots of a place that are a week away: none of them passes while a test runs.
func nextWeek(p *Page, place string) {
	p.t.Helper()
	p.Open("/lieux/" + place + "?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
}

// filledIn is the form of an appointment as it is filled in, by label.
var filledIn = map[string]string{
	"Son prénom": "Zoé", "Son nom": "Nomdefamille", "Son téléphone (facultatif)": "06 39 98 00 01", "Votre prénom": "Camille", "Votre nom": "Aidante",
	"Précisions (facultatif)": "Un dossier de retraite.",
}

// fillIn fills in the form of an appointment.
func fillIn(p *Page) {
	p.t.Helper()
	for label, value := range filledIn {
		p.Fill(label, value)
	}
	p.Click("radio", "Elle vient de le dire")
}

// stillFilledIn fails the test unless the form has all that fillIn has written.
func stillFilledIn(p *Page) {
	p.t.Helper()
	for label, value := range filledIn {
		if got := p.Value(label); got != value {
			p.t.Errorf("%s: %q has %q, where %q was written", p.Path(), label, got, value)
		}
	}
}

// held keeps a slot of the médiathèque's for who is signed in, and shows its form.
func held(p *Page) {
	p.t.Helper()
	nextWeek(p, "mediatheque")
	p.Follow("button", p.First("button", "Réserver le "))
	p.Says("Ce créneau est gardé pour vous")
}

// checkOnce checks a page that is seen with scripts and without: in an ordinary run with them.
func checkOnce(p *Page, name string) {
	p.t.Helper()
	if !p.noScript || prove.Long() {
		p.Check(name)
	}
}

// alike checks a page that differs little from one that is checked in every run: in long runs.
func alike(p *Page, name string) {
	p.t.Helper()
	if prove.Long() {
		p.Check(name)
	}
}

// slot is the id of the first slot that is shown as a button.
func (p *Page) slot() string {
	p.t.Helper()
	return ask[string](p, "document.querySelector('button[name=creneau]').value")
}
