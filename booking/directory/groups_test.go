package directory

import (
	"slices"
	"strings"
	"testing"

	"passerelle/booking"
)

func TestEPCIsAreFoundByName(t *testing.T) {
	x := newIndex(nil, nil)
	const val = "CC du Val de Drôme en Biovallée (26)"
	for asked, want := range map[string]string{
		"CC du Val de Drôme": val,
		"cc val-de-drome":    val,
		"Communauté de communes du Val de Drôme en Biovallée": val,
		"Val de Drôme":                             "Val de Drôme (14)", // a commune is called so
		"Val de Drôme en Biovallée":                val,
		"Val de Drôme (26)":                        val,
		"Val de Drôme (38)":                        "",
		"CC de l'Île-Rousse":                       "CC de l'Ile-Rousse - Balagne (2B)",
		"cc l’ile rousse":                          "CC de l'Ile-Rousse - Balagne (2B)",
		"Communauté d'agglomération du Libournais": "CA du Libournais (33)",
		"communauté urbaine de Dunkerque":          "CU de Dunkerque (59)",
		"CC Coeur de Sologne":                      "CC Coeur de Sologne (41)",
		"CC Cœur de Sologne":                       "CC Coeur de Sologne (41)",
		"CC du Pays de Pontchâteau Saint-Gildas":   "CC du Pays de Pontchâteau St-Gildas-des-Bois (44)",
		"métropole de Lyon":                        "Métropole de Lyon (69)",
		"Grenoble Alpes Metropole":                 "Grenoble-Alpes-Métropole (38)",
		"CC des Quatre Rivières":                   "CC des Quatre Rivières (70); CC des Quatre Rivières (74)",
		"CC des Quatre Rivières (74)":              "CC des Quatre Rivières (74)",
		"CA du Libournais et d'ailleurs":           "",
		"CC":                                       "",
		"cc du":                                    "",
		"CC Zzz":                                   "",
	} {
		var labels []string
		for _, a := range x.areasOf(asked) {
			labels = append(labels, a.Label)
		}
		if got := strings.Join(labels, "; "); got != want {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
	}
	if n := len(x.areasOf("cc pays")); n != mostGroups {
		t.Errorf("%d EPCIs begin so", n)
	}
}

// The label of an area is a link of the page: it must lead back.
func TestEveryEPCIIsFoundByItsLabel(t *testing.T) {
	x := newIndex(nil, nil)
	epcis := groupsTable().epcis
	if len(epcis) < 1250 {
		t.Errorf("%d EPCIs", len(epcis))
	}
	for _, e := range epcis {
		if !sirenShape.MatchString(e.code) || len(e.members) < len("26108 26125") {
			t.Errorf("%+v", e)
		}
		label := e.name + " (" + (&booking.Place{INSEE: e.members[:5]}).Department() + ")"
		if got := x.areasOf(label); len(got) != 1 || got[0] != (booking.Area{Label: label, EPCI: e.code}) {
			t.Errorf("%q leads to %+v", label, got)
		}
	}
}

func TestDepartmentsAreFoundByName(t *testing.T) {
	x := newIndex(nil, nil)
	for asked, want := range map[string]string{
		"Drôme": "26", "la drome": "26", "DRÔME (26)": "26", "Drôme (38)": "", "département de la Drôme": "26", "Côtes d’Armor": "22", "cotes-d'armor": "22",
		"Val-de-Marne": "94", "Seine et Marne": "77", "Corse du Sud": "2A", "Guyane": "973", "Nord": "59",
		"Paris":  "Paris (75)", // the commune is the département
		"Vienne": "Vienne (38); 86",
	} {
		var labels []string
		for _, a := range x.areasOf(asked) {
			labels = append(labels, a.Label)
		}
		if got := strings.Join(labels, "; "); got != want {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
	}
	if n := len(groupsTable().departments); n != 109 {
		t.Errorf("%d départements", n)
	}
}

func TestPlacesOfAnEPCI(t *testing.T) {
	x := newIndex([]*booking.Place{
		{ID: "eurre", Name: "1", INSEE: "26125"},
		{ID: "livron", Name: "2", INSEE: "26165"},
		{ID: "crest", Name: "3", INSEE: "26108"},
		{ID: "paris", Name: "4", INSEE: "75111", PostalCode: "75011"},
		{ID: "lyon", Name: "5", INSEE: "69123", PostalCode: "69003"},
		{ID: "nowhere", Name: "6"},
	}, nil)
	for _, test := range []struct{ epci, want []string }{
		{[]string{"242600252"}, []string{"eurre", "livron"}},
		{[]string{"242600252", "200040509"}, []string{"eurre", "livron", "crest"}},
		{[]string{"200054781"}, []string{"paris"}}, // whose member is the whole city
		{[]string{"200046977"}, []string{"lyon"}},
		{[]string{"123456789"}, []string{}},
	} {
		found, err := x.search(booking.PlaceFilter{EPCI: test.epci})
		if err != nil || !slices.Equal(names(found), test.want) {
			t.Errorf("%q: found %q, %v", test.epci, names(found), err)
		}
	}
	area := x.areasOf("CC du Val de Drôme")[0]
	if found, err := x.search(booking.PlaceFilter{}.In(area, 15)); err != nil || len(found) != 2 {
		t.Errorf("in %+v: %q, %v", area, names(found), err)
	}
}
