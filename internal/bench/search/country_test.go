package search

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// country is places spread over France as they are: many in a few towns, few elsewhere.
type country struct {
	random *rand.Rand
	towns  []town
	places []place
}

type town struct {
	name, department, postal string
	lat, lon                 float64
}

type place struct {
	id string
	town
}

var (
	services = []string{
		"Aide aux démarches administratives", "Maîtrise des outils numériques du quotidien", "Insertion professionnelle via le numérique",
		"Utilisation sécurisée du numérique", "Parentalité et éducation avec le numérique",
	}
	syllables = []string{"mont", "val", "cre", "bel", "ro", "fon", "ville", "san", "lac", "ber", "pui", "cha", "sel", "our", "ne", "tour"}
	opens     = []string{"Mo-Fr 09:00-12:00,14:00-17:00", "Tu-Sa 10:00-18:00", "Mo-Fr 08:30-12:30; Mo,We 14:00-18:00"}
)

// newCountry draws it from a seed.
func newCountry(seed uint64, places int) *country {
	c := &country{random: rand.New(rand.NewPCG(seed, 1))}
	for i := range max(1, places/8) {
		name := ""
		for range 2 + c.random.IntN(2) {
			name += syllables[c.random.IntN(len(syllables))]
		}
		department := fmt.Sprintf("%02d", 1+(c.random.IntN(94)+20)%95) // 21 to 95, 01 to 19: Corsica has letters
		c.towns = append(c.towns, town{name, department, fmt.Sprintf("%s%03d", department, i%1000), 43 + 7*c.random.Float64(), -1 + 8*c.random.Float64()})
	}
	for i := range places {
		t := c.towns[int(float64(len(c.towns))*c.random.Float64()*c.random.Float64())]
		t.lat, t.lon = t.lat+0.02*c.random.NormFloat64(), t.lon+0.02*c.random.NormFloat64()
		c.places = append(c.places, place{fmt.Sprintf("lieu-%d", i), t})
	}
	return c
}

// write makes the files of a site: every place, and an agenda for so many of them, with appointments of others.
func (c *country) write(t testing.TB, folder string, agendas int) map[string]string {
	t.Helper()
	var file, declared strings.Builder
	file.WriteString("id,nom,commune,code_postal,adresse,latitude,longitude,telephone,services,horaires\n")
	for i, p := range c.places {
		fmt.Fprintf(&file, "%s,Espace numérique %d,%s,%s,%d rue de la Mairie,%f,%f,04 75 00 %02d %02d,%s|%s,\"%s\"\n",
			p.id, i, p.name, p.postal, 1+i%90, p.lat, p.lon, i/100%100, i%100, services[i%5], services[(i/5)%5], opens[i%3])
	}
	declared.WriteString("agendas:\n")
	for i := range agendas {
		fmt.Fprintf(&declared, `- {id: agenda-%d, connecteur: native, lieux: [lieu-%d], avis: a@example.org, parametres: {ouvertures: [{jours: [lu, ma, me, je, ve], de: "09:00", a: "12:00"}, {jours: [lu, me], de: "14:00", a: "17:30"}]}, motifs: [{id: m, libelle: Accompagnement individuel, duree_min: %d, horizon_j: 60}]}
`, i, i*len(c.places)/agendas, 30+15*(i%3))
	}
	env := map[string]string{"PASSERELLE_LIEUX": filepath.Join(folder, "pays.csv"), "PASSERELLE_CONFIG": filepath.Join(folder, "pays.yaml")}
	for name, text := range map[string]string{env["PASSERELLE_LIEUX"]: file.String(), env["PASSERELLE_CONFIG"]: declared.String()} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return env
}

// questions are mixed as aidants may ask them: most around a point, some of a territory, a few by words, half for a service.
func (c *country) questions(n int) []string {
	out := make([]string, n)
	for i := range out {
		t := c.towns[c.random.IntN(len(c.towns))]
		q := url.Values{"limite": {"20"}, "creneaux_par_lieu": {"3"}}
		switch k := c.random.IntN(20); {
		case k < 11:
			q.Set("lat", strconv.FormatFloat(t.lat, 'f', 4, 64))
			q.Set("lon", strconv.FormatFloat(t.lon, 'f', 4, 64))
			q.Set("rayon_km", []string{"5", "15", "15", "30"}[c.random.IntN(4)])
		case k < 14:
			q.Set("code_postal", t.postal)
		case k < 17:
			q.Set("code_departement", t.department)
		default:
			q.Set("q", t.name)
		}
		if c.random.IntN(2) == 0 {
			q.Set("services", services[c.random.IntN(len(services))])
		}
		out[i] = "/v1/creneaux?" + q.Encode()
	}
	return out
}
