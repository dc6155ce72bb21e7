package pages

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelle/internal/prove/gateway"
)

// A place answers requests by the links that it is mailed: it refuses one, and accepts another.
func TestAPlaceAnswersRequests(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs)
	slots, err := s.Caller.Slots(t.Context(), time.Now(), 2, "mairie")
	if err != nil || len(slots) < 8 {
		t.Fatalf("%d slots: %v", len(slots), err)
	}
	// requested asks for the n-th slot and gives the path of the link that the place is mailed.
	requested := func(t *testing.T, n int) string {
		t.Helper()
		answer, err := s.Caller.Book(t.Context(), gateway.Want("demande", n, slots[n]))
		if err != nil || answer.Text("statut") != "demande" {
			t.Fatalf("%v %v", answer, err)
		}
		return s.Link(t, "accueil@mairie.example.org", "/demandes/")
	}
	n := 0
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			refused, accepted := requested(t, n), requested(t, n+1)
			n += 2
			p := s.Page(t)
			p.Scripts(scripts)
			p.Open(refused)
			checkOnce(p, "demande")
			p.Fill("Raison du refus (facultative)", "La secrétaire est absente.")
			p.Follow("button", "Refuser")
			p.Says("Demande refusée")
			checkOnce(p, "refusée")
			p.Open(accepted)
			p.Follow("button", "Accepter")
			p.Says("Le rendez-vous est confirmé")
			checkOnce(p, "acceptée")
			p.Open(accepted)
			if p.Status() != http.StatusConflict {
				t.Errorf("a request that was answered: %d", p.Status())
			}
			checkOnce(p, "déjà répondu")
			p.Open("/demandes/inconnu")
			if p.Status() != http.StatusNotFound {
				t.Errorf("an unknown link: %d", p.Status())
			}
			checkOnce(p, "lien inconnu")
		})
	}
	t.Run("with the keyboard alone", func(t *testing.T) {
		p := s.Page(t)
		p.Open(requested(t, n))
		p.Reach("textbox", "Raison du refus (facultative)")
		p.Press(strings.Repeat("non ", 3))
		p.Reach("button", "Refuser")
		p.Leads(func() { p.Press("Space") })
		p.Says("Demande refusée")
	})
}
