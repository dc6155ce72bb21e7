package api

import (
	"fmt"
	"slices"
	"testing"

	"passerelle/auth"
	"passerelle/booking"
)

// follow reads the log from a position, by pages, until one is empty.
func (d *door) follow(after float64, limit int, token string) (events []map[string]any, last float64) {
	d.t.Helper()
	for {
		got := d.do(ask{path: fmt.Sprintf("/v1/evenements?apres=%.0f&limite=%d", after, limit), token: token})
		if got.status != 200 {
			d.t.Fatalf("%d %s", got.status, got.body)
		}
		page := got.json(d.t)
		list := page["evenements"].([]any)
		last = page["derniere_position"].(float64)
		if len(list) == 0 {
			if last != after {
				d.t.Errorf("nothing after %.0f, but the last position is %.0f", after, last)
			}
			return events, last
		}
		if len(list) > limit {
			d.t.Errorf("%d events on a page of %d", len(list), limit)
		}
		for _, e := range list {
			events = append(events, e.(map[string]any))
		}
		if end := events[len(events)-1]["position"].(float64); last != end || last <= after {
			d.t.Fatalf("the page ends at %.0f and says %.0f, after %.0f", end, last, after)
		}
		after = last
	}
}

func TestTheLogTellsEveryChangeOnceInOrder(t *testing.T) {
	d := newDoor(t)
	other := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	if events, last := d.follow(0, 100, ""); len(events) != 0 || last != 0 {
		t.Fatalf("a log before anything: %v, %v", events, last)
	}
	d.held("a", "10:00") // no appointment, so no event
	old := d.booked("a", "09:00")
	if got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", token: other, body: demand(d.slot("g", "09:00"))}); got.status != 201 {
		t.Fatalf("another partner's: %d %s", got.status, got.body)
	}
	next := d.do(to(old, "k2", d.slot("a", "11:00"))).json(t)["id"].(string)
	d.do(ask{method: "POST", path: "/v1/rendez-vous/" + next + "/annulation", key: "k3", body: `{"raison":"empêchement","par":"usager"}`})
	if err := d.ledger.Erase(t.Context(), next, string(booking.TheGateway)); err != nil {
		t.Fatal(err)
	}
	events, last := d.follow(0, 100, "")
	kinds := map[string][]string{}
	for i, e := range events {
		id := e["rendez_vous_id"].(string)
		kinds[id] = append(kinds[id], e["type"].(string))
		if i > 0 && e["position"].(float64) <= events[i-1]["position"].(float64) {
			t.Errorf("positions do not grow: %v", events)
		}
		if e["type"] != "rendez_vous.efface" && e["type"] != "rendez_vous."+e["statut"].(string) {
			t.Errorf("%v", e)
		}
	}
	if !slices.Equal(kinds[old], []string{"rendez_vous.confirme", "rendez_vous.deplace", "rendez_vous.efface"}) { // the person is the same in all of the chain
		t.Errorf("the old one: %v", kinds[old])
	}
	if !slices.Equal(kinds[old][:2], []string{"rendez_vous.confirme", "rendez_vous.deplace"}) {
		t.Errorf("the old one: %v", kinds[old])
	}
	if !slices.Equal(kinds[next], []string{"rendez_vous.confirme", "rendez_vous.annule", "rendez_vous.efface"}) {
		t.Errorf("the new one: %v", kinds[next])
	}
	if len(kinds) != 2 {
		t.Errorf("the log has %d appointments", len(kinds))
	}
	if one, end := d.follow(0, 1, ""); len(one) != len(events) || end != last {
		t.Errorf("one at a time: %d events up to %v, not %d up to %v", len(one), end, len(events), last)
	}
	if rest, _ := d.follow(events[1]["position"].(float64), 100, ""); len(rest) != len(events)-2 {
		t.Errorf("after the second: %d of %d", len(rest), len(events))
	}
	theirs, _ := d.follow(0, 100, other)
	if len(theirs) != 1 || kinds[theirs[0]["rendez_vous_id"].(string)] != nil {
		t.Errorf("another partner's log: %v", theirs)
	}
}

func TestBadPositions(t *testing.T) {
	d := newDoor(t)
	for path, field := range map[string]string{
		"apres=-1": "apres", "apres=1.5": "apres", "apres=99999999999999999999": "apres", "limite=0": "limite", "limite=1001": "limite", "position=1": "position",
	} {
		d.problem(d.do(ask{path: "/v1/evenements?" + path}), 422, "champ_invalide", field)
	}
}
