package booking

import (
	"strings"
	"testing"
)

func TestWhatHasNoBusinessInAFreeText(t *testing.T) {
	for text, want := range map[string]string{
		"1 85 05 78 006 084 91":                                           "sécurité sociale",
		"son n° : 185057800608491.":                                       "sécurité sociale",
		"2-69-05-49-588-157-80":                                           "sécurité sociale",
		"1 80 05 2A 004 123 60":                                           "", // whose key is another
		"1 80 05 2A 004 123 10":                                           "sécurité sociale",
		"1 80 05 2 b 004 123 37":                                          "sécurité sociale",
		"1\u00a085\u202f05 78 006 084 91":                                 "sécurité sociale",
		"1‑85‑05‑78‑006‑084‑91":                                           "sécurité sociale",
		"FR76.3000.6000.0112.3456.7890.189":                               "compte bancaire",
		"FR76-3000-6000-0112-3456-7890-189":                               "compte bancaire",
		"FR76\u202f3000\u202f6000\u202f0112\u202f3456\u202f7890\u202f189": "compte bancaire",
		"code d’accès : 1789":                                             "mot de passe",
		"185057800608492":                                                 "",
		"FR7630006000011234567890189":                                     "compte bancaire",
		"FR76 3000 6000 0112 3456 7890 189 merci":                         "compte bancaire",
		"de89370400440532013000":                                          "compte bancaire",
		"FR7630006000011234567890188":                                     "",
		"Mot de passe : Soleil75":                                         "mot de passe",
		"son mdp=1234":                                                    "mot de passe",
		"le code confidentiel est 0000":                                   "mot de passe",
		"elle a perdu son mot de passe":                                   "", // that is what she comes for
		"mot de passe oublié, code PIN à changer":                         "",
		"renouveler la carte d'identité 06 39 98 00 01 du 12/03/2026":     "",
		"dossier AB12 renouvellement de la carte":                         "",
		"dossier 123456789012345":                                         "",
		"":                                                                "",
	} {
		got := Confidential(text)
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever stands around a number, the number is seen: what is written next to it cannot hide it.
func FuzzConfidential(f *testing.F) {
	f.Add("son n°", "merci")
	f.Add("FR76 3000", "\u00a012")
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, number := range []string{"185057800608491", "FR7630006000011234567890189"} {
			if text := before + "\n" + number + "\n" + after; Confidential(text) == "" {
				t.Errorf("%q", text)
			}
		}
	})
}
