package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"passerelle/auth"
	"passerelle/connectors"
	"passerelle/internal/prove"
)

var seedFlag = flag.Uint64("abuse.seed", 0, "seed of the random choices; 0 is a new one")

// seeded is the seed of a test, which says it.
func seeded(t *testing.T) uint64 {
	t.Helper()
	seed := cmp.Or(*seedFlag, rand.Uint64())
	t.Logf("seed %d (-abuse.seed)", seed)
	return seed
}

// Whatever is sent, what comes back is in the document: requests are made from it, valid, nearly valid and hostile.
func TestTheContractUnderAbuse(t *testing.T) {
	seed := seeded(t)
	d := newDoor(t)
	d.parts.Limits = d.wide()
	// Reached now and then: 429 is an answer like the others.
	d.parts.Limits.Reads, d.parts.Limits.Writes, d.parts.Limits.Public, d.parts.Limits.Unknown = 80, 80, 30, 15
	d.handler = must[http.Handler](t)(New(d.parts))
	found := d.abuse(d.handler, seed, prove.Size(500, 20_000), nil)
	t.Logf("%d requests; answers by status: %v", found.sent, found.statuses)
	reached := []int{200, 401, 404, 422}
	if found.sent >= 5000 { // in few, the limits may not be reached
		reached = append(reached, 429)
	}
	for _, status := range reached {
		if found.statuses[status] == 0 {
			t.Errorf("no answer is %d: the requests are all alike", status)
		}
	}
}

// Planted faults: answers outside of the document are seen.
func TestAnAnswerOutsideTheContractIsSeen(t *testing.T) {
	for name, fault := range map[string]func(answer) answer{
		"a field is lost": func(a answer) answer {
			a.body = bytes.Replace(a.body, []byte(`"total"`), []byte(`"totale"`), 1)
			return a
		},
		"a status that nobody declared": func(a answer) answer {
			if a.status == 422 {
				a.status = 400
			}
			return a
		},
		"a problem that is none": func(a answer) answer {
			if a.status == 404 {
				a.header.Set("Content-Type", "text/plain")
			}
			return a
		},
	} {
		t.Run(name, func(t *testing.T) {
			seed := seeded(t)
			d := newDoor(t)
			var seen error
			d.abuse(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inner := httptest.NewRecorder()
				d.handler.ServeHTTP(inner, r)
				a := fault(answer{inner.Code, inner.Header(), inner.Body.Bytes()})
				for k, v := range a.header {
					w.Header()[k] = v
				}
				w.Header().Del("Content-Length") // the body may be another
				w.WriteHeader(a.status)
				_, _ = w.Write(a.body)
			}), seed, 2000, func(err error) bool { seen = err; return false })
			if seen == nil {
				t.Error("nothing was seen")
			}
		})
	}
}

// moods are how the agenda of another system fails meanwhile, each for a while; that the gateway has the wrong password
// there would be a 502, which is declared and is no answer to abuse.
var moods = []error{
	&connectors.Error{Op: "read", Kind: connectors.Unavailable, RetryAfter: 90 * time.Second}, context.DeadlineExceeded,
	&connectors.Error{Op: "book", Kind: connectors.OutcomeUnknown}, &connectors.Error{Op: "book", Kind: connectors.SlotTaken},
	&connectors.Error{Op: "book", Kind: connectors.Refused}, &connectors.Error{Op: "book", Kind: connectors.Changed},
	&connectors.Error{Op: "book", Kind: connectors.Unsupported}, &connectors.Error{Op: "book", Kind: connectors.Invalid},
	&connectors.Error{Op: "book", Kind: connectors.RateLimited}, &connectors.Error{Op: "book", Kind: connectors.NotFound},
}

// abused is what came back.
type abused struct {
	sent     int
	statuses map[int]int
}

// abuse sends so many requests to a live server, and judges each answer. What is wrong fails the test, or is told; told
// says whether to go on.
func (d *door) abuse(h http.Handler, seed uint64, n int, told func(error) bool) abused {
	d.t.Helper()
	doc := must[*openapi3.T](d.t)(contractDocument())
	pool := d.pool()
	var mood atomic.Int64
	d.diary.read = func(context.Context) (connectors.Reading, error) {
		if mood.Load() == 1 {
			return connectors.Reading{}, moods[0]
		}
		return connectors.Reading{Basis: connectors.Busy}, nil
	}
	d.diary.fault = func() error {
		if n := mood.Load(); n > 0 {
			return moods[n-1]
		}
		return nil
	}
	live := httptest.NewServer(h)
	defer live.Close()
	client := &http.Client{Timeout: hang, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	a := newAbuser(doc, pool, rand.New(rand.NewPCG(seed, 0)))
	found, wrong := abused{statuses: make(map[int]int)}, 0
	for ; found.sent < n; found.sent++ {
		if d.wait(200 * time.Millisecond); found.sent%500 == 0 {
			pool["token"] = d.tokens()
		}
		mood.Store(int64(found.sent / 50 % (len(moods) + 1)))
		asked := a.request()
		r, err := http.NewRequestWithContext(d.t.Context(), asked.method, live.URL+asked.path, strings.NewReader(asked.body))
		if err != nil {
			continue // no client could send it
		}
		for k, v := range asked.header {
			r.Header[k] = v
		}
		got, err := send(client, r)
		if err != nil {
			d.t.Fatalf("request %d, %s %.300s: no answer: %v", found.sent, asked.method, asked.path, err)
		}
		found.statuses[got.status]++
		a.learn(got)
		err = judged(doc, r, got)
		switch {
		case err == nil:
		case told != nil:
			if !told(err) {
				return found
			}
		default:
			if wrong++; wrong > 10 {
				d.t.FailNow()
			}
			d.t.Errorf("request %d, %s %.300s\n%.600s\n→ %d %.600s\n%v", found.sent, asked.method, asked.path, asked.body, got.status, got.body, err)
		}
	}
	return found
}

func send(client *http.Client, r *http.Request) (answer, error) {
	got, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	return answer{got.StatusCode, got.Header, body}, err
}

// judged says what is wrong with an answer.
func judged(doc *openapi3.T, r *http.Request, got answer) error {
	if got.status >= 500 && got.status != http.StatusServiceUnavailable {
		return errors.New("a fault of the gateway")
	}
	if got.header.Get("X-Request-Id") == "" {
		return errors.New("it has no name")
	}
	if r.Method == http.MethodHead {
		if len(got.body) > 0 {
			return errors.New("HEAD with a body")
		}
		return nil
	}
	if route, params := routeOf(doc, r); route != nil {
		return fitsDocument(r, route, params, got)
	}
	isPage := func(path string) bool { return strings.HasPrefix(r.URL.Path, strings.TrimSuffix(path, "*page")) }
	if got.status < 400 || slices.ContainsFunc(pagePaths, isPage) {
		return nil
	}
	var p any
	if kind := got.header.Get("Content-Type"); kind != "application/problem+json" {
		return fmt.Errorf("%q is no problem", kind)
	}
	if err := json.Unmarshal(got.body, &p); err != nil {
		return err
	}
	return doc.Components.Schemas["Probleme"].Value.VisitJSON(p, openapi3.EnableJSONSchema2020())
}

// pool is what there is to ask for.
func (d *door) pool() map[string][]string {
	d.t.Helper()
	d.newPartner("deux", auth.AllScopes())
	booked, hook := d.booked("a", "09:00"), d.hooked("pool")
	held := d.held("a", "10:00")
	var slots []string
	for _, place := range []string{"a", "d", "f%2F%C3%A9%201", "g"} {
		for _, c := range d.do(ask{path: "/v1/lieux/" + place + "/creneaux?debut=2026-11-23&fin=2027-01-10"}).json(d.t)["creneaux"].([]any) {
			slots = append(slots, c.(map[string]any)["id"].(string))
		}
	}
	return map[string][]string{
		"place": {"a", "b", "c", "d", "e", "f%2F%C3%A9%201", "g", "h", "mediation-numerique--a"}, "slot": slots,
		"appointment": {booked}, "hold": {held}, "webhook": {hook}, "person": {"u-1", "u-2"},
	}
}

// tokens are mostly those of the partner whose things are in the pool.
func (d *door) tokens() []string {
	d.t.Helper()
	all := d.tokenOf(d.partner, auth.AllScopes())
	other := d.partner
	other.ID = "partenaire_deux"
	return []string{all, all, all, all, d.tokenOf(other, auth.AllScopes()), d.tokenOf(d.partner, auth.Scopes{auth.ReadPlaces})}
}
