package search

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// country is places spread over France as they are: many in a few towns, few elsewhere. It is the same for the same seed.
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
	sample
}

var syllables = []string{"mont", "val", "cre", "bel", "ro", "fon", "ville", "san", "lac", "ber", "pui", "cha", "sel", "our", "ne", "tour"}

// newCountry draws places like the samples from a seed.
func newCountry(seed uint64, places int, like samples) *country {
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
		c.places = append(c.places, place{fmt.Sprintf("lieu-%d", i), t, like.rows[c.random.IntN(len(like.rows))]})
	}
	return c
}

// bookable is the ith of so many places that have an agenda.
func (c *country) bookable(i, of int) place { return c.places[i*len(c.places)/of] }

// files makes those of a site: every place, and so many agendas that are kept here, each of one place or of several.
func (c *country) files(t *testing.T, agendas, each int) map[string]string {
	t.Helper()
	return c.filesWith(t, agendas, each, func(i int) string {
		return fmt.Sprintf(`connecteur: native, parametres: {ouvertures: [{jours: [lu, ma, me, je, ve], de: "09:00", a: "12:00"}, {jours: [lu, me], de: "14:00", a: "17:30"}]}, motifs: [{id: m, libelle: Accompagnement individuel, duree_min: %d, horizon_j: 60}]`, 30+15*(i%3))
	})
}

// filesWith has kind say how the ith agenda is reached.
func (c *country) filesWith(t *testing.T, agendas, each int, kind func(i int) string) map[string]string {
	t.Helper()
	folder := t.TempDir()
	env := map[string]string{"PASSERELLE_LIEUX": filepath.Join(folder, "pays.csv"), "PASSERELLE_CONFIG": filepath.Join(folder, "pays.yaml")}
	var declared strings.Builder
	declared.WriteString("agendas:\n")
	for i := range agendas {
		ids := make([]string, each)
		for n := range ids {
			ids[n] = c.bookable(n*agendas+i, agendas*each).id // far from each other
		}
		fmt.Fprintf(&declared, "- {id: agenda-%d, lieux: [%s], avis: a@example.org, %s}\n", i, strings.Join(ids, ", "), kind(i))
	}
	err := os.WriteFile(env["PASSERELLE_CONFIG"], []byte(declared.String()), 0o600)
	if err == nil {
		err = c.write(env["PASSERELLE_LIEUX"])
	}
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// write writes the file of the places.
func (c *country) write(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := csv.NewWriter(file)
	line := append([]string{"id", "commune", "code_postal", "adresse", "latitude", "longitude", "telephone"}, sampled...)
	err = w.Write(line)
	for i, p := range c.places {
		if err != nil {
			break
		}
		line = append(line[:0], p.id, p.name, p.postal, fmt.Sprintf("%d rue de la Mairie", 1+i%90), fmt.Sprintf("%f", p.lat), fmt.Sprintf("%f", p.lon),
			fmt.Sprintf("04 75 00 %02d %02d", i/100%100, i%100))
		for _, column := range sampled {
			line = append(line, p.sample[column])
		}
		err = w.Write(line)
	}
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
