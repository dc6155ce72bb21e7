package main

import (
	"fmt"
	"os"
	"testing"

	"passerelle/booking"
	"passerelle/config"
)

// The configuration imports nothing of the domain, and takes the same for a mail address: one that was let in and is refused
// later is a place that nobody tells.
func TestTheConfigurationTakesTheMailAddressesThatTheDomainDoes(t *testing.T) {
	for address, good := range map[string]bool{
		"accueil@example.org": true, "prénom@example.org": true, "accueil@mairie": false, `"a@example.org"@example.org`: false,
		"Accueil <accueil@example.org>": false, "a@example.org, b@example.org": false, "a\u202eb@example.org": false, "a@example\u2028.org": false, "a@example.org\r\nBcc: b@example.org": false,
	} {
		if _, ok := booking.ParseEmail(address); ok != good {
			t.Errorf("the domain, of %q: %t", address, ok)
		}
		for _, name := range []string{"PASSERELLE_COURRIEL_EXPEDITEUR", "PASSERELLE_COURRIEL_EXPLOITANT"} {
			_, err := config.Load("", func(asked string) (string, bool) { return address, asked == name }, os.ReadFile)
			if (err == nil) != good {
				t.Errorf("%s, of %q: %v", name, address, err)
			}
		}
		if _, err := config.ParseAgendas(fmt.Appendf(nil, "id: a\nconnecteur: native\nlieux: [l]\nmotifs: [{id: m, libelle: M, duree_min: 30}]\navis: %q\n", address)); (err == nil) != good {
			t.Errorf("an agenda's, of %q: %v", address, err)
		}
	}
}
