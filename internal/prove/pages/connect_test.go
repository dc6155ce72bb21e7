package pages

import (
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/internal/prove"
	"passerelle/internal/testservers"
)

// A place connects its agenda by itself, whatever that is, sees what the gateway makes of it, and opens it to everybody. An
// ordinary run goes each way once.
func TestAPlaceConnectsItsAgenda(t *testing.T) {
	t.Parallel()
	server := testservers.StartRadicale(t)
	s := Start(t, &programs, More{Places: newcomers, Environment: loopback})
	s.Run(t, "account", "approve", "@mairie.example.org")
	p, aidant := s.Page(t), s.Page(t)
	s.signIn(aidant, "camille@mairie.example.org")
	s.answers(t, p, "directrice@maisons.example.org", "nyons", "valence", "montelimar", "pierrelatte", "hauterives", "remuzat", "sederon")
	for _, way := range []struct {
		connects func(*newcomer, *testing.T)
		places   map[bool]string // with scripts, or without
		once     bool            // with scripts in an ordinary run
	}{
		{(*newcomer).keepsHours, map[bool]string{true: "nyons", false: "valence"}, true},
		{(*newcomer).pastesAnAddress, map[bool]string{true: "montelimar", false: "pierrelatte"}, false},
		{func(n *newcomer, t *testing.T) { n.givesAPassword(t, server) }, map[bool]string{true: "hauterives", false: "remuzat"}, true},
		{(*newcomer).byKeyboard, map[bool]string{true: "sederon"}, true},
	} {
		for scripts, place := range way.places {
			if scripts == way.once || prove.Long() {
				p.Scripts(scripts)
				way.connects(&newcomer{s, p, aidant, place}, t)
			}
		}
	}
}

// keepsHours: of a place that has no agenda, on a telephone.
func (n *newcomer) keepsHours(t *testing.T) {
	p := n.p
	p.See(View{Width: 360})
	defer p.See(View{Width: 1440})
	p.Open("/structure/lieux/" + n.place + "/agenda")
	alike(p, "agendas, aucun")
	n.begins("Sans autre agenda")
	alike(p, "agenda, heures tenues ici")
	p.Fill("Lundi (facultatif)", "quand il pleut")
	p.Follow("button", "Enregistrer et voir l'aperçu")
	refused(t, p, "Écrivez par exemple : 9h-12h, 14h-17h30")
	checkOnce(p, "agenda, à corriger")
	p.Fill("Lundi (facultatif)", "")
	n.opens(func(day string) { p.Fill(day, "9h-10h") })
	p.Follow("button", "Enregistrer et voir l'aperçu")
	p.Says("C'est enregistré.")
	p.Says(nextDay() + " 9 h–10 h libre")
	checkOnce(p, "agenda, brouillon")
	n.publishes()

	slots := n.finds()
	if len(slots) < 3 {
		t.Fatalf("a search finds %q", slots)
	}
	p.Follow("button", blocks(slots[0]))
	p.Says("Ces heures sont bloquées : personne ne peut plus les réserver.")
	alike(p, "agenda, un créneau bloqué")
	n.aidant.Follow("link", slots[0]) // of a page from before
	n.aidant.Follow("button", "Garder ce créneau et continuer")
	n.aidant.Says("Ce créneau vient d'être pris")
	if left := n.finds(); slices.Contains(left, slots[0]) || !slices.Contains(left, slots[1]) {
		t.Errorf("what was blocked is %s, what is offered %q", slots[0], left)
	}
	p.Follow("button", p.First("button", "Rouvrir "))
	p.Says("Ces heures sont de nouveau ouvertes.")
	if again := n.finds(); !slices.Equal(again, slots) {
		t.Errorf("opened again, a search finds %q, as it did %q", again, slots)
	}
	n.blocksOverSomebody(t)
	p.Follow("button", "Mettre en pause")
	p.Says("C'est en pause : on ne peut plus réserver.")
	alike(p, "agenda, en pause")
	if found := n.finds(); len(found) > 0 {
		t.Errorf("a search finds %q of an agenda that is paused", found)
	}
}

// blocks is the button that blocks a slot of an hour from nine o'clock on, which a search calls so.
func blocks(slot string) string {
	day, _, _ := strings.Cut(slot, " à ")
	return "Bloquer " + day + ", 9 h–10 h"
}

// blocksOverSomebody: who has an appointment in the days that are closed keeps it, and the place is led to her.
func (n *newcomer) blocksOverSomebody(t *testing.T) {
	p := n.p
	id := n.booked(t, n.place, 0)
	p.Reload()
	p.Says("9 h–10 h pris par la passerelle")
	const minute = "2006-01-02T15:04"
	y, m, d := time.Now().Date()
	p.Fill("Du", time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(minute))
	p.Fill("Au", time.Date(y, m, d+3, 0, 0, 0, 0, time.UTC).Format(minute))
	p.Follow("button", "Fermer ces heures")
	p.Says("Des rendez-vous y sont déjà pris, et tiennent toujours.")
	alike(p, "agenda, fermé sur un rendez-vous")
	person := "Prénom 0 Nom " + n.place
	for _, name := range p.All("link", "") {
		if strings.HasSuffix(name, person) {
			p.Follow("link", name)
		}
	}
	p.Says(person)
	if p.Path() != "/structure/rendez-vous/"+id || n.status(t, id) != "confirme" {
		t.Errorf("it leads to %s, of what is %s", p.Path(), n.status(t, id))
	}
	p.Back()
}

// byKeyboard: the hours are kept here, and nothing but keys is touched.
func (n *newcomer) byKeyboard(t *testing.T) {
	p := n.p
	enter := func(role, name string) {
		t.Helper()
		p.Reach(role, name)
		p.Leads(func() { p.Press("Enter") })
	}
	p.Open("/structure/lieux/" + n.place)
	enter("link", "Agendas de ce lieu")
	enter("link", "Sans autre agenda")
	n.opens(func(day string) {
		p.Reach("textbox", day)
		p.Press("9h-10h")
	})
	enter("button", "Enregistrer et voir l'aperçu")
	p.Says("Brouillon : personne ne le voit encore")
	enter("button", "Publier")
	p.Says("C'est publié : on peut réserver.")
	slots := n.finds()
	enter("button", blocks(slots[0]))
	p.Says("Ces heures sont bloquées")
	if left := n.finds(); slices.Contains(left, slots[0]) || !slices.Contains(left, slots[1]) {
		t.Errorf("what was blocked is %s, what is offered %q", slots[0], left)
	}
}
