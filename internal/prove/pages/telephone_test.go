package pages

import (
	"net/http"
	"strings"
	"testing"
)

// called says a code and a name where a page asks for them.
func called(p *Page, page, code, name string) {
	p.t.Helper()
	p.Open(page)
	p.Fill("Code, en huit caractères", code)
	p.Fill("Nom de famille", name)
	p.Follow("button", "Retrouver le rendez-vous")
}

// atTheTelephone: what is wrong is told apart in nothing, and cannot be tried for long.
func (s *Site) atTheTelephone(t *testing.T, p *Page, code string) {
	const page = "/structure/lieux/mediatheque"
	wrong := func(code, name string) string {
		called(p, page, code, name)
		if p.Status() != http.StatusNotFound {
			t.Errorf("%s, %s: %d", code, name, p.Status())
		}
		return p.Text()
	}
	first := wrong("0000-0000", "Nomdefamille")
	p.Says("Aucun rendez-vous trouvé")
	alike(p, "code inconnu")
	if second := wrong(code, "Durand"); second != first {
		t.Errorf("a code that is one, with another's name: %s\nwhere a code that is none has: %s", second, first)
	}
	called(p, page, strings.ToLower(strings.ReplaceAll(code, "-", " ")), "NOMDEFAMILLE")
	p.Says("État Confirmé")
	p.Says("Médiathèque de la Tour")
	for _, secret := range []string{"Zoé", "retraite", "06 39", "Camille"} {
		if strings.Contains(p.Text(), secret) {
			t.Errorf("who answers the telephone is told %q: %s", secret, p.Text())
		}
	}
	checkOnce(p, "rendez-vous par son code")
	p.DoubleClick("button", "Annuler ce rendez-vous pour elle")
	p.Says("C'est annulé")
	alike(p, "annulé par son code")

	_, _ = wrong("0000-0000", "Durand"), wrong("0000-0000", "Martin")
	for _, said := range [][2]string{{code, "Nomdefamille"}, {"0000-0000", "Durand"}} {
		called(p, page, said[0], said[1])
		p.Says("Trop d'essais")
		if p.Status() != http.StatusTooManyRequests {
			t.Errorf("a sixth try: %d", p.Status())
		}
	}
	alike(p, "trop d'essais")
}

// anAidantIsCalled, who touches nothing but keys.
func anAidantIsCalled(p *Page) {
	code := taken(p)
	p.Open("/mes-rendez-vous")
	p.Reach("textbox", "Code, en huit caractères")
	p.Press(code)
	p.Reach("textbox", "Nom de famille")
	p.Press("nomdefamille")
	p.Leads(func() { p.Press("Enter") })
	p.Says("État Confirmé")
	p.Reach("button", "Annuler ce rendez-vous pour elle")
	p.Leads(func() { p.Press("Space") })
	p.Says("C'est annulé")
}
