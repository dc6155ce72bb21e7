package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// partnerTool is a partner's tool.
type partnerTool struct {
	t     *testing.T
	url   string
	token string
}

func (c *partnerTool) do(method, path, key, body string) (int, map[string]any) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		c.t.Fatalf("%s %s: %s", method, path, raw)
	}
	return resp.StatusCode, v
}

// starts lists the starts of a place's slots.
func (c *partnerTool) starts(place string) map[string]string {
	c.t.Helper()
	_, v := c.do("GET", "/v1/lieux/"+place+"/creneaux", "", "")
	if v["etat"] != "a_jour" {
		c.t.Fatalf("%s: %v", place, v)
	}
	out := make(map[string]string)
	for _, raw := range v["creneaux"].([]any) {
		s := raw.(map[string]any)
		out[s["debut"].(string)] = s["id"].(string)
	}
	return out
}

// The whole way, over HTTP, on the program as it is shipped: a token, a place, its slots less what its calendar says,
// a booking that takes the slot at the other place of the same diary too, and its cancellation.
func TestARealFlow(t *testing.T) {
	x := newTerminal(t) // Monday 23 November 2026, 08:00
	out, stop := x.start("consentement", "demo", "--addr", "127.0.0.1:0", "--json")
	defer stop()
	who := lineOf[demoLine](t, out.String())
	c := &partnerTool{t, who.URL, tokenFor(t, who.URL, who.ID, who.Secret)}

	_, found := c.do("GET", "/v1/lieux?lat=44.7286&lon=5.0222&rayon_km=10", "", "")
	if found["total"].(float64) < 3 {
		t.Fatalf("found %v", found["total"])
	}
	const crest, aouste = "demo-crest-mediatheque", "demo-aouste-mairie"
	free := c.starts(crest)
	for hour, want := range map[string]bool{
		"2026-11-23T09:00:00+01:00": true,
		"2026-11-23T10:00:00+01:00": false, // every Monday at ten, in the calendar beside
		"2026-11-24T09:00:00+01:00": false, // Tuesdays and Thursdays, nine to half past ten
		"2026-11-24T10:00:00+01:00": false,
		"2026-11-24T11:00:00+01:00": true,
		"2026-11-25T09:00:00+01:00": true, // in the calendar, but transparent
	} {
		if _, got := free[hour]; got != want {
			t.Errorf("%s free: %v, want %v", hour, got, want)
		}
	}
	at := "2026-11-24T11:00:00+01:00"
	body := `{"creneau_id":"` + free[at] + `","usager":{"prenom":"P","nom":"N","contact":"par_prescripteur"},
		"prescripteur":{"prenom":"P","nom":"N","courriel":"aidant@example.org","qualite":"professionnel"},
		"besoin":{"services":["aide aux demarches administratives"]},"consentement":{"mode":"oral","recueilli_le":"2026-11-23T08:00:00+01:00"}}`
	status, booked := c.do("POST", "/v1/rendez-vous", "k1", body)
	if status != 201 || booked["statut"] != "confirme" {
		t.Fatalf("%d %v", status, booked)
	}
	for _, place := range []string{crest, aouste} {
		if _, still := c.starts(place)[at]; still {
			t.Errorf("the slot is still at %s", place)
		}
	}
	status, cancelled := c.do("POST", "/v1/rendez-vous/"+booked["id"].(string)+"/annulation", "k2", `{"raison":"empêchement","par":"usager"}`)
	if status != 200 || cancelled["statut"] != "annule" {
		t.Fatalf("%d %v", status, cancelled)
	}
	for _, place := range []string{crest, aouste} {
		if _, back := c.starts(place)[at]; !back {
			t.Errorf("the slot did not come back at %s", place)
		}
	}
	// A place whose structure must accept says so, and a second mediator doubles what can be booked.
	_, asked := c.do("GET", "/v1/lieux/demo-saillans-espace", "", "")
	if g := asked["agenda"].(map[string]any)["garantie"]; g != "sur_demande" {
		t.Errorf("a calendar that is only read promises %v", g)
	}
	_, two := c.do("GET", "/v1/lieux/demo-die-tiers-lieu/creneaux?debut=2026-11-23&fin=2026-11-24&motif=accompagnement", "", "")
	if n := two["creneaux"].([]any)[0].(map[string]any)["places"]; n != 2.0 {
		t.Errorf("two mediators free at once show %v seats", n)
	}
}
