package api

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/auth"
	"passerelle/booking"
)

// newWebhook is what the program hands in, in short: keys that the test can foretell, and one address that is refused.
func (d *door) newWebhook(partner, url string, asymmetric bool) (booking.Webhook, error) {
	if !strings.HasPrefix(url, "https://") {
		return booking.Webhook{}, booking.InvalidField("url", "doit commencer par https://")
	}
	w := booking.Webhook{ID: "not-this", Partner: partner, URL: url, Created: d.now(), Secret: []byte("canari-de-secret-de-32-octets-00")}
	if asymmetric {
		w.Seed = []byte("canari-de-graine-de-32-octets-00")
	}
	return w, nil
}

// hook creates a webhook.
func hook(key, url, more string) ask {
	return ask{method: "POST", path: "/v1/webhooks", key: key, body: `{"url":"` + url + `"` + more + `}`}
}

func (d *door) hooked(key string) string {
	d.t.Helper()
	got := d.do(hook(key, "https://partenaire.example/"+key, ""))
	if got.status != 201 {
		d.t.Fatalf("%d %s", got.status, got.body)
	}
	return got.json(d.t)["id"].(string)
}

func TestAWebhooksSecretIsShownOnce(t *testing.T) {
	d := newDoor(t)
	made := d.do(hook("k", "https://partenaire.example/x", `,"signature":"v1a"`))
	v := made.json(t)
	id := v["id"].(string)
	if made.status != 201 || made.header.Get("Location") != "/v1/webhooks/"+id || v["signature"] != "v1a" || v["etat"] != "actif" || v["url"] != "https://partenaire.example/x" {
		t.Fatalf("%d %v %s", made.status, made.header, made.body)
	}
	public := ed25519.NewKeyFromSeed([]byte("canari-de-graine-de-32-octets-00")).Public().(ed25519.PublicKey)
	if v["secret"] != "whsec_"+base64.StdEncoding.EncodeToString([]byte("canari-de-secret-de-32-octets-00")) || v["cle_publique"] != "whpk_"+base64.StdEncoding.EncodeToString(public) {
		t.Errorf("keys: %v, %v", v["secret"], v["cle_publique"])
	}
	plain := d.do(hook("k2", "https://partenaire.example/y", "")).json(t)
	if plain["signature"] != "v1" || plain["secret"] == nil || plain["cle_publique"] != nil {
		t.Errorf("v1: %v", plain)
	}
	again := d.do(hook("k", "https://partenaire.example/x", `,"signature":"v1a"`))
	r := again.json(t)
	if again.status != 201 || r["id"] != id || r["secret"] != nil || r["cle_publique"] != nil || again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("Location") != made.header.Get("Location") {
		t.Errorf("again: %d %s", again.status, again.body)
	}
	for _, a := range []ask{{path: "/v1/webhooks/" + id}, {path: "/v1/webhooks"}, {method: "POST", path: "/v1/webhooks/" + id + "/rejeu", body: `{"depuis":"2026-11-22T11:00:00+01:00"}`}} {
		if got := d.do(a); got.status != 200 || !strings.Contains(string(got.body), id) || strings.Contains(string(got.body), "whsec_") || strings.Contains(string(got.body), "whpk_") {
			t.Errorf("%s: %d %s", a.path, got.status, got.body)
		}
	}
	if n := len(d.do(ask{path: "/v1/webhooks"}).json(t)["items"].([]any)); n != 2 {
		t.Errorf("%d webhooks, not 2", n)
	}
	if log := d.log.String(); strings.Contains(log, "canari") || strings.Contains(log, "partenaire.example") || strings.Contains(log, "whsec_") {
		t.Errorf("a secret or an address in the log:\n%s", log)
	}
}

func TestAKeyMakesOneWebhook(t *testing.T) {
	d := newDoor(t)
	id := d.hooked("k")
	for name, a := range map[string]ask{
		"another address":   hook("k", "https://partenaire.example/other", ""),
		"another signature": hook("k", "https://partenaire.example/k", `,"signature":"v1a"`),
	} {
		if p := d.problem(d.do(a), 422, "cle_reutilisee", "Idempotency-Key"); p["champs"] == nil {
			t.Error(name)
		}
	}
	d.problem(d.do(hook("", "https://partenaire.example/k", "")), 400, "cle_manquante", "Idempotency-Key")
	d.problem(d.do(hook(strings.Repeat("k", 256), "https://partenaire.example/k", "")), 400, "cle_invalide", "Idempotency-Key")
	d.problem(d.do(hook("k2", "http://partenaire.example/k", "")), 422, "champ_invalide", "url")
	d.problem(d.do(hook("k2", "https://partenaire.example/k", `,"signature":"v2"`)), 422, "champ_invalide", "signature")
	d.problem(d.do(hook("k2", "https://partenaire.example/k", `,"secret":"x"`)), 422, "champ_invalide", "secret")
	other := hook("k", "https://autre.example/k", "")
	other.token = d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	if got := d.do(other); got.status != 201 || got.json(t)["id"] == id || got.json(t)["secret"] == nil {
		t.Errorf("another partner's same key: %d %s", got.status, got.body)
	}

	var shown, made atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			got := d.do(hook("same", "https://partenaire.example/same", ""))
			var v WebhookCree
			if err := json.Unmarshal(got.body, &v); err != nil || got.status != 201 {
				t.Errorf("%d %s", got.status, got.body)
				return
			}
			made.Add(1)
			if v.Secret != nil {
				shown.Add(1)
			}
		})
	}
	wg.Wait()
	if n := len(d.do(ask{path: "/v1/webhooks"}).json(t)["items"].([]any)); n != 2 || made.Load() != 16 || shown.Load() != 1 {
		t.Errorf("%d webhooks, %d answers, the secret shown %d times", n, made.Load(), shown.Load())
	}
}

func TestThereAreTenWebhooksAtMost(t *testing.T) {
	d := newDoor(t)
	var made atomic.Int32
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			switch got := d.do(hook(fmt.Sprint(i), "https://partenaire.example/x", "")); got.status {
			case 201:
				made.Add(1)
			case 409:
			default:
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	wg.Wait()
	have := len(d.do(ask{path: "/v1/webhooks"}).json(t)["items"].([]any))
	if have > maxWebhooks || have != int(made.Load()) {
		t.Fatalf("%d webhooks, %d were answered", have, made.Load())
	}
	for i := have; i < maxWebhooks; i++ { // at the same time all of them may give way; one after the other none does
		d.hooked(fmt.Sprint("later", i))
	}
	d.problem(d.do(hook("eleventh", "https://partenaire.example/x", "")), 409, "trop_de_webhooks", "")
	first := d.do(ask{path: "/v1/webhooks"}).json(t)["items"].([]any)[0].(map[string]any)["id"].(string)
	if got := d.do(ask{method: "DELETE", path: "/v1/webhooks/" + first}); got.status != 204 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	d.problem(d.do(ask{method: "DELETE", path: "/v1/webhooks/" + first}), 404, "webhook_inconnu", "")
	d.hooked("eleventh")
}

func TestAForeignWebhookIsAMissingOne(t *testing.T) {
	d := newDoor(t)
	id := d.hooked("k")
	other := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	for _, a := range []ask{
		{path: "/v1/webhooks/%s"},
		{path: "/v1/webhooks/%s/livraisons"},
		{method: "POST", path: "/v1/webhooks/%s/rejeu", body: `{"depuis":"2026-11-22T11:00:00+01:00"}`},
		{method: "DELETE", path: "/v1/webhooks/%s"},
	} {
		a.token, a.header = other, map[string][]string{"X-Request-Id": {"r"}}
		theirs, missing := a, a
		theirs.path, missing.path = fmt.Sprintf(a.path, id), fmt.Sprintf(a.path, strings.Repeat("0", len(id)))
		x, y := d.do(theirs), d.do(missing)
		d.problem(x, 404, "webhook_inconnu", "")
		if x.status != y.status || string(x.body) != string(y.body) {
			t.Errorf("%s: another's is %d %s, a missing one %d %s", a.path, x.status, x.body, y.status, y.body)
		}
	}
	if n := len(d.do(ask{path: "/v1/webhooks", token: other}).json(t)["items"].([]any)); n != 0 {
		t.Errorf("another's list has %d", n)
	}
}

func TestHowAWebhookStandsAndIsToldAgain(t *testing.T) {
	d := newDoor(t)
	id := d.hooked("k")
	d.booked("a", "09:00")
	attempt := func(failing, disabled bool, status int, outcome string) {
		t.Helper()
		taken := must[[]booking.Webhook](t)(d.ledger.TakeWebhooks(t.Context(), time.Minute, 10))
		if len(taken) != 1 {
			t.Fatalf("%d webhooks are due", len(taken))
		}
		w := taken[0]
		entry := must[[]booking.Entry](t)(d.ledger.Entries(t.Context(), w.Partner, w.Position, 1))[0]
		if w.Failing = (time.Time{}); failing {
			w.Failing = d.now()
		} else {
			w.Position = entry.Position
		}
		if disabled {
			w.Disabled = d.now()
		}
		made := booking.Delivery{Position: entry.Position, At: d.now(), Status: status, Outcome: outcome, Took: 84 * time.Millisecond}
		if err := d.ledger.Served(t.Context(), w, made, d.now()); err != nil {
			t.Fatal(err)
		}
	}
	state := func(want string, failing bool) {
		t.Helper()
		if v := d.do(ask{path: "/v1/webhooks/" + id}).json(t); v["etat"] != want || (v["en_echec_depuis"] != nil) != failing {
			t.Errorf("want %s: %v", want, v)
		}
	}
	state("actif", false)
	attempt(true, false, 0, "echec")
	state("en_echec", true)
	attempt(true, true, 410, "abandonne")
	state("desactive", true)
	replay := ask{method: "POST", path: "/v1/webhooks/" + id + "/rejeu", body: `{"depuis":"2026-11-22T11:59:00+01:00"}`}
	for range 2 { // repeated, it says the same
		if got := d.do(replay).json(t); got["etat"] != "actif" || got["position"] != 0.0 {
			t.Errorf("told again: %v", got)
		}
	}
	attempt(false, false, 204, "remis")
	state("actif", false)
	made := d.do(ask{path: "/v1/webhooks/" + id + "/livraisons?limite=2"}).json(t)["items"].([]any)
	if len(made) != 2 {
		t.Fatalf("%d deliveries", len(made))
	}
	last := made[0].(map[string]any)
	if last["resultat"] != "remis" || last["code_http"] != 204.0 || last["duree_ms"] != 84.0 || last["position"] == 0.0 || made[1].(map[string]any)["resultat"] != "abandonne" {
		t.Errorf("deliveries: %v", made)
	}
	later := d.do(hook("k2", "https://partenaire.example/y", "")).json(t)
	if later["position"] == 0.0 || later["position"] != d.do(ask{path: "/v1/webhooks/" + later["id"].(string)}).json(t)["position"] {
		t.Errorf("one that is made later begins at %v", later["position"])
	}
	replay.body = `{"depuis":"2026-11-22T12:06:00+01:00"}`
	d.problem(d.do(replay), 422, "champ_invalide", "depuis")
	replay.body = `{"depuis":"hier"}`
	d.problem(d.do(replay), 422, "champ_invalide", "depuis")
	d.problem(d.do(ask{path: "/v1/webhooks/" + id + "/livraisons?limite=1001"}), 422, "champ_invalide", "limite")
}
