package api

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelle/auth"
	"passerelle/connectors"
)

// booked is the id of a confirmed appointment at an hour on Monday.
func (d *door) booked(place, hour string) string {
	d.t.Helper()
	got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "pour " + place + hour, body: demand(d.slot(place, hour), `reference="R"`)})
	if got.status != 201 || got.json(d.t)["statut"] != "confirme" {
		d.t.Fatalf("booked: %d %s", got.status, got.body)
	}
	return got.json(d.t)["id"].(string)
}

func (d *door) read(id string) map[string]any {
	d.t.Helper()
	return d.do(ask{path: "/v1/rendez-vous/" + id}).json(d.t)
}

// to is a move to another slot.
func to(id, key, slot string) ask {
	return ask{method: "POST", path: "/v1/rendez-vous/" + id + "/deplacement", key: key, body: `{"creneau_id":"` + slot + `"}`}
}

// until lets time pass, and renews the token that ends meanwhile.
func (d *door) until(at time.Time) {
	d.t.Helper()
	d.wait(at.Sub(d.now()))
	d.token = d.tokenOf(d.partner, auth.AllScopes())
}

func TestAMoveOverTheWire(t *testing.T) {
	d := newDoor(t)
	old, next := d.booked("a", "09:00"), d.slot("a", "11:00")
	moved := d.do(to(old, "k", next))
	v := moved.json(t)
	if moved.status != 201 || v["id"] == old || moved.header.Get("Location") != "/v1/rendez-vous/"+v["id"].(string) {
		t.Fatalf("moved: %d %v %s", moved.status, moved.header, moved.body)
	}
	if v["statut"] != "confirme" || v["remplace"] != old || v["remplace_par"] != nil || v["reference"] != "R" || v["usager"].(map[string]any)["nom"] != "Nom-canari" {
		t.Errorf("the new one: %s", moved.body)
	}
	about := v["notifications"].([]any)[0].(map[string]any)
	if about["objet"] != "deplacement" {
		t.Errorf("told: %v", about)
	}
	was := d.read(old)
	if was["statut"] != "deplace" || was["remplace_par"] != v["id"] || was["remplace"] != nil || was["annulation"] != nil {
		t.Errorf("the old one: %v", was)
	}
	again := d.do(to(old, "k", next))
	if again.status != 201 || string(again.body) != string(moved.body) || again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("Location") != moved.header.Get("Location") {
		t.Errorf("again: %d %s", again.status, again.body)
	}
	if d.slot("a", "09:00") == "" || d.slot("a", "11:00") != "" {
		t.Error("the old slot did not come back, or the new one is shown")
	}
	d.problem(d.do(to(old, "k", d.slot("a", "10:00"))), 422, "cle_reutilisee", "Idempotency-Key")
	d.problem(d.do(to(d.booked("g", "10:00"), "k", next)), 422, "cle_reutilisee", "Idempotency-Key")
	d.problem(d.do(to(old, "", next)), 400, "cle_manquante", "Idempotency-Key")
	d.problem(d.do(to(old, "k2", d.slot("a", "10:00"))), 409, "etape_impossible", "")
}

// The time that an appointment gives up is not in its own way.
func TestAMoveMayOverlapItself(t *testing.T) {
	d := newDoor(t)
	next := d.slot("g", "09:30")
	old := d.booked("g", "09:00")
	if d.slot("g", "09:30") != "" {
		t.Fatal("the two do not overlap: this proves nothing")
	}
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "another", body: demand(next)}), 409, "creneau_pris", "")
	if got := d.do(to(old, "k", next)); got.status != 201 || got.json(t)["statut"] != "confirme" {
		t.Fatalf("moved: %d %s", got.status, got.body)
	}
	if d.slot("g", "09:00") != "" || d.slot("g", "10:30") == "" {
		t.Error("what is shown is not what the new one leaves")
	}
}

func TestAForeignAppointmentCannotBeMovedOrMarked(t *testing.T) {
	d := newDoor(t)
	id, next := d.booked("a", "09:00"), d.slot("a", "11:00")
	other := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	for _, a := range []ask{to("%s", "k", next), {method: "POST", path: "/v1/rendez-vous/%s/presence", key: "k2", body: `{"statut":"honore"}`}} {
		a.token, a.header = other, map[string][]string{"X-Request-Id": {"r"}}
		theirs, missing := a, a
		theirs.path, missing.path = strings.ReplaceAll(a.path, "%s", id), strings.ReplaceAll(a.path, "%s", strings.Repeat("0", len(id)))
		x, y := d.do(theirs), d.do(missing)
		d.problem(x, 404, "rendez_vous_inconnu", "")
		if x.status != y.status || string(x.body) != string(y.body) {
			t.Errorf("%s: another's is %d %s, a missing one %d %s", a.path, x.status, x.body, y.status, y.body)
		}
	}
	if d.read(id)["statut"] != "confirme" || d.slot("a", "11:00") == "" {
		t.Error("a stranger changed it")
	}
}

func TestItMayBeTooLateToMove(t *testing.T) {
	d := newDoor(t)
	id := d.booked("a", "09:00")
	d.until(sunday.Add(20*time.Hour + time.Minute)) // an hour before, less a minute
	d.problem(d.do(to(id, "k", d.slot("a", "11:00"))), 409, "trop_tard", "")
	if d.read(id)["statut"] != "confirme" {
		t.Error("it moved all the same")
	}
}

// While the new one is in doubt the old one holds, and there is one move at a time.
func TestAMoveWithoutAnAnswer(t *testing.T) {
	d := newDoor(t)
	old, next, third := d.booked("d", "09:00"), d.slot("d", "11:00"), d.slot("d", "10:00")
	d.diary.fault = func() error { return context.DeadlineExceeded }
	got := d.do(to(old, "k", next))
	v := got.json(t)
	if got.status != 202 || v["statut"] != "incertain" || v["remplace"] != old || got.header.Get("Retry-After") == "" || got.header.Get("Location") != "/v1/rendez-vous/"+v["id"].(string) {
		t.Fatalf("%d %v %s", got.status, got.header, got.body)
	}
	if was := d.read(old); was["statut"] != "confirme" || was["remplace_par"] != nil {
		t.Errorf("the old one: %v", was)
	}
	d.problem(d.do(to(old, "k2", third)), 409, "deplacement_en_cours", "")
}

func TestAttendanceOverTheWire(t *testing.T) {
	d := newDoor(t)
	id := d.booked("a", "09:00")
	said := func(key, status string) answer {
		return d.do(ask{method: "POST", path: "/v1/rendez-vous/" + id + "/presence", key: key, body: `{"statut":"` + status + `"}`})
	}
	d.problem(said("k0", "honore"), 409, "trop_tot", "")
	d.problem(said("k0", "annule"), 422, "champ_invalide", "statut")
	d.problem(said("", "honore"), 400, "cle_manquante", "Idempotency-Key")
	d.until(sunday.Add(21 * time.Hour)) // it begins
	for _, c := range []struct{ key, status string }{{"k1", "absent"}, {"k2", "honore"}, {"k3", "honore"}, {"k4", "excuse"}} {
		if got := said(c.key, c.status); got.status != 200 || got.json(t)["statut"] != c.status || got.json(t)["annulation"] != nil {
			t.Errorf("%s: %d %s", c.status, got.status, got.body)
		}
	}
	if got := said("k1", "absent"); got.status != 200 || got.json(t)["statut"] != "excuse" || got.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("an old key said it again: %d %s", got.status, got.body)
	}
}

// Who cancels and why is said once it is certain: until then the agenda may still say no.
func TestACancellationUnderWayIsNotYetOne(t *testing.T) {
	d := newDoor(t)
	id := d.booked("d", "09:00")
	d.diary.cancel = context.DeadlineExceeded
	cancel := ask{method: "POST", path: "/v1/rendez-vous/" + id + "/annulation", key: "k", body: `{"raison":"empêchement","par":"usager"}`}
	if got := d.do(cancel); got.status != 202 || got.json(t)["statut"] != "en_cours" || got.json(t)["annulation"] != nil {
		t.Errorf("under way: %d %s", got.status, got.body)
	}
	d.diary.cancel = nil
	sure := d.booked("d", "10:00")
	cancel.path, cancel.key = "/v1/rendez-vous/"+sure+"/annulation", "k2"
	if got := d.do(cancel); got.status != 200 || got.json(t)["annulation"].(map[string]any)["par"] != "usager" {
		t.Errorf("done: %d %s", got.status, got.body)
	}
}

func TestTheSamePersonTwiceIsNamed(t *testing.T) {
	d := newDoor(t)
	first, there := d.booked("a", "09:00"), d.slot("d", "09:00")
	for key, changes := range map[string][]string{"unsaid": nil, "null": {"doublon_accepte=null"}, "no": {"doublon_accepte=false"}} {
		p := d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: key, body: demand(there, changes...)}), 409, "rendez_vous_double", "usager")
		if p["rendez_vous_id"] != first {
			t.Errorf("%s: rendez_vous_id %v, want %s", key, p["rendez_vous_id"], first)
		}
	}
	if got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "meant", body: demand(there, "doublon_accepte=true")}); got.status != 201 {
		t.Errorf("meant: %d %s", got.status, got.body)
	}
}

// A twin that comes while the first is with the agenda is told when to come again.
func TestTheSameCallAtTheSameTime(t *testing.T) {
	d := newDoor(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	d.diary.fault = func() error { close(entered); <-leave; return nil }
	book := ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(d.slot("d", "09:00"))}
	done := make(chan answer, 1)
	go func() { done <- d.do(book) }()
	<-entered
	twin := d.do(book)
	d.problem(twin, 409, "demande_en_cours", "")
	if after := twin.header.Get("Retry-After"); after != "5" {
		t.Errorf("Retry-After: %q", after)
	}
	close(leave)
	if first := <-done; first.status != 201 && first.status != 202 {
		t.Errorf("first: %d %s", first.status, first.body)
	}
}

// The agenda of g is kept here, whatever its connection says of another software.
func TestWhoTellsIsStatedPerPlace(t *testing.T) {
	d := newDoor(t)
	for place, want := range map[string]any{"a": "passerelle", "b": "passerelle", "c": nil, "d": "source", "e": nil, "f/é 1": "passerelle", "g": "passerelle"} {
		if got := d.do(ask{path: "/v1/lieux/" + url.PathEscape(place)}).json(t)["agenda"].(map[string]any)["previent"]; got != want {
			t.Errorf("%s: %v, want %v", place, got, want)
		}
	}
	told := map[string]any{}
	for _, n := range d.read(d.booked("d", "09:00"))["notifications"].([]any) {
		told[n.(map[string]any)["a"].(string)] = n.(map[string]any)["canal"]
	}
	if told["structure"] != "source" || told["usager"] != "source" || told["prescripteur"] != "courriel" {
		t.Errorf("told: %v", told)
	}
}

var _ connectors.Canceler = (*slow)(nil)
