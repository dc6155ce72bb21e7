package pages

import (
	"testing"

	"passerelle/internal/prove"
	"passerelle/internal/testservers"
)

// The pages wear the State's design system as its package has it: its letters and its blue come, from the site itself, and
// no page is worse for it.
func TestPagesWearTheStatesDesignSystem(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs, More{Environment: map[string]string{
		"PASSERELLE_DSFR_DOSSIER": testservers.DSFR(t), "PASSERELLE_DSFR_INTITULE": "Ministère|de l'exemple",
	}})
	p := s.Page(t)
	p.Open("/")
	for asked, want := range map[string]string{
		"getComputedStyle(document.querySelector('button[type=submit]')).backgroundColor":                        "rgb(0, 0, 145)",
		"getComputedStyle(document.querySelector('.fr-logo'), '::before').backgroundImage.slice(0, 9)":           `url("data`,
		"[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family.replaceAll('\"', ''))[0] || ''": "Marianne",
	} {
		if got := ask[string](p, asked); got != want {
			t.Errorf("%s is %s, want %s", asked, got, want)
		}
	}
	t.Logf("the search, on the first visit, is %d bytes", p.Weigh("/"))
	p.Check("dsfr-recherche")
	if !prove.Long() {
		return
	}
	p.Open("/lieux/mediatheque")
	p.Check("dsfr-lieu")
	s.Run(t, "account", "approve", "@mairie.example.org")
	s.answers(t, p, "camille@mairie.example.org", "mediatheque")
	held(p)
	p.Check("dsfr-formulaire")
	p.Open("/structure/lieux/mediatheque")
	p.Check("dsfr-jour")
}
