package api

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/connectors"
)

// said is how a place stands in the three answers that say so: its first slots in two, the start of the next in the third.
type said struct {
	state, observed, why, next any
	slots                      []any
}

// hears asks for place d: among others, for itself, and as it is published.
func (d *door) hears() map[string]said {
	d.t.Helper()
	d.token = d.tokenOf(d.partner, auth.AllScopes()) // the last one is over
	const window = "?debut=2026-11-23&fin=2026-11-25"
	found := d.do(ask{path: "/v1/creneaux" + window + "&q=allex&creneaux_par_lieu=20"}).json(d.t)
	out := make(map[string]said)
	of := func(name string, answer map[string]any) {
		slots, _ := answer["creneaux"].([]any)
		out[name] = said{answer["etat"], answer["observe_le"], answer["motif_vide"], nil, slots}
	}
	of("search", found["items"].([]any)[0].(map[string]any))
	if states := found["etats"].(map[string]any); len(states) != 1 || states[out["search"].state.(string)] != 1.0 {
		d.t.Errorf("the states of a search that shows %v: %v", out["search"].state, states)
	}
	of("place", d.do(ask{path: "/v1/lieux/d/creneaux" + window}).json(d.t))
	for _, raw := range d.do(ask{path: "/v1/disponibilites.json", token: "-"}).json(d.t)["lieux"].([]any) {
		if line := raw.(map[string]any); line["id"] == "d" {
			out["published"] = said{line["etat"], line["observe_le"], nil, line["prochain_creneau"], nil}
		}
	}
	return out
}

// An agenda that does not answer for an hour is neither free nor full: its last slots stand for a quarter of an hour, and are
// said to be old; then nothing is known, and nothing shown. Once it answers again, so do all.
func TestAnAgendaThatFailsForAnHourIsNeitherFreeNorFull(t *testing.T) {
	d := newDoor(t)
	d.hears()
	first := d.hears()
	last := d.now()
	for name, x := range first {
		if x.state != string(booking.Fresh) || (name == "published") == (len(x.slots) > 0) {
			t.Fatalf("%s: %+v", name, x)
		}
	}
	d.diary.read = func(context.Context) (connectors.Reading, error) {
		return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Unavailable, Err: errors.New("down")}
	}
	seen := make(map[any]int)
	for range 60 {
		d.wait(61 * time.Second) // what is published is not older than a minute
		age := d.now().Sub(last)
		for name, got := range d.hears() {
			want := first[name]
			want.state = string(booking.Stale)
			if age >= 15*time.Minute {
				want = said{state: string(booking.Unknown), observed: want.observed, slots: []any{}}
				if name == "published" {
					want.slots = nil
				} else {
					want.why = string(booking.SourceFailed)
				}
			}
			if seen[got.state]++; !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %v after it was read:\n%+v, want\n%+v", name, age, got, want)
			}
		}
	}
	if seen[string(booking.Stale)] != 3*14 || seen[string(booking.Unknown)] != 3*46 {
		t.Errorf("in an hour: %v", seen)
	}
	d.diary.read = nil
	d.wait(61 * time.Second)
	d.hears() // a search has it read, and does not wait for an agenda that had failed
	for name, got := range d.hears() {
		want := first[name]
		if got.state != string(booking.Fresh) || got.observed == want.observed || got.next != want.next || !reflect.DeepEqual(got.slots, want.slots) {
			t.Errorf("%s, once it answers again: %+v", name, got)
		}
	}
}
