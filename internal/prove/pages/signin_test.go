package pages

import (
	"net/http"
	"os"
	"testing"

	"passerelle/internal/prove/gateway"
)

var programs gateway.Programs

func TestMain(m *testing.M) { os.Exit(gateway.Main(m, &programs)) }

// Somebody signs in by a mailed link, sees her account, answers for a place, and signs out.
func TestSomebodySignsInByMail(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs)
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			p := s.Page(t)
			p.Scripts(scripts)
			p.Open("/compte") // which leads to where one signs in
			checkOnce(p, "connexion")
			p.Fill("Votre adresse de courriel", "camille@a")
			p.Follow("button", "Recevoir un lien")
			if p.Status() != http.StatusUnprocessableEntity {
				t.Errorf("an address that is none: %d", p.Status())
			}
			checkOnce(p, "connexion, adresse fausse")
			p.Fill("Votre adresse de courriel", "camille@mediatheque.example.org")
			p.Follow("button", "Recevoir un lien")
			checkOnce(p, "lien envoyé")
			link := s.Link(t, "camille@mediatheque.example.org", "/connexion/lien/")
			p.Open(link)
			checkOnce(p, "lien")
			p.Follow("button", "Se connecter")
			if p.Status() != http.StatusOK || p.Path() != "/compte" {
				t.Errorf("%d at %s", p.Status(), p.Path())
			}
			p.Says("camille@mediatheque.example.org")
			p.Fill("Identifiant du lieu", "nulle part")
			p.Follow("button", "Envoyer le lien")
			checkOnce(p, "compte, lieu inconnu")
			p.Fill("Identifiant du lieu", "mediatheque")
			p.Follow("button", "Envoyer le lien")
			checkOnce(p, "compte, lien envoyé")

			clerk := s.Page(t)
			clerk.Scripts(scripts)
			clerk.Open(s.Link(t, "accueil@mediatheque.example.org", "/compte/lien/"))
			checkOnce(clerk, "qui répond du lieu")
			clerk.Follow("button", "Accepter")
			checkOnce(clerk, "lieu confié")

			p.Open("/compte")
			p.Says("Médiathèque de la Tour, Crest")
			checkOnce(p, "compte")
			p.Follow("button", "Se déconnecter")
			checkOnce(p, "au revoir")
			p.Open(link)
			if p.Status() != http.StatusGone {
				t.Errorf("a link that was used: %d", p.Status())
			}
			checkOnce(p, "lien usé")
		})
	}
}

// The same by the keyboard alone.
func TestSomebodySignsInByTheKeyboard(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs)
	s.Run(t, "account", "approve", "@mediatheque.example.org")
	p := s.Page(t)
	p.Open("/connexion")
	p.Reach("textbox", "Votre adresse de courriel")
	p.Press("claude@mediatheque.example.org")
	p.Leads(func() { p.Press("Enter") })
	p.Open(s.Link(t, "claude@mediatheque.example.org", "/connexion/lien/"))
	p.Reach("button", "Se connecter")
	p.Leads(func() { p.Press("Space") })
	p.Says("Réserver pour quelqu'un Oui")
	p.Reach("button", "Se déconnecter")
	p.Leads(func() { p.Press("Enter") })
	p.Open("/compte")
	if p.Path() != "/connexion?retour=%2Fcompte" && p.Path() != "/connexion" {
		t.Errorf("signed out, she is at %s", p.Path())
	}
}
