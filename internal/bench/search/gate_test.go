package search

import (
	"encoding/json"
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

// open starts the program on the files that env names, and returns once it knows so many agendas.
func open(t *testing.T, c *country, env map[string]string, agendas int) *gate {
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
	g.settle(t, agendas)
	return g
}

// settle waits until so many agendas were read: until then, that is what it does.
func (g *gate) settle(t *testing.T, agendas int) {
	t.Helper()
	address, token := g.reach(t)
	const patience = 2 * time.Minute // a guard
	var answer struct{ Etats map[string]int }
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err := json.Unmarshal(get(t, address, token, "/v1/creneaux?limite=1"), &answer); err != nil {
			t.Fatal(err)
		}
		if answer.Etats["a_jour"]+answer.Etats["perime"] == agendas {
			return
		}
	}
	t.Fatalf("of %d agendas, it knows %v", agendas, answer.Etats)
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
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %s", url, answer.StatusCode, err, body)
	}
	return body
}
