package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"passerelle/auth"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// desk is the software of a place that books on a page for each person.
type desk struct {
	fails    error
	outcomes []connectors.Outcome
}

func (*desk) Guarantee() connectors.Guarantee { return connectors.Handoff }

func (*desk) Read(context.Context, connectors.Query) (connectors.Reading, error) {
	return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Unsupported}
}

func (*desk) Handoff(context.Context, connectors.HandoffRequest) (connectors.Link, error) {
	return connectors.Link{URL: "https://guichet.example.org/"}, nil
}

func (d *desk) Invite(context.Context, connectors.HandoffRequest, connectors.Person) (connectors.Link, error) {
	return connectors.Link{URL: "https://guichet.example.org/?jeton=CANARI77", Upstream: "usager-1"}, d.fails
}

func (d *desk) Follow(context.Context, []string) ([]connectors.Outcome, error) {
	return d.outcomes, nil
}

func (*desk) Receive(_ context.Context, h http.Header, body []byte) ([]string, error) {
	if h.Get("X-Signature") != "bonne" {
		return nil, &connectors.Error{Op: "receive", Kind: connectors.Refused}
	}
	return strings.Fields(string(body)), nil
}

// orientation is a demand to be handed on, with these members over it ("usager=" leaves one out).
func orientation(place string, invited bool) string {
	whole := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(demand("x")), &whole); err != nil {
		panic(err)
	}
	out := map[string]any{"lieu_id": place, "reference": "dossier-1", "prescripteur": whole["prescripteur"]}
	if invited {
		out["usager"], out["consentement"] = whole["usager"], whole["consentement"]
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// oriented is an orientation to a place, as it is answered.
func (d *door) oriented(place string, invited bool) map[string]any {
	d.t.Helper()
	got := d.do(ask{method: "POST", path: "/v1/orientations", key: "vers " + place, body: orientation(place, invited)})
	if got.status != 201 {
		d.t.Fatalf("oriented: %d %s", got.status, got.body)
	}
	return got.json(d.t)
}

func (d *door) issue(id any, key, body string) answer {
	d.t.Helper()
	return d.do(ask{method: "POST", path: fmt.Sprintf("/v1/orientations/%s/issue", id), key: key, body: body})
}

func TestAnOrientationOverTheWire(t *testing.T) {
	d := newDoor(t)
	first := d.do(ask{method: "POST", path: "/v1/orientations", key: "k", body: orientation("c", false)})
	v := first.json(t)
	if first.status != 201 || v["statut"] != "a_finaliser" || v["url"] != "https://www.rdv-aide-numerique.fr/org/99990001?prescripteur=1" ||
		v["expire_le"] != "2026-12-06T12:00:00+01:00" || v["creneau"] != nil || v["usager"] != nil || v["lien_ics"] != nil || v["garantie"] != "orientation" {
		t.Fatalf("%d %s", first.status, first.body)
	}
	id := v["id"]
	if first.header.Get("Location") != "/v1/rendez-vous/"+id.(string) {
		t.Errorf("it is said to be at %q", first.header.Get("Location"))
	}
	again := d.do(ask{method: "POST", path: "/v1/orientations", key: "k", body: orientation("c", false)})
	if again.status != 201 || string(again.body) != string(first.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: %d %s", again.status, again.body)
	}
	d.problem(d.do(ask{method: "POST", path: "/v1/orientations", key: "k", body: orientation("d", false)}), 422, "cle_reutilisee", "Idempotency-Key")
	d.problem(d.do(ask{path: "/v1/rendez-vous/" + id.(string) + ".ics"}), 409, "sans_heure", "")
	listed := d.do(ask{path: "/v1/rendez-vous?statut=a_finaliser"}).json(t)
	if listed["total"] != 1.0 {
		t.Errorf("listed: %v", listed)
	}
	done := d.issue(id, "issue", `{"statut":"confirme","debut":"2026-11-24T09:00:00+01:00","fin":"2026-11-24T10:00:00+01:00"}`)
	v = done.json(t)
	slot, _ := v["creneau"].(map[string]any)
	if done.status != 200 || v["statut"] != "confirme" || slot["debut"] != "2026-11-24T09:00:00+01:00" || v["expire_le"] != nil || v["lien_ics"] == nil {
		t.Errorf("%d %s", done.status, done.body)
	}
	if ics := d.do(ask{path: "/v1/rendez-vous/" + id.(string) + ".ics"}); ics.status != 200 || !strings.Contains(string(ics.body), "DTSTART:20261124T080000Z") {
		t.Errorf("%d %s", ics.status, ics.body)
	}
	cancelled := d.do(ask{method: "POST", path: "/v1/rendez-vous/" + id.(string) + "/annulation", key: "non", body: `{"par":"usager","raison":"empêchement"}`})
	if p := d.problem(cancelled, 409, "annulation_impossible", ""); p["lien"] == nil {
		t.Errorf("%s does not say where it is cancelled", cancelled.body)
	}
	if v = d.issue(id, "annulée", `{"statut":"annule","par":"usager"}`).json(t); v["statut"] != "annule" {
		t.Errorf("%v", v)
	}
	var kinds []any
	for _, e := range d.do(ask{path: "/v1/evenements"}).json(t)["evenements"].([]any) {
		kinds = append(kinds, e.(map[string]any)["type"])
	}
	if fmt.Sprint(kinds) != "[rendez_vous.a_finaliser rendez_vous.confirme rendez_vous.annule]" {
		t.Errorf("%v", kinds)
	}
}

func TestBadOrientations(t *testing.T) {
	d := newDoor(t)
	for _, c := range []struct{ name, body, code, field string }{
		{"an unknown place", orientation("rien", false), "lieu_inconnu", "lieu_id"},
		{"somebody where the page itself asks who comes", orientation("c", true), "champ_invalide", "usager"},
		{"nobody where the page is made for somebody", orientation("h", false), "champ_invalide", "usager"},
		{"a motif that is not there", strings.Replace(orientation("c", false), `{"`, `{"motif":"rien","`, 1), "champ_invalide", "motif"},
		{"a control character", strings.Replace(orientation("c", false), "dossier-1", `a\u0000b`, 1), "champ_invalide", "reference"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			status := 422
			if c.code == "lieu_inconnu" {
				status = 404
			}
			d.problem(d.do(ask{method: "POST", path: "/v1/orientations", key: c.name, body: c.body}), status, c.code, c.field)
		})
	}
	d.t = t
	d.problem(d.do(ask{method: "POST", path: "/v1/orientations", key: "a", body: orientation("a", false)}), 409, "orientation_impossible", "")
	if n := d.do(ask{path: "/v1/rendez-vous"}).json(t)["total"]; n != 0.0 {
		t.Errorf("%v are kept", n)
	}
}

func TestBadIssues(t *testing.T) {
	d := newDoor(t)
	id := d.oriented("c", false)["id"]
	for _, c := range []struct{ name, body, field string }{
		{"a time for what came to nothing", `{"statut":"expire","debut":"2026-11-24T09:00:00+01:00"}`, "debut"},
		{"an end for what came to nothing", `{"statut":"expire","fin":"2026-11-24T09:00:00+01:00"}`, "fin"},
		{"a beginning without an end", `{"statut":"confirme","debut":"2026-11-24T09:00:00+01:00"}`, "fin"},
		{"an end without a beginning", `{"statut":"confirme","fin":"2026-11-24T09:00:00+01:00"}`, "debut"},
		{"an end before the beginning", `{"statut":"confirme","debut":"2026-11-24T09:00:00+01:00","fin":"2026-11-24T09:00:00+01:00"}`, "fin"},
		{"a week", `{"statut":"confirme","debut":"2026-11-24T09:00:00+01:00","fin":"2026-12-01T09:00:00+01:00"}`, "fin"},
		{"a cancellation by nobody", `{"statut":"annule"}`, "par"},
		{"a confirmation by somebody", `{"statut":"confirme","par":"usager"}`, "par"},
		{"a coming", `{"statut":"honore"}`, "statut"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			d.problem(d.issue(id, c.name, c.body), 422, "champ_invalide", c.field)
		})
	}
	d.t = t
	d.problem(d.issue(d.booked("a", "09:00"), "k", `{"statut":"expire"}`), 404, "rendez_vous_inconnu", "")
	d.problem(d.issue(id, "rien pris", `{"statut":"annule","par":"usager"}`), 422, "champ_invalide", "statut")
	other := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	d.problem(d.do(ask{method: "POST", path: fmt.Sprintf("/v1/orientations/%s/issue", id), key: "k", body: `{"statut":"expire"}`, token: other}), 404, "rendez_vous_inconnu", "")
}

func TestAnInvitationOverTheWire(t *testing.T) {
	d := newDoor(t)
	place := d.do(ask{path: "/v1/lieux/h"}).json(t)["agenda"].(map[string]any)
	if fmt.Sprint(place["capacites"]) != "[inviter orienter]" {
		t.Errorf("%v", place["capacites"])
	}
	d.desk.fails = &connectors.Error{Op: "invite", Kind: connectors.Misconfigured}
	d.problem(d.do(ask{method: "POST", path: "/v1/orientations", key: "vers h", body: orientation("h", true)}), 502, "agenda_mal_raccorde", "")
	d.desk.fails = nil
	v := d.oriented("h", true)
	if v["usager"].(map[string]any)["nom"] != "Nom-canari" || v["url"] != "https://guichet.example.org/?jeton=CANARI77" {
		t.Errorf("%v", v)
	}
	at := interval.Of(sunday.AddDate(0, 0, 2), sunday.AddDate(0, 0, 2).Add(1800e9))
	d.desk.outcomes = []connectors.Outcome{{Link: "usager-1", Fate: connectors.Booked, Appointment: connectors.Appointment{Upstream: "1", Interval: at, Location: "Annexe, Die"}}}
	call := func(agenda, signature string) answer {
		return d.do(ask{method: "POST", path: "/notifications/" + agenda, token: "-", body: "usager-1", header: http.Header{"X-Signature": {signature}}})
	}
	d.problem(call("guichet", "fausse"), 401, "signature_refusee", "")
	d.problem(call("rien", "bonne"), 401, "signature_refusee", "")
	d.problem(call("partage", "bonne"), 401, "signature_refusee", "")
	d.problem(d.do(ask{method: "POST", path: "/notifications/guichet", token: "-", body: strings.Repeat("x", maxNotification+1)}), 413, "corps_trop_grand", "")
	if got := d.read(v["id"].(string)); got["statut"] != "a_finaliser" {
		t.Errorf("%v", got["statut"])
	}
	if got := call("guichet", "bonne"); got.status != 204 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := d.read(v["id"].(string)); got["statut"] != "confirme" || got["creneau"].(map[string]any)["adresse"] != "Annexe, Die" {
		t.Errorf("%v", got)
	}
	if log := d.log.String(); strings.Contains(log, "CANARI77") || strings.Contains(log, "Nom-canari") {
		t.Error("the log knows her page, or her name")
	}
}
