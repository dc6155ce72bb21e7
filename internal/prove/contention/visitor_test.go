package contention

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/anishathalye/porcupine"

	"passerelle/booking"
	"passerelle/connectors/interval"
	"passerelle/internal/prove/gateway"
)

// visitor is one client of one round, in one island of one diary. Its calls follow each other.
type visitor struct {
	number int
	client *gateway.Caller
	slots  *booking.SlotSigner
	random *rand.Rand
	since  time.Time // of the whole run: times of the history count from here

	diary  string
	island interval.Interval
	name   string // of the round, for keys

	calls    int
	attempts int // calls that would take time
	history  []porcupine.Operation
	kept     []kept
	wrong    error // an answer that is neither yes nor a refusal
}

// kept is something of the visitor's own.
type kept struct {
	id   string
	want want
	hold bool
}

// visit makes so many attempts; between them it gives back what it has.
func (v *visitor) visit(ctx context.Context, attempts int) {
	for v.attempts < attempts && v.wrong == nil {
		switch n := v.random.IntN(100); {
		case n < 35 || len(v.kept) == 0 && n < 70:
			v.take(ctx, "/v1/rendez-vous")
		case n < 50 || len(v.kept) == 0:
			v.take(ctx, "/v1/reservations")
		case n < 75:
			v.change(ctx, v.random.IntN(len(v.kept)))
		default:
			v.free(ctx, v.random.IntN(len(v.kept)))
		}
	}
}

// say sends a call and keeps it with its answer. The status that says yes is given; a refusal is a 409.
func (v *visitor) say(ctx context.Context, c call, method, path string, body []byte, yes int) (string, bool) {
	v.calls++
	key := ""
	if method == http.MethodPost {
		key = fmt.Sprintf("%s-%d-%d", v.name, v.number, v.calls)
	}
	op := porcupine.Operation{ClientId: v.number, Call: int64(time.Since(v.since))}
	got, err := v.client.Call(ctx, method, path, key, body)
	op.Return = int64(time.Since(v.since))
	if err != nil {
		v.wrong = err
		return "", false
	}
	id := ""
	switch {
	case got.Status == yes && c.kind == free:
	case got.Status == yes:
		if id = got.Text("id"); id == "" {
			v.wrong = fmt.Errorf("%d without an id: %s", got.Status, got.Body)
			return "", false
		}
	case got.Status != http.StatusConflict || got.Text("code") != "creneau_pris":
		v.wrong = fmt.Errorf("%s %s: %d %s", method, path, got.Status, got.Body)
		return "", false
	}
	switch c.kind {
	case take:
		c.id = id
	case shift:
		c.next = id
	}
	op.Input, op.Output = c, answer(got.Status == yes)
	v.history = append(v.history, op)
	return id, got.Status == yes
}

// take asks for a slot: one of its own making, and now and then one that the gateway offers.
func (v *visitor) take(ctx context.Context, path string) {
	w := anySlot(v.random, v.island)
	id := v.slots.ID(w.ref(v.diary))
	if v.random.IntN(40) == 0 {
		if offered, ok := v.offered(ctx); ok {
			w, id = offered, v.slots.ID(offered.ref(v.diary))
		}
	}
	hold := path == "/v1/reservations"
	body := fmt.Appendf(nil, `{"creneau_id":%q}`, id)
	if !hold {
		if w.session != "" {
			w.seats = 1 + v.random.IntN(3)
		}
		body = Demand("creneau_id", id, "Nom", w.seats)
	}
	v.attempts++
	if got, ok := v.say(ctx, call{kind: take, want: w}, http.MethodPost, path, body, http.StatusCreated); ok {
		v.kept = append(v.kept, kept{got, w, hold})
	}
}

// change turns a hold into an appointment, or moves an appointment.
func (v *visitor) change(ctx context.Context, i int) {
	k := &v.kept[i]
	v.attempts++
	if k.hold {
		w := k.want
		if w.session != "" {
			w.seats = 1 + v.random.IntN(3)
		}
		if _, ok := v.say(ctx, call{kind: seat, id: k.id, want: w}, http.MethodPost, "/v1/rendez-vous", Demand("reservation_id", k.id, "Nom", w.seats), http.StatusCreated); ok {
			k.want, k.hold = w, false
		}
		return
	}
	w := anySlot(v.random, v.island)
	w.seats = k.want.seats
	if w.seats > 1 && w.session == "" || w.session != "" && w.session == k.want.session {
		v.attempts-- // it would be refused for another reason, or for its own seats
		return
	}
	id, ok := v.say(ctx, call{kind: shift, id: k.id, want: w}, http.MethodPost, "/v1/rendez-vous/"+k.id+"/deplacement",
		fmt.Appendf(nil, `{"creneau_id":%q}`, v.slots.ID(w.ref(v.diary))), http.StatusCreated)
	if ok {
		k.id, k.want = id, w
	}
}

// free gives something back.
func (v *visitor) free(ctx context.Context, i int) {
	k := v.kept[i]
	v.kept = append(v.kept[:i], v.kept[i+1:]...)
	if k.hold {
		v.say(ctx, call{kind: free, id: k.id}, http.MethodDelete, "/v1/reservations/"+k.id, nil, http.StatusNoContent)
		return
	}
	v.say(ctx, call{kind: free, id: k.id}, http.MethodPost, "/v1/rendez-vous/"+k.id+"/annulation", []byte(`{"raison":"essai","par":"usager"}`), http.StatusOK)
}

// offered is one of the slots of the island that the gateway shows.
func (v *visitor) offered(ctx context.Context) (want, bool) {
	path := fmt.Sprintf("/v1/lieux/%s/creneaux?debut=%s&fin=%s", v.diary,
		v.island.StartTime().UTC().Format("2006-01-02T15:04:05Z"), v.island.EndTime().UTC().Format("2006-01-02T15:04:05Z"))
	got, err := v.client.Call(ctx, http.MethodGet, path, "", nil)
	if err != nil || got.Status != http.StatusOK {
		v.wrong = fmt.Errorf("GET %s: %d %s: %w", path, got.Status, got.Body, err)
		return want{}, false
	}
	var list struct {
		Slots []struct {
			Start time.Time `json:"debut"`
			Motif struct {
				ID string `json:"id"`
			} `json:"motif"`
		} `json:"creneaux"`
	}
	if err := json.Unmarshal(got.Body, &list); err != nil {
		v.wrong = err
		return want{}, false
	}
	if len(list.Slots) == 0 {
		return want{}, false
	}
	one := list.Slots[v.random.IntN(len(list.Slots))]
	m, ok := motifOf(one.Motif.ID)
	return wantOf(m, one.Start.Unix(), 1), ok
}
