package directory

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"passerelle/booking"
)

// around describes areas: their labels, and where their middle is or else which département they stand for.
func around(found []booking.Area) string {
	var out []string
	for _, a := range found {
		where := a.Department
		if a.Near != nil {
			where = fmt.Sprintf("%.1f %.1f", a.Near.Latitude, a.Near.Longitude)
		}
		out = append(out, a.Label+": "+where)
	}
	return strings.Join(out, "; ")
}

func TestAreas(t *testing.T) {
	place := func(id, commune, postal, insee string, at ...float64) *booking.Place {
		p := &booking.Place{ID: id, Name: id, Commune: commune, PostalCode: postal, INSEE: insee}
		if len(at) == 2 {
			p.Point = &booking.Point{Latitude: at[0], Longitude: at[1]}
		}
		return p
	}
	x := newIndex([]*booking.Place{
		place("a", "Crest", "26400", "26108", 44.70, 5.00), place("b", "CREST", "26400", "26108", 44.80, 5.20), place("c", "Crest", "26400", "26108"),
		place("d", "Saint-Denis", "93200", "93066", 48.90, 2.30), place("e", "Saint Denis", "97400", "97411", -20.90, 55.50), place("f", "St-Denis", "97490", "97411", -20.90, 55.50),
		place("g", "Paris", "75011", "75111", 48.90, 2.40), place("h", "L'Île-Rousse", "20220", "2B134", 42.60, 8.90), place("i", "Eurre", "26400", "26125"),
	}, nil)
	for asked, want := range map[string]string{
		"crest": "Crest (26): 44.8 5.1; Le Crest (63): 63", " CREST ": "Crest (26): 44.8 5.1; Le Crest (63): 63", "Crest (26)": "Crest (26): 44.8 5.1", "Crest(63)": "Le Crest (63): 63",
		"26400": "26400 Crest: 44.8 5.1", "26400 Crest": "26400 Crest: 44.8 5.1", "26110": "26110: 26", "00000": "", "99999": "",
		"saint denis (93)": "Saint-Denis (93): 48.9 2.3", "St-Denis (974)": "Saint Denis (974): -20.9 55.5",
		"paris": "Paris (75): 48.9 2.4", "75011": "75011 Paris: 48.9 2.4", "ile rousse": "L'Île-Rousse (2B): 42.6 8.9", "L’Ile-Rousse": "L'Île-Rousse (2B): 42.6 8.9",
		"Paris 11ème": "Paris 11e Arrondissement (75): 48.9 2.4", "paris 11": "Paris 11e Arrondissement (75): 48.9 2.4", "Paris 12e": "Paris 12e Arrondissement (75): 75",
		"Crest 26400": "26400 Crest: 44.8 5.1", "Crest (26400)": "26400 Crest: 44.8 5.1", "Crest,26400": "26400 Crest: 44.8 5.1", "26400 CREST CEDEX 9": "26400 Crest: 44.8 5.1",
		"Ste Foy l'Argentière": "Sainte-Foy-l'Argentière (69): 69", "SAINTE-FOY-L’ARGENTIÈRE": "Sainte-Foy-l'Argentière (69): 69", "L'HAY LES ROSES": "L'Haÿ-les-Roses (94): 94",
		"Oeuilly (51)": "Œuilly (51): 51", "œuilly (51)": "Œuilly (51): 51", "Villeneuve d’Ascq": "Villeneuve-d'Ascq (59): 59", "VILLENEUVE D ASCQ": "Villeneuve-d'Ascq (59): 59",
		"Villeneuve les Avignon": "Villeneuve-lès-Avignon (30): 30", "villeneuve lez avignon": "Villeneuve-lès-Avignon (30): 30", "Boulogne s/Mer": "Boulogne-sur-Mer (62): 62",
		"Valence (26)": "Valence (26): 26", "Eurre": "Eurre (26): 26", "26": "26: 26", "2a": "2A: 2A", "974": "974: 974",
		"": "", "zzz": "", "(26)": "", "-": "",
	} {
		got := around(x.areasOf(strings.TrimSpace(asked)))
		if got != want {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
		for _, a := range x.areasOf(strings.TrimSpace(asked)) {
			if again := around(x.areasOf(a.Label)); again != around([]booking.Area{a}) {
				t.Errorf("%q leads to %q, which is read as %q", asked, a.Label, again)
			}
		}
	}
	shared := newIndex([]*booking.Place{
		place("a", "Le Fugeret", "06260", "06073"), place("b", "La Rochette", "06260", "04170", 43.9, 6.9), place("c", "La Rochette", "06260", "04170", 43.9, 6.9),
	}, nil)
	const both = "06260 La Rochette (04): 43.9 6.9; 06260 Le Fugeret (06): 06"
	for range 20 {
		if got := around(shared.areasOf("06260")); got != both {
			t.Fatalf("a code that two départements share: %q, want %q", got, both)
		}
	}
	if got := around(shared.areasOf("06260 Le Fugeret (06)")); got != "06260 Le Fugeret (06): 06" {
		t.Errorf("one of them: %q", got)
	}
	denis := around(x.areasOf("Saint-Denis"))
	if !strings.HasPrefix(denis, "Saint Denis (974)") || !strings.Contains(denis, "Saint-Denis (93)") || !strings.Contains(denis, "Saint-Denis (11)") {
		t.Errorf("homonyms: %s", denis)
	}
}

func FuzzAreas(f *testing.F) {
	for _, s := range []string{"Crest (26)", "26400 Crest", "2A", "l'", "(", "St"} {
		f.Add(s)
	}
	x := newIndex([]*booking.Place{{ID: "a", Name: "a", Commune: "Crest", PostalCode: "26400", INSEE: "26108", Point: &booking.Point{Latitude: 44.7, Longitude: 5}}}, nil)
	f.Fuzz(func(t *testing.T, text string) {
		for _, a := range x.areasOf(strings.TrimSpace(text)) {
			if a.Near == nil && a.EPCI == "" && a.Department == "" || a.Near != nil && math.IsNaN(a.Near.Latitude) {
				t.Errorf("%q: an area that is nowhere: %+v", text, a)
			}
		}
	})
}
