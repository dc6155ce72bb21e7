package linkcheck

import (
	"fmt"
	"strings"
	"testing"

	"passerelle/connectors/all"
)

func TestWhatTheTextOfALinkDecides(t *testing.T) {
	const link = "https://www.rdv-aide-numerique.fr/org/12"
	for _, c := range []struct {
		value   string
		verdict Verdict
		link    string
	}{
		{" HTTP://www.rdv-aide-numerique.fr/org/12/mediatheque ", "", link},
		{"https://www.rdv-solidarites.fr/prendre_rdv?departement=03", "", "https://www.rdv-solidarites.fr/prendre_rdv?departement=03"},
		{"https://www.rdv-solidarites.fr/celestierslieu", "", "https://www.rdv-solidarites.fr/celestierslieu"},
		{"www.exemple.fr", "", "https://www.exemple.fr/"},
		{"https://exemple.fr/agenda.ics", "", "https://exemple.fr/agenda.ics"},
		{"https://www.doctolib.fr/maison-france-services/exemple", "", "https://www.doctolib.fr/maison-france-services/exemple"},
		{"https://www.doctolib.fr/?lieu=3", "", "https://www.doctolib.fr/?lieu=3"},
		{"https://exemple.simplybook.it/", "", "https://exemple.simplybook.it/"}, // a customer's page
		{"https://exemple.cal.com/", "", "https://exemple.cal.com/"},
		{"https://openagenda.com/exemple", "", "https://openagenda.com/exemple"},

		{"https://www.rdv-solidarites.fr/", Home, "https://www.rdv-solidarites.fr/"},
		{"rdv.anct.gouv.fr", Home, "https://rdv.anct.gouv.fr/"},
		{"https://www.rdv-solidarites.fr/prendre_rdv", Home, "https://www.rdv-solidarites.fr/prendre_rdv"},
		{"https://www.doctolib.fr", Home, "https://www.doctolib.fr/"},
		{"http://doctolib.fr/", Home, "http://doctolib.fr/"},
		{"https://cal.com/", Home, "https://cal.com/"},
		{"https://openagenda.com", Home, "https://openagenda.com/"},
		{"https://www.facebook.com/", Home, "https://www.facebook.com/"},
		{"https://grist.numerique.gouv.fr/", Home, "https://grist.numerique.gouv.fr/"},

		{"https://www.rdv-solidarites.fr/users/rdvs/1?invitation_token=CANARI99", Personal, ""},
		{"https://exemple.fr/?token=CANARI99", Personal, ""},
		{"https://jean:CANARI99@exemple.fr/", Personal, ""},

		{"oui", "", ""},
		{"accueil@example.org", "", ""},
		{"04 75 00 00 00", "", ""},
		{"https://www.rdv-solidarites.fr/admin/organisations/12", "", ""},
	} {
		got := Shape(all.Registry(), c.value)
		if got.Verdict != c.verdict || got.Link != c.link || (got.Detail == "") != (c.verdict == "") || strings.Contains(fmt.Sprint(got), "CANARI99") {
			t.Errorf("Shape(%q) = %+v, want %q %q", c.value, got, c.verdict, c.link)
		}
	}
}
