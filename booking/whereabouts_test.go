package booking

import (
	"slices"
	"testing"

	"passerelle/connectors"
)

// What a letter, a short message, a calendar and a page say of where to go is one thing, said once.
func TestWhereOneGoes(t *testing.T) {
	p := &Place{Name: "Médiathèque", Address: " 12 rue\nHaute ", AddressMore: "1er étage", PostalCode: "26400", Commune: "Eurre"}
	moved := connectors.Appointment{Location: "Annexe, 9 chemin Vert"}
	for name, c := range map[string]struct {
		a     Appointment
		lines []string
		line  string
	}{
		"at the place":        {Appointment{Motif: Motif{Modality: OnSite}}, []string{"12 rue Haute", "1er étage", "26400 Eurre"}, "Médiathèque, 12 rue Haute, 1er étage, 26400 Eurre"},
		"nothing is said":     {Appointment{}, []string{"12 rue Haute", "1er étage", "26400 Eurre"}, "Médiathèque, 12 rue Haute, 1er étage, 26400 Eurre"},
		"by telephone":        {Appointment{Motif: Motif{Modality: ByPhone}}, []string{"Par téléphone"}, "Par téléphone"},
		"by video":            {Appointment{Motif: Motif{Modality: ByVideo}}, []string{"En visioconférence"}, "En visioconférence"},
		"at her home":         {Appointment{Motif: Motif{Modality: AtHome}}, []string{"Au domicile de la personne"}, "Au domicile de la personne"},
		"on another page":     {Appointment{Guarantee: connectors.Handoff, Motif: Motif{Modality: OnSite}}, []string{"là où la page de réservation l'a dit"}, "là où la page de réservation l'a dit"},
		"its agenda says":     {Appointment{Upstream: moved, Guarantee: connectors.Handoff, Motif: Motif{Modality: ByPhone}}, []string{"Annexe, 9 chemin Vert"}, "Annexe, 9 chemin Vert"},
		"its agenda is blank": {Appointment{Upstream: connectors.Appointment{Upstream: "1", Location: " "}}, []string{"12 rue Haute", "1er étage", "26400 Eurre"}, "Médiathèque, 12 rue Haute, 1er étage, 26400 Eurre"},
	} {
		w := c.a.Whereabouts(p)
		if lines, line := w.Lines(), w.Line(p); !slices.Equal(lines, c.lines) || line != c.line {
			t.Errorf("%s: %q, %q", name, lines, line)
		}
	}
	if w := (Appointment{}).Whereabouts(&Place{}); len(w.Lines()) != 0 || w.Line(&Place{}) != "" {
		t.Errorf("of a place that is unknown: %+v", w)
	}
}
