package rdvsptest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const key = "partner-key"

// newPartner is an instance whose partner sells half an hour at two desks, on Tuesday from 9 to 10.
func newPartner(t testing.TB) (*world, Agent) {
	w := newWorld(t, func(o *Options) { o.PartnerKey = key })
	motif := w.AddMotif(Motif{Organisation: w.mine.ID, Name: "Plainte", LocationType: "visio", Minutes: 30})
	w.SellToPartner(motif.ID)
	desk := w.AddAgent(Agent{LastName: "GUICHET 1", Organisations: []int{w.mine.ID}})
	w.AddOpening(Opening{Agent: desk.ID, Motifs: []int{motif.ID}, Start: at(8, 9, 0), End: at(8, 10, 0)})
	return w, desk
}

func TestThePartnerSeesSlots(t *testing.T) {
	w, desk := newPartner(t)
	const slots = "/api/visioplainte/creneaux?date_debut=2026-12-07&date_fin="
	want(t, "slots", w.ask(key, "GET", slots+"2026-12-08", nil), http.StatusOK,
		`{"creneaux":[{"starts_at":"2026-12-08T09:00:00+01:00","duration_in_min":30},{"starts_at":"2026-12-08T09:30:00+01:00","duration_in_min":30}]}`)
	want(t, "none", w.ask(key, "GET", slots+"2026-12-07", nil), http.StatusOK, `{"creneaux":[]}`)
	want(t, "31 days", w.ask(key, "GET", slots+"2027-01-07", nil), http.StatusOK, "")
	want(t, "32 days", w.ask(key, "GET", slots+"2027-01-08", nil), http.StatusBadRequest,
		`{"errors":["date_debut et date_fin ne doivent pas être espacés de plus de 31 jours"]}`)
	want(t, "next", w.ask(key, "GET", "/api/visioplainte/creneaux/prochain?date_debut=2026-10-09", nil), http.StatusOK,
		`{"starts_at":"2026-12-08T09:00:00+01:00","duration_in_min":30}`)
	const none = `{"errors":["Aucun créneau n'est disponible après cette date"]}`
	want(t, "61 days before", w.ask(key, "GET", "/api/visioplainte/creneaux/prochain?date_debut=2026-10-08", nil), http.StatusNotFound, none)
	want(t, "after", w.ask(key, "GET", "/api/visioplainte/creneaux/prochain?date_debut=2026-12-09", nil), http.StatusNotFound, none)
	want(t, "desks", w.ask(key, "GET", "/api/visioplainte/guichets", nil), http.StatusOK, fmt.Sprintf(`{"guichets":[{"id":%d,"name":"GUICHET 1"}]}`, desk.ID))
	want(t, "another key", w.ask("x", "GET", "/api/visioplainte/guichets", nil), http.StatusUnauthorized, `{"errors":["Authentification invalide"]}`)
}

func TestThePartnerBooksAndCancels(t *testing.T) {
	w, desk := newPartner(t)
	book := func(start string) reply {
		return w.ask(key, "POST", "/api/visioplainte/rdvs", map[string]any{"starts_at": start})
	}
	made := book("2026-12-08T09:00:00+01:00")
	id := made.id(t, "id")
	shape := func(status string) string {
		return fmt.Sprintf(`{"id":%d,"created_at":"2026-12-07 08:00:00 +0100","duration_in_min":30,"ends_at":"2026-12-08 09:30:00 +0100",`+
			`"guichet":{"id":%d,"name":"GUICHET 1"},"starts_at":"2026-12-08 09:00:00 +0100","status":%q,"user_id":%d}`, id, desk.ID, status, made.id(t, "user_id"))
	}
	want(t, "booked", made, http.StatusCreated, shape("unknown"))
	want(t, "again", book("2026-12-08T08:00:00Z"), http.StatusUnprocessableEntity, `{"errors":["Pas de créneau disponible à la date demandée"]}`)
	want(t, "no slot", book("2026-12-08T09:15:00+01:00"), http.StatusUnprocessableEntity, "")
	if r := w.ask(key, "POST", "/api/visioplainte/rdvs?starts_at=2026-12-08T09:30:00%2B01:00", nil); r.status != http.StatusCreated {
		t.Errorf("by the address: %d %s", r.status, r.body)
	}
	all := "/api/visioplainte/rdvs?date_debut=2026-12-08T00:00:00%2B01:00&date_fin=2026-12-09T00:00:00%2B01:00"
	if got := w.ask(key, "GET", all, nil).ids(t, "rdvs"); len(got) != 2 {
		t.Errorf("rdvs of the day: %v", got)
	}
	if got := w.ask(key, "GET", all+"&guichet_ids[]=1", nil).ids(t, "rdvs"); len(got) != 0 {
		t.Errorf("rdvs of another desk: %v", got)
	}
	one := fmt.Sprintf("/api/visioplainte/rdvs?ids[]=%d", id)
	want(t, "by id", w.ask(key, "GET", one, nil), http.StatusOK, `{"rdvs":[`+shape("unknown")+`]}`)
	want(t, "by nothing", w.ask(key, "GET", "/api/visioplainte/rdvs", nil), http.StatusBadRequest, "")
	path := fmt.Sprintf("/api/visioplainte/rdvs/%d", id)
	want(t, "cancelled", w.ask(key, "PUT", path+"/cancel", nil), http.StatusOK, shape("excused"))
	want(t, "it stays", w.ask(key, "GET", one, nil), http.StatusOK, `{"rdvs":[`+shape("excused")+`]}`)
	want(t, "its slot is free", book("2026-12-08T09:00:00+01:00"), http.StatusCreated, "")
	if r := w.ask(key, "DELETE", path, nil); r.status != http.StatusNoContent || len(r.body) != 0 {
		t.Errorf("deleted: %d %s", r.status, r.body)
	}
	want(t, "it is gone", w.ask(key, "GET", one, nil), http.StatusOK, `{"rdvs":[]}`)
	want(t, "it is gone", w.ask(key, "PUT", path+"/cancel", nil), http.StatusNotFound, `{"errors":["Pas de rdv pour cet id"]}`)
	want(t, "it is gone", w.ask(key, "DELETE", path, nil), http.StatusNotFound, "")
	if got := w.Notified(); len(got) != 0 {
		t.Errorf("nobody has an address, and was told: %v", got)
	}
}

// TestTheRealRace sends many bookings for one slot at once.
func TestTheRealRace(t *testing.T) {
	for name, c := range map[string]struct {
		race bool
		want int
	}{"as it should be": {false, 1}, "as it is": {true, 8}} {
		t.Run(name, func(t *testing.T) {
			w, _ := newPartner(t)
			w.Race(c.race)
			var wait sync.WaitGroup
			for range 8 {
				wait.Go(func() {
					r, err := w.try(key, "POST", "/api/visioplainte/rdvs", map[string]any{"starts_at": "2026-12-08T09:00:00+01:00"})
					if err != nil || r.status != http.StatusCreated && r.status != http.StatusUnprocessableEntity {
						t.Errorf("%d %v", r.status, err)
					}
				})
			}
			wait.Wait()
			if got := len(w.Rdvs()); got != c.want {
				t.Errorf("%d bookings of one slot, want %d", got, c.want)
			}
			w.Race(false)
			if got := w.ask(key, "GET", "/api/visioplainte/creneaux?date_debut=2026-12-08&date_fin=2026-12-08", nil); strings.Contains(string(got.body), "09:00") {
				t.Errorf("the slot is still free: %s", got.body)
			}
		})
	}
}
