package leaks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

var programs gateway.Programs

func TestMain(m *testing.M) { os.Exit(gateway.Main(m, &programs)) }

// person is somebody of whom every word can be told from all others.
func person(n int) map[string]string {
	word := func(what string) string { return fmt.Sprintf("zqx%s%05dcanari", what, n) }
	return map[string]string{
		"prenom": word("prenom"), "nom": word("nom"), "telephone": fmt.Sprintf("+3363998%04d", n), "courriel": word("mail") + "@example.org",
		"adresse": word("adresse"), "precisions": word("besoin"), "aidant": word("aidant"), "raison": word("raison"), "usager": word("dossier"),
	}
}

func body(p map[string]string, slot string, wrong bool) []byte {
	contact := "courriel"
	if wrong {
		contact = p["nom"] // a value that is refused, and must not be repeated
	}
	text, err := json.Marshal(map[string]any{
		"creneau_id": slot,
		"usager": map[string]any{
			"prenom": p["prenom"], "nom": p["nom"], "telephone": p["telephone"], "courriel": p["courriel"], "adresse": p["adresse"], "contact": contact, "reference": p["usager"],
		},
		"prescripteur": map[string]any{"prenom": p["aidant"], "nom": p["aidant"], "courriel": p["aidant"] + "@example.org", "qualite": "professionnel"},
		"besoin":       map[string]any{"services": []string{"Aide aux démarches administratives"}, "precisions": p["precisions"]},
		"consentement": map[string]any{"mode": "oral", "recueilli_le": "2026-01-05T09:00:00+01:00"},
	})
	if err != nil {
		panic(err)
	}
	return text
}

// hooks are what a partner's receiver got.
type hooks struct {
	mu   sync.Mutex
	text []byte
	n    int
}

func (h *hooks) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text = fmt.Appendf(append(h.text, body...), "%v %s\n", r.Header, r.URL)
	h.n++
}

// got is all that came so far, and how many calls that were.
func (h *hooks) got() (text []byte, calls int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.text), h.n
}

// The program serves on SQLite and Redis, its log at its loudest; people are booked, refused, cancelled, exported and
// erased. Then all that it wrote anywhere but to those who may know is searched.
func TestNoPersonLiesWhereNoneMayBe(t *testing.T) {
	people := prove.Size(6, 40)
	folder, log := t.TempDir(), filepath.Join(t.TempDir(), "journal")
	site, err := gateway.NewSite(gateway.Options{Reader: programs.Reader(t), Program: programs.Build(t), Folder: folder, Places: 4})
	if err != nil {
		t.Fatal(err)
	}
	caller, slots, err := site.Prepare(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	receiver := &hooks{}
	web := httptest.NewServer(receiver)
	defer web.Close()
	redis := testservers.StartRedis(t)
	redis.Do(t, "CONFIG", "SET", "rdbcompression", "no")

	p, err := site.Serve(caller, []string{"bash", "-c", `exec "$@" 2> >(tee -a "` + log + `" >&2)`, "bash"},
		"PASSERELLE_JOURNAL_NIVEAU=debug", "PASSERELLE_REDIS=redis://"+redis.Addr, "PASSERELLE_EGRESS_HOTES_HTTP=127.0.0.1", "PASSERELLE_EGRESS_ADRESSES_AUTORISEES=127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Kill() }()
	refusals, known := live(t, caller, slots, people, web.URL)
	waitFor(t, func() bool { _, n := receiver.got(); return n >= people })

	webhooks, _ := receiver.got()
	where := map[string][]byte{"the refusals": refusals, "the webhooks": webhooks, "Redis": []byte(dump(t, redis))}
	if err := p.Stop(); err != nil { // with the last lines of its log
		t.Fatal(err)
	}
	read(t, where, log, folder)
	if n := len(where["journal"]); n < 1000 {
		t.Fatalf("the log has %d bytes only", n)
	}
	var texts []string
	for n := range people {
		for field, word := range person(n) {
			if field == "telephone" {
				word = strings.TrimPrefix(word, "+33")
			}
			texts = append(texts, word)
		}
	}
	if found := hits(map[string][]byte{"what the partner itself was answered": known}, texts); len(found) < 5*people {
		t.Errorf("the search finds only %d of what is surely there", len(found))
	}
	found := hits(where, texts)
	for _, hit := range found {
		t.Error(hit)
	}
	t.Logf("%d words of %d people, %d places, %d hits", len(texts), people, len(where), len(found))
}

// live books for people, and does all that can be done with it; refusals are what was answered to what is wrong, known
// what a partner is told of its own.
func live(t *testing.T, c *gateway.Caller, slots []string, people int, receiver string) (refusals, known []byte) {
	t.Helper()
	call := func(method, path, key string, body []byte) gateway.Answer {
		t.Helper()
		a, err := c.Call(t.Context(), method, path, key, body)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := call("POST", "/v1/webhooks", "w", fmt.Appendf(nil, `{"url":"%s/recu"}`, receiver)); a.Status != 201 {
		t.Fatalf("webhook: %v", a)
	}
	for n := range people {
		who := person(n)
		for _, wrong := range [][]byte{body(who, slots[n], true), []byte(`{"usager":"` + who["nom"]), body(who, who["nom"], false)} {
			refused := call("POST", "/v1/rendez-vous", fmt.Sprint("faux", n, len(wrong)), wrong)
			if refused.Status != 422 {
				t.Fatalf("a wrong demand: %v", refused)
			}
			refusals = append(refusals, refused.Body...)
		}
		made := call("POST", "/v1/rendez-vous", fmt.Sprint("k", n), body(who, slots[n], false))
		if made.Status != 201 {
			t.Fatalf("%v %s", made, made.Body)
		}
		known = append(known, made.Body...)
		for _, again := range []gateway.Answer{
			call("POST", "/v1/rendez-vous", fmt.Sprint("double", n), body(who, slots[n], false)), // taken
			call("POST", "/v1/rendez-vous", fmt.Sprint("k", n), body(who, slots[n+people], false)),
			call("GET", "/v1/rendez-vous/"+who["nom"], "", nil),
			call("GET", "/v1/lieux?q="+who["nom"]+"&inconnu="+who["nom"], "", nil),
			call("DELETE", "/v1/usagers/"+who["usager"], "", nil), // she is still to come
		} {
			if again.Status < 400 {
				t.Fatalf("not refused: %v %s", again, again.Body)
			}
			refusals = append(refusals, again.Body...)
		}
		known = append(known, call("GET", "/v1/usagers/"+who["usager"], "", nil).Body...)
		if n%2 == 0 {
			ended := call("POST", "/v1/rendez-vous/"+made.Text("id")+"/annulation", fmt.Sprint("c", n), []byte(`{"par":"usager","raison":"`+who["raison"]+`"}`))
			if ended.Status != 200 {
				t.Fatalf("%v %s", ended, ended.Body)
			}
		}
		if n%4 == 0 {
			if gone := call("DELETE", "/v1/usagers/"+who["usager"], "", nil); gone.Status != 204 {
				t.Fatalf("%v %s", gone, gone.Body)
			}
		}
	}
	return refusals, known
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a guard
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatal("the webhooks do not come")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// dump is all that is in Redis.
func dump(t *testing.T, redis *testservers.RedisServer) string {
	t.Helper()
	redis.Do(t, "SAVE")
	var all strings.Builder
	folder, file := redis.Do(t, "CONFIG", "GET", "dir"), "dump.rdb"
	for _, line := range strings.Fields(folder) {
		if text, err := os.ReadFile(filepath.Join(line, file)); err == nil {
			all.Write(text)
		}
	}
	if all.Len() == 0 {
		t.Fatal("nothing of Redis was read")
	}
	return all.String()
}

// read adds the log, every file of the program, and the command lines of all processes.
func read(t *testing.T, where map[string][]byte, log, folder string) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	where["journal"] = text
	err = filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		where["the file "+path] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("ps", "-eo", "args").Output(); err == nil {
		where["the command lines"] = out
	}
}
