package directory

import (
	"math"
	"os"
	"slices"
	"testing"

	"passerelle/booking"
)

func TestINSEECodesThatAreDeduced(t *testing.T) {
	for name, test := range map[string]struct{ postalCode, commune, want string }{
		"as it is written":                     {"26150", "Die", "26113"},
		"without accents or hyphens":           {"26340", "SAINT NAZAIRE LE DESERT", "26321"},
		"Saint for short":                      {"26340", "St-Nazaire-le-Désert", "26321"},
		"with a CEDEX":                         {"26150", "DIE CEDEX 9", "26113"},
		"a postal code of CEDEX":               {"13692", "MARTIGUES CEDEX", "13056"},
		"without its article":                  {"83130", "GARDE", "83062"},
		"the post office's name":               {"84140", "Montfavet", "84007"},
		"a commune that was absorbed":          {"01300", "Arbignieu", "01015"},
		"several at one postal code":           {"01090", "Lurcy", "01225"},
		"a hamlet, one commune at the code":    {"13280", "Moulès", "13004"},
		"a slip, one commune at the code":      {"83500", "La Seynes sur Mer", "83126"},
		"a slip, several communes at the code": {"01090", "Lurcie", ""},
		"the commune of another postal code":   {"13100", "Martigues", ""},
		"no postal code":                       {"", "Die", ""},
		"Paris by postal code":                 {"75011", "Paris", "75111"},
		"Paris by its second postal code":      {"75016", "PARIS", "75116"},
		"Paris, another way":                   {"75011", "Paris 11ème Arrondissement", "75111"},
		"Lyon with a number":                   {"69003", "LYON 03", "69383"},
		"Marseille 1er":                        {"13001", "Marseille 1er", "13201"},
		"an arrondissement that is another":    {"13001", "Marseille 11e", ""},
		"a city by a CEDEX":                    {"75961", "PARIS CEDEX 20", "75056"},
		"Corsica":                              {"20000", "Ajaccio", "2A004"},
		"overseas":                             {"97400", "Saint-Denis", "97411"},
		"the same name in two départements":    {"93200", "ST DENIS", "93066"},
		"an island with a code of its own":     {"97133", "Saint-Barthélemy", "97701"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := communesTable().deduce(test.postalCode, test.commune); got != test.want {
				t.Errorf("deduce(%q, %q) = %q, want %q", test.postalCode, test.commune, got, test.want)
			}
		})
	}
}

func TestTheBundledTableIsWhole(t *testing.T) {
	table := communesTable()
	if n := len(table.lines); n < 6000 {
		t.Errorf("%d postal codes", n)
	}
	codes, ambiguous := map[string]bool{}, map[string]bool{}
	for _, n := range table.named {
		l := table.at(uint32(n & math.MaxUint32))
		codes[l.code] = true
		if code, ok := table.there(l.postalCode, communeKey(l.name)); !ok {
			t.Errorf("%+v is not found by its name", l)
		} else if code == "" {
			ambiguous[l.postalCode+" "+communeKey(l.name)] = true
		}
		if !inseeShape.MatchString(l.code) || !postalShape.MatchString(l.postalCode) {
			t.Errorf("%+v", l)
		}
	}
	if len(codes) < 34900 || len(ambiguous) > 20 {
		t.Errorf("%d communes, %d ambiguous names", len(codes), len(ambiguous))
	}
	for _, c := range cities {
		for code := range codes {
			if code == c.code {
				t.Errorf("%s stands in the table whole, so its postal codes are ambiguous", c.name)
			}
		}
	}
}

func TestTheBundledTableTakesLittleRoom(t *testing.T) {
	table := communesTable()
	if bytes := 8*cap(table.named) + 4*cap(table.lines); bytes > 400_000 || len(table.districts) > 50 {
		t.Errorf("%d bytes, and %d districts, beside the text", bytes, len(table.districts))
	}
}

func TestClocks(t *testing.T) {
	z, err := loadZones()
	if err != nil {
		t.Fatal(err)
	}
	for want, places := range map[string][]booking.Place{
		"Europe/Paris":          {{INSEE: "26113"}, {PostalCode: "20200"}, {}, {INSEE: "2A004"}},
		"America/Guadeloupe":    {{INSEE: "97105"}, {PostalCode: "97100"}, {Point: &booking.Point{Latitude: 16.2, Longitude: -61.5}}},
		"America/Martinique":    {{PostalCode: "97200"}},
		"America/Cayenne":       {{INSEE: "97302"}},
		"Indian/Reunion":        {{INSEE: "97411"}},
		"America/Miquelon":      {{PostalCode: "97500"}},
		"Indian/Mayotte":        {{PostalCode: "97600"}},
		"America/St_Barthelemy": {{INSEE: "97701"}},
		"America/Marigot":       {{INSEE: "97801"}},
		"Pacific/Wallis":        {{INSEE: "98613"}},
		"Pacific/Tahiti":        {{INSEE: "98735"}, {PostalCode: "98700"}},
		"Pacific/Marquesas":     {{INSEE: "98731"}},
		"Pacific/Gambier":       {{INSEE: "98719"}},
		"Pacific/Noumea":        {{INSEE: "98818"}, {PostalCode: "98800"}},
	} {
		for _, p := range places {
			if got := z.of(&p); got.String() != want {
				t.Errorf("%+v lives by %s, want %s", p, got, want)
			}
		}
	}
}

// The real file of a region: the counts are those of its 792 places.
func TestARealFile(t *testing.T) {
	file, err := os.Open("../../../shared/data/lieux-paca-2023-05.csv")
	if err != nil {
		t.Skip("the shared data is not here")
	}
	defer file.Close()
	places, report, err := Read(file, "paca")
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != 792 || len(places) != 792 || len(report.Rejected) != 0 {
		t.Errorf("%d rows, %d places, rejected %+v", report.Rows, len(places), report.Rejected)
	}
	given, deduced, links := 0, 0, 0
	for _, p := range places {
		if p.BookingURL != "" {
			links++
		}
		if p.INSEEDeduced {
			deduced++
		} else if p.INSEE != "" {
			given++
			again := communesTable().deduce(p.PostalCode, p.Commune)
			if again != "" && !slices.Contains(communesTable().coveredBy(again, p.PostalCode), p.INSEE) {
				t.Errorf("%s %s: the file says %s, deduced %s", p.PostalCode, p.Commune, p.INSEE, again)
			}
		}
	}
	if given != 23 || deduced != 755 || links != 47 {
		t.Errorf("%d codes given, %d deduced, %d links; want 23, 755, 47", given, deduced, links)
	}
}
