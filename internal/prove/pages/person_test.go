package pages

import (
	"strings"
	"testing"

	"passerelle/internal/prove/gateway"
)

// bookFor books a slot of the médiathèque's for somebody who reads mail, and gives the path of the link that she is sent.
func (s *Site) bookFor(p *Page, address string) string {
	p.t.Helper()
	held(p)
	fillIn(p)
	p.Fill("Son téléphone (facultatif)", "")
	p.Fill("Son courriel (facultatif)", address)
	p.Click("radio", "Par courriel, à son adresse")
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("C'est fait.")
	return s.Link(p.t, address, "/rv/")
}

// The person sees, moves and cancels her appointment by the link of her mail, without an account and without a cookie.
func TestThePersonFollowsTheLinkOfHerMail(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs)
	s.Run(t, "account", "approve", "@mairie.example.org")
	aidant := s.Page(t)
	s.signIn(aidant, "camille@mairie.example.org")
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			link := s.bookFor(aidant, strings.ReplaceAll(name, " ", "-")+"@example.org")
			p := s.Page(t)
			p.Scripts(scripts)
			p.Open(link)
			p.Says("Zoé Nomdefamille")
			if text := p.Text(); strings.Contains(text, "retraite") || strings.Contains(text, "Camille") {
				t.Errorf("her page says what she comes for, or who took it: %s", text)
			}
			checkOnce(p, "son rendez-vous")
			p.Follow("link", "Changer de jour ou d'heure")
			p.Follow("link", "Semaine suivante")
			checkOnce(p, "ses créneaux")
			p.Follow("button", p.First("button", "Déplacer au "))
			p.Says("C'est déplacé.")
			p.Open(link) // which leads to what it has become
			p.Says("Confirmé")
			p.DoubleClick("button", "Annuler ce rendez-vous")
			p.Says("État Annulé")
			checkOnce(p, "son rendez-vous annulé")
			if cookies := p.Cookies(); len(cookies) > 0 {
				t.Errorf("she has no account, and the cookies %q", cookies)
			}
		})
	}
	t.Run("with the keyboard alone", func(t *testing.T) {
		p := s.Page(t)
		p.Open(s.bookFor(aidant, "clavier@example.org"))
		p.Reach("button", "Annuler ce rendez-vous")
		p.Leads(func() { p.Press("Enter") })
		p.Says("C'est annulé.")
	})
	s.want(t, "camille@mairie.example.org", "annule", "annule", "annule", "deplace", "deplace")
	t.Run("when another is quicker", func(t *testing.T) {
		p := s.Page(t)
		p.Open(s.bookFor(aidant, "lente@example.org"))
		p.Follow("link", "Changer de jour ou d'heure")
		p.Follow("link", "Semaine suivante")
		shown := p.First("button", "Déplacer au ")
		if answer, err := s.Caller.Book(t.Context(), gateway.Want(t.Name(), 0, p.slot())); err != nil || answer.Text("statut") != "confirme" {
			t.Fatal(answer, err)
		}
		p.Follow("button", shown)
		p.Says("Ce créneau vient d'être pris")
		p.Follow("link", "Revenir au rendez-vous")
		p.Says("Confirmé")
	})
}
