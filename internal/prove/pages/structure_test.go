package pages

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelle/internal/prove/gateway"
)

// answers signs somebody in who answers for places.
func (s *Site) answers(t *testing.T, p *Page, address string, places ...string) {
	t.Helper()
	s.signIn(p, address)
	for _, place := range places {
		s.Run(t, "account", "place", s.account(t, address), place)
	}
}

// status is where an appointment of the partner's stands, as its tool is told.
func (s *Site) status(t *testing.T, id string) string {
	t.Helper()
	answer, err := s.Caller.Call(t.Context(), http.MethodGet, "/v1/rendez-vous/"+id, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Text("statut")
}

// booked is an appointment that a partner's tool has taken in the n-th slot of a place.
func (s *Site) booked(t *testing.T, place string, n int) (id string) {
	t.Helper()
	slots, err := s.Caller.Slots(t.Context(), time.Now(), 3, place)
	if err != nil || len(slots) <= n {
		t.Fatalf("%d slots: %v", len(slots), err)
	}
	answer, err := s.Caller.Book(t.Context(), gateway.Want(place, n, slots[n]))
	if err != nil || answer.Text("id") == "" {
		t.Fatalf("%v %v", answer, err)
	}
	return answer.Text("id")
}

// passing is a place where a slot begins every minute, of one agenda or the other: what is booked there has soon begun.
func passing() More {
	m := More{Places: "passage,Point de passage,Crest,26400,5 quai,44.7290,5.0240,+33465710004,accueil@passage.example.org,24/7,,Aide aux démarches administratives,\n"}
	for minute := range 5 {
		m.Agendas += fmt.Sprintf(`
  - id: passage-%[1]d
    connecteur: native
    lieux: [passage]
    avis: accueil@passage.example.org
    parametres: {ouvertures: [{jours: [lu, ma, me, je, ve, sa, di], de: "00:0%[1]d", a: "24:00"}]}
    motifs: [{id: passage-%[1]d, libelle: Passage, duree_min: 5, horizon_j: 1}]
`, minute)
	}
	return m
}

// A place sees who comes, by day, answers requests of an agenda that it publishes as a feed, cancels, and says who came.
func TestAPlaceSeesWhoComes(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs, passing(), feed(t))
	began := s.passes(t)
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			n := 0
			if !scripts {
				n = 2
			}
			accepted, refused := s.booked(t, "ccas", n), s.booked(t, "ccas", n+1)
			p := s.Page(t)
			p.Scripts(scripts)
			s.answers(t, p, strings.ReplaceAll(name, " ", "-")+"@ccas.example.org", "ccas", "passage")
			p.Follow("link", "Mes lieux")
			checkOnce(p, "ses lieux")
			p.Follow("link", "CCAS de la Forêt, Saou")
			p.Says("Demandes à accepter ou à refuser")
			p.Open("/structure/rendez-vous/" + accepted)
			p.Says(fmt.Sprintf("Prénom %d Nom ccas", n))
			checkOnce(p, "demande à la structure")
			p.DoubleClick("button", "Accepter")
			p.Says("État Confirmé")
			checkOnce(p, "fiche de la structure")
			p.Open("/structure/rendez-vous/" + refused)
			p.Fill("Si vous refusez, pourquoi ? (facultatif)", "La salle est fermée.")
			p.Follow("button", "Refuser")
			p.Says("État Refusé")
			if a, r := s.status(t, accepted), s.status(t, refused); a != "confirme" || r != "refuse" {
				t.Errorf("accepted is %s, refused is %s", a, r)
			}
			p.Follow("link", "Tous les rendez-vous de ce jour")
			p.Says(fmt.Sprintf("Prénom %d Nom ccas", n))
			checkOnce(p, "journée")
			p.Open("/structure/rendez-vous/" + accepted)
			p.Click("DisclosureTriangle", "Annuler ce rendez-vous")
			p.Fill("Pourquoi ? (facultatif)", "La conseillère est absente.")
			p.Follow("button", "Annuler le rendez-vous")
			p.Says("C'est annulé.")
			if a := s.status(t, accepted); a != "annule" {
				t.Errorf("cancelled is %s", a)
			}
		})
	}
	t.Run("with the keyboard alone", func(t *testing.T) {
		asked := s.booked(t, "ccas", 4)
		p := s.Page(t)
		s.answers(t, p, "clavier@ccas.example.org", "ccas")
		p.Open("/structure/rendez-vous/" + asked)
		p.Reach("button", "Accepter")
		p.Leads(func() { p.Press("Enter") })
		p.Says("État Confirmé")
	})
	t.Run("who came", func(t *testing.T) { // a minute after the start, as a rule
		p := s.Page(t)
		s.answers(t, p, "passage@ccas.example.org", "passage")
		for p.Open("/structure/rendez-vous/" + began); !p.Has("button", "Oui"); p.Reload() {
			time.Sleep(time.Second)
		}
		p.Check("est-elle venue")
		p.Follow("button", "Oui")
		p.Says("La personne est venue")
		if a := s.status(t, began); a != "honore" {
			t.Errorf("she came, and it is %s", a)
		}
	})
}

// passes books what begins within the minute, or, in the last five of a day, with the next day: no slot spans two.
func (s *Site) passes(t *testing.T) (id string) {
	t.Helper()
	slots, err := s.Caller.Slots(t.Context(), time.Now().AddDate(0, 0, -1), 3, "passage")
	if err != nil {
		t.Fatal(err)
	}
	for n, slot := range slots[:min(2, len(slots))] { // the first may have begun by now
		answer, err := s.Caller.Book(t.Context(), gateway.Want("passage", n, slot))
		if err != nil {
			t.Fatal(err)
		}
		if answer.Text("statut") == "confirme" {
			return answer.Text("id")
		}
	}
	t.Fatalf("nothing can be booked of %d slots", len(slots))
	return ""
}
