package search

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"passerelle/internal/prove/gateway"
)

// gate is the program, serving a country.
type gate struct {
	*country
	site    *gateway.Site
	caller  *gateway.Caller
	process *gateway.Process
}

// open starts the program on the files that env names, and returns once it knows how so many places with an agenda stand.
func open(t *testing.T, c *country, env map[string]string, bookable int) *gate {
	t.Helper()
	env["PASSERELLE_LIMITES_SIMULTANEES"] = "1000"
	site, err := gateway.NewSite(gateway.Options{Program: programs.Build(t), Folder: t.TempDir(), Environment: env})
	if err != nil {
		t.Fatal(err)
	}
	partner, err := site.NewPartner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{country: c, site: site, caller: gateway.NewCaller(partner)}
	t.Cleanup(g.caller.Close)
	if g.process, err = site.Serve(g.caller, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.process.Kill() })
	g.settle(t, bookable)
	return g
}

// settle waits until the agendas of so many places were read: until then, that is what it does.
func (g *gate) settle(t *testing.T, bookable int) {
	t.Helper()
	const patience = 2 * time.Minute // a guard
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if known := g.etats(t); known["a_jour"]+known["perime"] == bookable {
			return
		}
	}
	t.Fatalf("of %d places with an agenda, it knows %v", bookable, g.etats(t))
}

// etats is how all places stand, by the wire's words.
func (g *gate) etats(t *testing.T) map[string]int {
	t.Helper()
	address, token := g.reach(t)
	var answer struct{ Etats map[string]int }
	if err := json.Unmarshal(get(t, address, token, "/v1/creneaux?limite=1"), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Etats
}

func (g *gate) reach(t *testing.T) (address, token string) {
	t.Helper()
	address, token, err := g.caller.Reach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address, token
}

// answers asks each question once.
func (g *gate) answers(t *testing.T, urls []string) map[string][]byte {
	t.Helper()
	address, token := g.reach(t)
	out := make(map[string][]byte, len(urls))
	total := 0
	for _, u := range urls {
		out[u] = get(t, address, token, u)
		total += len(out[u])
	}
	t.Logf("%d questions, answers of %d bytes on average", len(urls), total/len(urls))
	return out
}

// get fails the test unless it is answered.
func get(t *testing.T, address, token, url string) []byte {
	t.Helper()
	body, err := fetch(t.Context(), address, token, url)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// fetch asks once; any other answer than 200 is an error.
func fetch(ctx context.Context, address, token, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+url, http.NoBody)
	if err != nil {
		return nil, err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", url, answer.StatusCode, body)
	}
	return body, err
}
