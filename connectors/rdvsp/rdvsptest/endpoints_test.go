package rdvsptest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestOnlyAdministratorsOfTheTerritoryInstallWebhooks(t *testing.T) {
	w, r := newWorld(t, nil), newReceiver(t)
	basic, admin := w.signIn(w.agent), w.signIn(w.admin)
	list := fmt.Sprintf("/api/v1/organisations/%d/webhook_endpoints", w.mine.ID)
	want(t, "basic", w.endpoint(basic, r.URL, "rdv"), http.StatusForbidden, "")
	made := w.endpoint(admin, r.URL, "rdv", "motif")
	id := made.id(t, "webhook_endpoint", "id")
	want(t, "admin", made, http.StatusOK, fmt.Sprintf(
		`{"webhook_endpoint":{"id":%d,"organisation_id":%d,"subscriptions":["rdv","motif"],"target_url":%q}}`, id, w.mine.ID, r.URL))
	want(t, "basic changes it", w.ask(basic, "PATCH", fmt.Sprintf("%s/%d", list, id), map[string]any{"subscriptions": []string{"user"}}), http.StatusForbidden, "")
	want(t, "elsewhere", w.ask(admin, "POST", fmt.Sprintf("/api/v1/organisations/%d/webhook_endpoints", w.foreign.ID), map[string]any{"target_url": r.URL, "secret": secret}), http.StatusForbidden, "")
	for query, count := range map[string]float64{"": 1, "?target_url=" + r.URL: 1, "?target_url=http://exemple.fr/": 0} {
		got := w.ask(basic, "GET", list+query, nil)
		if got.dig(t, "meta", "total_count") != count || strings.Contains(string(got.body), "secret") {
			t.Errorf("%s: %s", query, got.body)
		}
	}
	want(t, "admin changes it", w.ask(admin, "PATCH", fmt.Sprintf("%s/%d", list, id), map[string]any{"subscriptions": []string{"user"}}), http.StatusOK, fmt.Sprintf(
		`{"webhook_endpoint":{"id":%d,"organisation_id":%d,"subscriptions":["user"],"target_url":%q}}`, id, w.mine.ID, r.URL))
	want(t, "unknown", w.ask(admin, "PATCH", list+"/1", map[string]any{}), http.StatusNotFound, "")
}

func TestAnEndpointIsOneOfAnOrganisation(t *testing.T) {
	w, r := newWorld(t, nil), newReceiver(t)
	admin := w.signIn(w.admin)
	want(t, "first", w.endpoint(admin, r.URL, "rdv"), http.StatusOK, "")
	want(t, "second", w.endpoint(admin, r.URL, "rdv"), http.StatusUnprocessableEntity,
		`{"errors":{"target_url":[{"error":"taken"}]},"error_messages":["target_url est déjà utilisé"]}`)
	want(t, "another address", w.endpoint(admin, r.URL+"/b", "rdv"), http.StatusOK, "")
	empty := w.ask(admin, "POST", fmt.Sprintf("/api/v1/organisations/%d/webhook_endpoints", w.mine.ID), map[string]any{"target_url": "", "subscriptions": []string{"nothing"}})
	if empty.status != http.StatusUnprocessableEntity || empty.dig(t, "errors", "target_url", 0, "error") != "blank" ||
		empty.dig(t, "errors", "secret", 0, "error") != "blank" || empty.dig(t, "errors", "base", 0, "error") != "la liste des abonnements choisis contient une ou plusieurs valeurs incorrectes" {
		t.Errorf("%d %s", empty.status, empty.body)
	}
}

// TestANewEndpointIsToldOfWhatIsThere replays everything, whatever it was asked.
func TestANewEndpointIsToldOfWhatIsThere(t *testing.T) {
	w, r := newWorld(t, nil), newReceiver(t)
	admin := w.signIn(w.admin)
	w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.agent.ID, Start: at(8, 9, 0)})
	w.AddMotif(Motif{Organisation: w.foreign.ID})
	made := w.ask(admin, "POST", fmt.Sprintf("/api/v1/organisations/%d/webhook_endpoints", w.mine.ID), map[string]any{
		"target_url": r.URL, "secret": secret, "subscriptions": []string{"rdv", "motif", "lieu"}, "trigger": false,
	})
	w.Deliver()
	if got := told(r.take()); got != "Rdv created unknown, Motif created <nil>, Lieu created <nil>" {
		t.Errorf("told %s", got)
	}
	path := fmt.Sprintf("/api/v1/organisations/%d/webhook_endpoints/%d", w.mine.ID, made.id(t, "webhook_endpoint", "id"))
	w.ask(admin, "PATCH", path, map[string]any{"subscriptions": []string{"rdv", "absence"}})
	if w.Undelivered() != 0 {
		t.Error("with absences, the replay of the software fails")
	}
	w.ask(admin, "PATCH", path, map[string]any{"secret": "another", "subscriptions": []string{"rdv"}})
	w.Deliver()
	if got := r.take(); len(got) != 1 || got[0].header.Get(SignatureHeader) != Sign("another", got[0].body) {
		t.Errorf("told %s", told(got))
	}
}
