package pages

import (
	"strings"
	"testing"
)

// An aidant finds a place, signs in on the way, books for somebody, moves the appointment, and cancels it.
func TestAnAidantBooksForSomebody(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs)
	s.Run(t, "account", "approve", "@mairie.example.org")
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			address := strings.ReplaceAll(name, " ", "-") + "@mairie.example.org"
			p := s.Page(t)
			p.Scripts(scripts)
			search(p)
			s.choose(p, address)
			book(p)
			change(p)
			s.want(t, address, "annule", "deplace")
		})
	}
	t.Run("with the keyboard alone", s.byKeyboard)
	t.Run("a request", s.aRequest)
}

// search looks for a place, nearer and nearer.
func search(p *Page) {
	p.Open("/")
	checkOnce(p, "recherche vide")
	p.Fill("Où ?", "Zzz")
	p.Follow("button", "Chercher")
	p.Says("Aucune commune ne s'appelle « Zzz »")
	checkOnce(p, "commune inconnue")
	p.Fill("Où ?", "crest")
	p.Click("checkbox", "Acheter du matériel à prix solidaire")
	p.Follow("button", "Chercher")
	p.Says("Aucun lieu ne correspond.")
	checkOnce(p, "recherche sans résultat")
	p.Click("checkbox", "Acheter du matériel à prix solidaire")
	p.Click("checkbox", "Faire une démarche en ligne (impôts, CAF, retraite, carte grise…)")
	p.Follow("button", "Chercher")
	p.Says("2 lieux")
	checkOnce(p, "recherche")
	p.Click("DisclosureTriangle", "Pour qui, à quelles conditions")
	p.Click("checkbox", "Gratuit (1)")
	p.Follow("button", "Chercher")
	p.Says("1 lieu")
	checkOnce(p, "recherche avec filtres")
	p.Follow("link", "Médiathèque de la Tour")
	p.Says("Créneaux libres")
	checkOnce(p, "lieu")
}

// choose takes a slot of the place that is open, which needs signing in.
func (s *Site) choose(p *Page, address string) {
	nextWeek(p, "mediatheque")
	slot := p.First("link", "Réserver le ")
	p.Follow("link", slot)
	s.bySignIn(p, address)
	p.Says("Garder ce créneau et continuer")
	day, hour, _ := strings.Cut(strings.TrimPrefix(slot, "Réserver le "), " à ")
	p.Says(day)
	p.Says(hour)
	checkOnce(p, "choisir un créneau")
	p.Follow("button", "Garder ce créneau et continuer")
	p.Says("Ce créneau est gardé pour vous")
	checkOnce(p, "réserver")
}

// book fills in what is asked for, at first not all of it.
func book(p *Page) {
	p.Click("button", "Prendre ce rendez-vous") // the browser keeps what is not filled in
	fillIn(p)
	p.Fill("Son téléphone (facultatif)", "12")
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("Ce numéro n'est pas compris")
	if p.Status() != 422 {
		p.t.Errorf("a form with faults: %d", p.Status())
	}
	checkOnce(p, "réserver, à corriger")
	p.Fill("Son téléphone (facultatif)", filledIn["Son téléphone (facultatif)"])
	stillFilledIn(p)
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("C'est fait.")
	p.Says("Zoé Nomdefamille")
	checkOnce(p, "rendez-vous")
}

// change moves the appointment whose sheet is open, and cancels it.
func change(p *Page) {
	p.Follow("link", "Déplacer")
	p.Says("Vous déplacez un rendez-vous")
	checkOnce(p, "déplacer")
	p.Follow("link", "Semaine suivante")
	p.Follow("button", p.First("button", "Déplacer au "))
	p.Says("C'est déplacé.")
	p.Click("DisclosureTriangle", "Annuler ce rendez-vous")
	checkOnce(p, "annuler")
	p.Follow("button", "Annuler le rendez-vous")
	p.Says("C'est annulé.")
	checkOnce(p, "rendez-vous annulé")
	p.Follow("link", "Mes rendez-vous")
	p.Says("Déplacé")
	checkOnce(p, "mes rendez-vous")
}

// byKeyboard goes from the search to the confirmation, and touches nothing but keys.
func (s *Site) byKeyboard(t *testing.T) {
	p := s.Page(t)
	enter := func() { p.Leads(func() { p.Press("Enter") }) }
	p.Open("/")
	p.Reach("textbox", "Où ?")
	p.Press("crest")
	enter()
	p.Reach("link", "Médiathèque de la Tour")
	enter()
	p.Reach("link", p.All("link", "Réserver le ")[3])
	enter()
	p.Reach("textbox", "Votre adresse de courriel")
	p.Press("clavier@mairie.example.org")
	enter()
	p.Open(s.Link(t, "clavier@mairie.example.org", "/connexion/lien/"))
	p.Reach("button", "Se connecter")
	enter()
	p.Reach("button", "Garder ce créneau et continuer")
	enter()
	for _, label := range []string{"Son prénom", "Son nom", "Précisions (facultatif)", "Votre prénom", "Votre nom"} {
		p.Reach("textbox", label)
		p.Press(filledIn[label])
	}
	p.Reach("radio", "Elle vient de le dire")
	p.Press("Space")
	p.Reach("button", "Prendre ce rendez-vous")
	enter()
	p.Says("C'est fait.")
	s.want(t, "clavier@mairie.example.org", "confirme")
}

// aRequest is for a place that answers first.
func (s *Site) aRequest(t *testing.T) {
	p := s.Page(t)
	s.signIn(p, "demande@mairie.example.org")
	nextWeek(p, "mairie")
	p.Follow("button", p.First("button", "Réserver le "))
	fillIn(p)
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("le lieu n'a pas encore répondu")
	p.Check("demande")
	s.want(t, "demande@mairie.example.org", "demande")
}
