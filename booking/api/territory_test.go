package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelle/auth"
)

// For a partner of one département no other place exists: whatever names one is answered as if it were unknown.
func TestAPartnerActsWithinItsTerritory(t *testing.T) {
	d := newDoor(t)
	p := d.newPartner("territoire", auth.AllScopes())
	bound := func(territory auth.Territory) string {
		if err := d.ledger.ChangePartner(t.Context(), p.ID, func(x *auth.Partner) error { x.Territory = territory; return nil }); err != nil {
			t.Fatal(err)
		}
		d.wait(11 * time.Second) // partners are believed for ten
		return d.tokenOf(p, auth.AllScopes())
	}
	outside, inside := d.slot("a", "09:00"), d.slot("g", "09:00")
	token := bound(auth.Territory{Places: []string{"g"}})

	got := d.do(ask{path: "/v1/lieux?size=1000", token: token}).json(t)
	if items := got["items"].([]any); got["total"] != 1.0 || items[0].(map[string]any)["id"] != "g" {
		t.Errorf("found: %v", got)
	}
	unknown := plain(d.do(ask{path: "/v1/lieux/rien", token: token}), missing)
	if out := d.do(ask{path: "/v1/lieux/a", token: token}); out.status != 404 || plain(out, missing) != unknown {
		t.Errorf("a place outside: %d %s", out.status, out.body)
	}
	d.problem(d.do(ask{path: "/v1/lieux/a/creneaux", token: token}), 404, "lieu_inconnu", "")
	found := d.do(ask{path: "/v1/creneaux?lieu_id=a&lieu_id=g&debut=2026-11-23&fin=2026-11-24", token: token}).json(t)
	for i, state := range []string{"lieu_inconnu", "a_jour"} {
		if got := found["items"].([]any)[i].(map[string]any)["etat"]; got != state {
			t.Errorf("slots: %v, want %s", got, state)
		}
	}
	for name, a := range map[string]ask{
		"book":   {path: "/v1/rendez-vous", body: demand(outside)},
		"hold":   {path: "/v1/reservations", body: `{"creneau_id":"` + outside + `"}`},
		"orient": {path: "/v1/orientations", body: orientation("c", false)},
	} {
		a.method, a.key, a.token = "POST", name, token
		d.problem(d.do(a), 404, "lieu_inconnu", "lieu_id")
	}
	booked := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "dedans", body: demand(inside), token: token})
	if booked.status != 201 {
		t.Fatalf("inside: %d %s", booked.status, booked.body)
	}
	id := booked.json(t)["id"].(string)
	d.limited(func(l *Limits) { l.Unknown = 1 })
	for range 2 { // it is no guess: its own appointments are heard of after it
		d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous/" + id + "/deplacement", key: "dehors", body: `{"creneau_id":"` + outside + `"}`, token: token}), 404, "lieu_inconnu", "")
	}

	token = bound(auth.Territory{Departments: []string{"07", "2A"}}) // all of this file's places are in the Drôme
	if got := d.do(ask{path: "/v1/lieux", token: token}).json(t); got["total"] != 0.0 {
		t.Errorf("elsewhere: %v", got["total"])
	}
	if got := d.do(ask{path: "/v1/rendez-vous/" + id, token: token}); got.status != 200 || !strings.Contains(string(got.body), id) {
		t.Errorf("its own, of before: %d", got.status)
	}
	for _, everywhere := range []auth.Territory{{Departments: []string{"26"}}, {}} {
		if got := d.do(ask{path: "/v1/lieux", token: bound(everywhere)}).json(t); got["total"].(float64) < 8 {
			t.Errorf("%+v: %v", everywhere, fmt.Sprint(got["total"]))
		}
	}
}
