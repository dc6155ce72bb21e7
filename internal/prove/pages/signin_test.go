package pages

import (
	"os"
	"testing"

	"passerelle/internal/prove/gateway"
)

var programs gateway.Programs

func TestMain(m *testing.M) { os.Exit(gateway.Main(m, &programs)) }

// Somebody signs in by a mailed link, sees her account, and signs out.
func TestSomebodySignsInByMail(t *testing.T) {
	s := Start(t, &programs)
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			p := s.Page(t)
			p.Scripts(scripts)
			p.Open("/connexion")
			p.Check("connexion")
			p.Fill("Votre adresse de courriel", "camille@mairie.example.org")
			p.Follow("button", "Recevoir un lien")
			p.Check("lien envoyé")
			p.Open(s.Link("camille@mairie.example.org", "/connexion/lien/"))
			p.Check("lien")
			p.Follow("button", "Se connecter")
			p.Says("camille@mairie.example.org")
			if p.Path() != "/compte" || p.Status() != 200 {
				t.Errorf("%d at %s", p.Status(), p.Path())
			}
			p.Check("compte")
			p.Follow("button", "Se déconnecter")
			p.Check("au revoir")
		})
	}
}
