package connectorstest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Document is what an agenda that is read from one published document is tried with.
type Document struct {
	Connector connectors.Connector
	Path      string // of the document, with something secret in it
	Secret    string // that
	Settings  string
	Basis     connectors.Basis

	Text  func(lines []string) string             // the document of so many lines, or groups of lines
	Taken func(n int, i interval.Interval) string // a line that takes a time; n is of no other
	Free  func(n int, i interval.Interval) string // a line that offers one; nil where the rest is taken instead
	Spoil func(i interval.Interval) string        // a line about that time that nobody understands
}

// Harness publishes the document on loopback. Nothing can be booked in it: its structure must answer.
func (d Document) Harness() Harness {
	var shelf sync.Map // the paper of each agenda
	open := func(t testing.TB, env connectors.Env, front *Proxy, free []interval.Interval) connectors.Agenda {
		p := &paper{text: d.Text}
		if d.Free == nil {
			for _, taken := range interval.Minus([]interval.Interval{Frame}, interval.Union(free)) {
				p.add(d.Taken(p.next(), taken))
			}
		} else {
			for _, f := range free {
				p.add(d.Free(p.next(), f))
			}
		}
		server := httptest.NewServer(p)
		t.Cleanup(server.Close)
		address := server.URL
		if front != nil {
			address = front.Before(t, address)
		}
		env.HTTP = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		a, err := d.Connector.Open(connectors.Connection{Address: address + d.Path, Settings: json.RawMessage(d.Settings)}, env)
		if err != nil {
			t.Fatal(err)
		}
		shelf.Store(a, p)
		return a
	}
	of := func(a connectors.Agenda) *paper {
		p, _ := shelf.Load(a)
		return p.(*paper)
	}
	return Harness{
		Guarantee: connectors.OnRequest,
		Basis:     d.Basis,
		New: func(t testing.TB, env connectors.Env, free ...interval.Interval) connectors.Agenda {
			return open(t, env, nil, free)
		},
		Fault: func(t testing.TB, env connectors.Env, p *Proxy, free ...interval.Interval) connectors.Agenda {
			return open(t, env, p, free)
		},
		Take: func(_ testing.TB, a connectors.Agenda, taken interval.Interval) {
			p := of(a)
			p.add(d.Taken(p.next(), taken))
		},
		Spoil:   func(_ testing.TB, a connectors.Agenda, at interval.Interval) { of(a).add(d.Spoil(at)) },
		Secrets: []string{d.Secret},
	}
}

// paper is one published document that may grow.
type paper struct {
	text func([]string) string

	mu    sync.Mutex
	lines []string
	given int
}

func (p *paper) next() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given++
	return p.given
}

func (p *paper) add(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, line)
}

// ServeHTTP answers conditions (RFC 9110 §13).
func (p *paper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body := p.text(p.lines)
	w.Header().Set("Content-Type", "text/calendar")
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body))))
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
}
