package pages

import "testing"

// signIn signs somebody in by a mailed link.
func (s *Site) signIn(p *Page, address string) {
	p.t.Helper()
	p.Open("/connexion")
	p.Fill("Votre adresse de courriel", address)
	p.Follow("button", "Recevoir un lien")
	p.Open(s.Link(p.t, address, "/connexion/lien/"))
	p.Follow("button", "Se connecter")
}

// fillIn fills in the form of an appointment.
func fillIn(p *Page) {
	p.t.Helper()
	for label, value := range map[string]string{
		"Son prénom": "Zoé", "Son nom": "Nomdefamille", "Son téléphone (facultatif)": "06 39 98 00 01", "Votre prénom": "Camille", "Votre nom": "Aidante",
	} {
		p.Fill(label, value)
	}
	p.Click("radio", "Elle vient de le dire")
}

// An aidant finds a place, books for somebody, moves it, and cancels.
func TestAnAidantBooksForSomebody(t *testing.T) {
	s := Start(t, &programs)
	s.Run(t, "account", "approve", "@mairie.example.org")
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			p := s.Page(t)
			p.Scripts(scripts)
			p.Open("/")
			p.Check("recherche vide")
			p.Fill("Où ?", "crest")
			p.Follow("button", "Chercher")
			p.Says("lieux")
			p.Check("recherche")
			p.Follow("link", "Médiathèque de la Tour")
			p.Says("Créneaux libres")
			p.Check("lieu")
			s.signIn(p, "camille@mairie.example.org")
			p.Open("/?ou=crest")
			p.Follow("link", "Médiathèque de la Tour")
			p.Follow("link", "Semaine suivante")
			slot := p.First("button", "Réserver le ")
			p.Follow("button", slot)
			p.Says("Ce créneau est gardé pour vous")
			p.Check("réserver")
			p.Click("button", "Prendre ce rendez-vous") // the browser keeps what is not filled in
			fillIn(p)
			p.Follow("button", "Prendre ce rendez-vous")
			p.Says("C'est fait.")
			p.Says("Zoé Nomdefamille")
			p.Check("rendez-vous")
			p.Follow("link", "Mes rendez-vous")
			p.Check("mes rendez-vous")
		})
	}
}
