package directory

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"passerelle/booking"
	"passerelle/connectors"
)

func sampleIndex(t *testing.T) *index {
	t.Helper()
	places, _ := readSample(t, "lieux.csv")
	return newIndex(places, func(link string) string {
		if strings.HasPrefix(link, "https://rdv.example.org/org/8") {
			return "https://canonique.example.org/8"
		}
		return ""
	})
}

func names(found []booking.Found) []string {
	list := []string{}
	for _, f := range found {
		list = append(list, f.Place.ID)
	}
	return list
}

const (
	trois = "Coop-numérique_00000000-0000-4000-8000-000000000001"
	roane = "Coop-numérique_00000000-0000-4000-8000-000000000002__France-Services_42"
)

func TestSearches(t *testing.T) {
	x := sampleIndex(t)
	for name, test := range map[string]struct {
		filter booking.PlaceFilter
		want   []string
	}{
		"nothing wanted: all, by name": {booking.PlaceFilter{}, []string{
			"exemple-09", "exemple 15", "exemple-06", "exemple-04", "exemple-03", "exemple-07", roane, "exemple-08", "exemple-10", trois, "exemple-05", "exemple-14",
		}},
		"by ids and aliases":              {booking.PlaceFilter{IDs: []string{"France-Services_42", "exemple-03", "nobody"}}, []string{"exemple-03", roane}},
		"by ids that nobody has":          {booking.PlaceFilter{IDs: []string{"nobody"}}, []string{}},
		"by commune, given":               {booking.PlaceFilter{Commune: []string{"26113"}}, []string{trois}},
		"by commune, deduced":             {booking.PlaceFilter{Commune: []string{"26108"}}, []string{"exemple-09", "exemple-03"}},
		"by several communes":             {booking.PlaceFilter{Commune: []string{"26113", "97411"}}, []string{"exemple-06", trois}},
		"by the commune of Paris":         {booking.PlaceFilter{Commune: []string{"75056"}}, []string{"exemple-04"}},
		"by an arrondissement":            {booking.PlaceFilter{Commune: []string{"13201"}}, []string{"exemple-05"}},
		"by another arrondissement":       {booking.PlaceFilter{Commune: []string{"75112"}}, []string{}},
		"by postal code":                  {booking.PlaceFilter{PostalCode: []string{"26400"}}, []string{"exemple-09", "exemple-03"}},
		"by département":                  {booking.PlaceFilter{Department: []string{"26"}}, []string{"exemple-09", "exemple-03", roane, trois}},
		"by département overseas":         {booking.PlaceFilter{Department: []string{"972", "987"}}, []string{"exemple-07", "exemple-08"}},
		"by SIRET":                        {booking.PlaceFilter{SIRET: "123 456 789 00011"}, []string{"exemple-03"}},
		"by link, any writing of it":      {booking.PlaceFilter{Link: "http://rdv.EXAMPLE.org/org/7/"}, []string{roane, trois}},
		"by canonical link":               {booking.PlaceFilter{Link: "https://canonique.example.org/8"}, []string{"exemple-14"}},
		"by a link of the same canonical": {booking.PlaceFilter{Link: "https://rdv.example.org/org/8?x=1"}, []string{"exemple-14"}},
		"by no link":                      {booking.PlaceFilter{Link: "https://rdv.example.org/org"}, []string{}},
		"by a word of the name":           {booking.PlaceFilter{Text: "mediatheque"}, []string{trois}},
		"by beginnings of words":          {booking.PlaceFilter{Text: "NUM cré"}, []string{"exemple-09", "exemple-03"}},
		"by name and commune":             {booking.PlaceFilter{Text: "espace crest"}, []string{"exemple-03"}},
		"by a saint":                      {booking.PlaceFilter{Text: "st-nazaire"}, []string{roane}},
		"by the middle of a word":         {booking.PlaceFilter{Text: "theque"}, []string{}},
		"by service, any case":            {booking.PlaceFilter{Services: []string{"UTILISATION SECURISEE DU NUMERIQUE"}}, []string{"exemple 15", "exemple-03"}},
		"by either service":               {booking.PlaceFilter{Services: []string{"Utilisation sécurisée du numérique", "Accès internet et matériel informatique"}}, []string{"exemple 15", "exemple-04", "exemple-03"}},
		"by service and département":      {booking.PlaceFilter{Services: []string{"Utilisation sécurisée du numérique"}, Department: []string{"26"}}, []string{"exemple-03"}},
		"by modalites_acces":              {booking.PlaceFilter{AccessModes: []string{booking.NoPublic}}, []string{"exemple-05"}},
		"by modalites_accompagnement":     {booking.PlaceFilter{SupportModes: []string{"en autonomie"}}, []string{"exemple-03"}},
		"by publics":                      {booking.PlaceFilter{Publics: []string{"etudiants"}}, []string{"exemple-04"}},
		"by prise en charge":              {booking.PlaceFilter{SpecialCare: []string{"Illettrisme"}}, []string{trois}},
		"by frais":                        {booking.PlaceFilter{Fees: []string{"Gratuit"}}, []string{trois}},
		"by dispositif":                   {booking.PlaceFilter{Programmes: []string{"france services"}}, []string{roane}},
		"around a point":                  {booking.PlaceFilter{Near: &booking.Point{Latitude: 44.75, Longitude: 5.37}}, []string{trois, roane, "exemple-03"}},
		"around a point, closer":          {booking.PlaceFilter{Near: &booking.Point{Latitude: 44.75, Longitude: 5.37}, RadiusKM: 5}, []string{trois}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := x.search(test.filter)
			if err != nil {
				t.Fatal(err)
			}
			if got := names(found); !slices.Equal(got, test.want) {
				t.Errorf("found %q, want %q", got, test.want)
			}
			for _, f := range found {
				if (f.DistanceKM != nil) != (test.filter.Near != nil) {
					t.Errorf("%s: distance %v", f.Place.ID, f.DistanceKM)
				}
			}
		})
	}
}

func TestAFilterThatCannotBeMet(t *testing.T) {
	x := sampleIndex(t)
	for field, filters := range map[string][]booking.PlaceFilter{
		"code_commune":                    {{Commune: []string{"26113", "261"}}, {Commune: []string{""}}},
		"code_postal":                     {{PostalCode: []string{"2615"}}},
		"code_departement":                {{Department: []string{"20"}}, {Department: []string{"96"}}, {Department: []string{"1"}}, {Department: []string{"Drôme"}}},
		"code_epci":                       {{EPCI: []string{"24260025"}}, {EPCI: []string{"CC du Val de Drôme"}}},
		"siret":                           {{SIRET: "123"}, {SIRET: "00000000000000"}},
		"rayon_km":                        {{Near: &booking.Point{}, RadiusKM: -1}, {RadiusKM: math.NaN()}, {RadiusKM: math.Inf(1)}},
		"lat":                             {{Near: &booking.Point{Latitude: 91}}, {Near: &booking.Point{Latitude: math.NaN()}}},
		"lon":                             {{Near: &booking.Point{Longitude: -181}}},
		"services":                        {{Services: []string{"Tricot connecté"}}},
		"modalites_acces":                 {{AccessModes: []string{"x"}}},
		"modalites_accompagnement":        {{SupportModes: []string{"x"}}},
		"publics_specifiquement_adresses": {{Publics: []string{"x"}}},
		"prise_en_charge_specifique":      {{SpecialCare: []string{"x"}}},
		"frais_a_charge":                  {{Fees: []string{"x"}}},
		"dispositif_programmes_nationaux": {{Programmes: []string{"Aidants Connect", "x"}}},
	} {
		for _, f := range filters {
			_, err := x.search(f)
			refused, ok := errors.AsType[*booking.Error](err)
			if !ok || refused.Kind != connectors.Invalid || len(refused.Fields) != 1 || refused.Fields[0].Name != field || refused.Fields[0].Reason == "" {
				t.Errorf("%s: %v", field, err)
				continue
			}
			if !slices.Equal(refused.Fields[0].Allowed, Labels(field)) {
				t.Errorf("%s: allowed %q", field, refused.Fields[0].Allowed)
			}
		}
	}
}

func TestDistances(t *testing.T) {
	places := []*booking.Place{{ID: "lyon", Point: &booking.Point{Latitude: 45.76, Longitude: 4.84}}}
	found, err := newIndex(places, nil).search(booking.PlaceFilter{Near: &booking.Point{Latitude: 48.8567, Longitude: 2.3522}, RadiusKM: 400})
	if err != nil || len(found) != 1 || math.Abs(*found[0].DistanceKM-391.9) > 1 {
		t.Errorf("Paris to Lyon: %+v, %v", found, err)
	}
}

func TestEqualDistancesAreOrderedByID(t *testing.T) {
	here := &booking.Point{Latitude: 45, Longitude: 5}
	places := []*booking.Place{{ID: "b", Name: "1", Point: here}, {ID: "a", Name: "2", Point: here}}
	found, err := newIndex(places, nil).search(booking.PlaceFilter{Near: here})
	if err != nil || !slices.Equal(names(found), []string{"a", "b"}) {
		t.Errorf("%q, %v", names(found), err)
	}
}

// Against the spherical law of cosines, over random points.
func TestSearchByRadiusMissesNobody(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	point := func() *booking.Point {
		return &booking.Point{Latitude: 41 + 10*random.Float64(), Longitude: -5 + 14*random.Float64()}
	}
	var places []*booking.Place
	for i := range 500 {
		places = append(places, &booking.Place{ID: fmt.Sprint(i), Point: point()})
	}
	x := newIndex(places, nil)
	for range 50 {
		near, radius := point(), 1+300*random.Float64()
		found, err := x.search(booking.PlaceFilter{Near: near, RadiusKM: radius})
		if err != nil {
			t.Fatal(err)
		}
		within := 0
		for _, p := range places {
			if km := cosineDistance(*near, *p.Point); km < radius-0.001 {
				within++
				if !slices.ContainsFunc(found, func(f booking.Found) bool { return f.Place == p && math.Abs(*f.DistanceKM-km) < 0.001 }) {
					t.Errorf("place at %v is %.3f km from %v and was not found within %.3f km", *p.Point, km, *near, radius)
				}
			}
		}
		if len(found) > within+1 {
			t.Errorf("found %d, want %d", len(found), within)
		}
	}
}

func cosineDistance(a, b booking.Point) float64 {
	const radians = math.Pi / 180
	c := math.Sin(a.Latitude*radians)*math.Sin(b.Latitude*radians) +
		math.Cos(a.Latitude*radians)*math.Cos(b.Latitude*radians)*math.Cos((a.Longitude-b.Longitude)*radians)
	return earthRadiusKM * math.Acos(min(c, 1))
}

// national is a file of as many places as France has.
func national() string {
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString(strings.Join(columnNames[:], ",") + "\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "Coop-numérique_%08d__Autre_%d,00000000000000,Espace numérique n°%d,Saint-Nazaire-le-Désert,26340,,%d rue de l'Essai,,%f,%f,ASSO|EPN,+33199000001,a@exemple.org,https://exemple.org/%d,"+
			"\"Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00\",Résumé,\"Texte\nlong\",Exemple,Fixe,,2026-01-01,Aide aux démarches administratives|Maîtrise des outils numériques du quotidien,Jeunes,,Gratuit,France Services,,,Se présenter|Téléphoner,Accompagnement individuel,,https://rdv.exemple.org/org/%d\n",
			i, i, i, i, 42+8*random.Float64(), -4+11*random.Float64(), i, i%300)
	}
	return b.String()
}

func BenchmarkReadTwentyThousandPlaces(b *testing.B) {
	text := national()
	communesTable()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		places, report, err := Read(strings.NewReader(text), "essai")
		if err != nil || len(places) != 20_000 || len(report.Warnings) > 0 {
			b.Fatal(err, report)
		}
	}
}

// What is counted is what a search finds: every count of every filter is that of the search with that value alone.
func TestCountsAreWhatASearchFinds(t *testing.T) {
	x := sampleIndex(t)
	for _, f := range []booking.PlaceFilter{{}, {Department: []string{"26"}}, {Near: &booking.Point{Latitude: 44.73, Longitude: 5.02}, RadiusKM: 30}, {Fees: []string{"Gratuit"}, Publics: []string{"Seniors"}}, {Text: "zzz"}} {
		for i, of := range facets {
			counts, err := x.counts(f, of.column.String())
			if err != nil {
				t.Fatal(err)
			}
			for _, label := range enumerations[of.column] {
				only := f
				*plainly(&only, of.column) = []string{label}
				found, err := x.search(only)
				if err != nil {
					t.Fatal(err)
				}
				at := slices.IndexFunc(counts, func(c booking.Count) bool { return c.Value == label })
				if at < 0 != (len(found) == 0) || at >= 0 && counts[at].Places != len(found) {
					t.Errorf("filter %+v, column %d, %s: counted %+v, found %d", f, i, label, counts, len(found))
				}
			}
		}
	}
	if _, err := x.counts(booking.PlaceFilter{}, "nom"); connectors.KindOf(err) != connectors.Invalid {
		t.Errorf("a column that is no facet: %v", err)
	}
}

// A directory of the country is held all the time: its size is a promise.
func TestTwentyThousandPlacesTakeLittleRoom(t *testing.T) {
	text := national()
	communesTable()
	before := held()
	places, _, err := Read(strings.NewReader(text), "essai")
	if err != nil {
		t.Fatal(err)
	}
	read := held()
	x := newIndex(places, nil)
	indexed := held()
	t.Logf("a place takes %d bytes, and %d to be found", (read-before)/20_000, (indexed-read)/20_000)
	if indexed-before > 20_000*1_600 {
		t.Errorf("%d bytes", indexed-before)
	}
	runtime.KeepAlive(text)
	runtime.KeepAlive(x)
}

// held is how many bytes are in use.
func held() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what a pool held
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
