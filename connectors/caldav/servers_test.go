package caldav

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"passerelle/internal/testservers"

	"passerelle/connectors"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/interval"
)

// each runs a test against every real server.
func each(t *testing.T, run func(*testing.T, *site)) {
	for name, start := range testservers.CalDAVServers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, newSite(t, start))
		})
	}
}

func env() connectors.Env {
	return connectors.Env{Now: func() time.Time { return connectorstest.Now }}
}

// reach opens an agenda at any address, with settings.
func reach(t *testing.T, env connectors.Env, address string, settings map[string]any) (*agenda, error) {
	t.Helper()
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	if env.HTTP == nil {
		env.HTTP = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	a, err := Connector.Open(connectors.Connection{Address: address, Settings: text, Zone: zone}, env)
	if err != nil {
		return nil, err
	}
	return a.(*agenda), nil
}

func (s *site) account() map[string]any {
	return map[string]any{"compte": s.User, "mot_de_passe": s.Password}
}

// hour is one of the third day of the suite's frame, UTC.
func hour(h int) interval.Interval {
	start := time.Date(2026, 3, 4, h, 0, 0, 0, time.UTC)
	return interval.Of(start, start.Add(time.Hour))
}

var day = interval.Interval{Start: hour(0).Start, End: hour(23).End}

func read(t *testing.T, a *agenda, w interval.Interval) connectors.Reading {
	t.Helper()
	r, err := a.Read(t.Context(), connectors.Query{Window: w})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// counter counts requests by what they ask.
type counter struct {
	next http.RoundTripper
	mu   sync.Mutex
	seen map[string]int
}

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	name := r.Method
	if body, err := r.GetBody(); err == nil {
		text, _ := io.ReadAll(body)
		for _, report := range []string{"calendar-multiget", "sync-collection", "getetag"} {
			if bytes.Contains(text, []byte(report)) {
				name = report
				break
			}
		}
	}
	c.mu.Lock()
	c.seen[name]++
	c.mu.Unlock()
	return c.next.RoundTrip(r)
}

func counted(e connectors.Env) (connectors.Env, *counter) {
	c := &counter{next: http.DefaultTransport, seen: make(map[string]int)}
	e.HTTP = &http.Client{Transport: c, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return e, c
}

// drawer is a State in memory.
type drawer struct{ text []byte }

func (d *drawer) Load(context.Context) ([]byte, error) { return d.text, nil }

func (d *drawer) Save(_ context.Context, text []byte) error {
	d.text = slices.Clone(text)
	return nil
}
