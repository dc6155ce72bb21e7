package search

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// sample is what a place has besides its whereabouts, by column of the standard's file.
type sample map[string]string

// sampled are the columns that places take over from others as they are. All else of a real row is left.
var sampled = []string{
	"nom", "site_web", "horaires", "source", "date_maj", "services", "frais_a_charge", "dispositif_programmes_nationaux",
	"modalites_acces", "modalites_accompagnement", "publics_specifiquement_adresses", "prise_en_charge_specifique", "prise_rdv",
}

// samples are what places are made like.
type samples struct {
	rows   []sample
	origin string // which they are
}

// readSamples takes the rows of a real file where it is there, or else invented ones.
func readSamples(t *testing.T) samples {
	t.Helper()
	const real = "lieux-paca-2023-05.csv"
	file, err := os.Open(filepath.Join("..", "..", "..", "..", "shared", "data", real))
	if errors.Is(err, fs.ErrNotExist) {
		return samples{invented(), "invented rows"}
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := samples{origin: "the rows of " + real}
	for _, line := range lines[1:] {
		all, s := make(sample, len(line)), make(sample, len(sampled))
		for i, name := range lines[0] {
			all[name] = line[i]
		}
		for _, name := range sampled {
			s[name] = all[name]
		}
		out.rows = append(out.rows, s)
	}
	return out
}

var services = []string{
	"Aide aux démarches administratives", "Maîtrise des outils numériques du quotidien", "Insertion professionnelle via le numérique",
	"Utilisation sécurisée du numérique", "Parentalité et éducation avec le numérique",
}

// programmes are what the standard calls dispositif_programmes_nationaux.
var programmes = []string{"Conseillers numériques", "France Services", "Aidants Connect", "Point d'accès numérique CAF"}

func invented() []sample {
	names := []string{"Espace numérique", "Médiathèque", "France services", "Maison de quartier", "Centre social", "Mairie", "Fablab"}
	opens := []string{"Mo-Fr 09:00-12:00,14:00-17:00", "Tu-Sa 10:00-18:00", "Mo-Fr 08:30-12:30; Mo,We 14:00-18:00"}
	var list []sample
	for i := range 420 {
		list = append(list, sample{
			"nom": names[i%7], "horaires": opens[i%3], "services": services[i%5] + "|" + services[(i/5)%5],
			"dispositif_programmes_nationaux": programmes[i%4], "frais_a_charge": "Gratuit",
		})
	}
	return list
}
