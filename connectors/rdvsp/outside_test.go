package rdvsp

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"passerelle/connectors/rdvsp/rdvsptest"
)

// memory is a State of one text.
type memory struct {
	mu    sync.Mutex
	text  []byte
	saved int
	full  bool // nothing can be kept
}

func (m *memory) Load(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text, nil
}

func (m *memory) Save(_ context.Context, text []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.full {
		return fmt.Errorf("full")
	}
	m.text = text
	m.saved++
	return nil
}

// network leads public hosts to the instances behind them, and anything else to loopback. It counts.
type network struct {
	hosts rdvsptest.Hosts
	front string // host:port on loopback that stands for all public hosts; empty: none does
	mu    sync.Mutex
	asked []string
}

func (n *network) RoundTrip(q *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.asked = append(n.asked, q.Method+" "+q.URL.Host+q.URL.Path)
	n.mu.Unlock()
	if _, public := canonicalHost(q.URL.Hostname()); public && n.front != "" {
		sent := q.Clone(q.Context())
		sent.URL.Scheme, sent.URL.Host = "http", n.front
		answer, err := loopback.RoundTrip(sent)
		if err == nil {
			answer.Request = q
		}
		return answer, err
	}
	if n.hosts[q.URL.Host] != nil {
		return n.hosts.RoundTrip(q)
	}
	if name := q.URL.Hostname(); name != "127.0.0.1" {
		return nil, fmt.Errorf("nobody is to ask %s", name)
	}
	return loopback.RoundTrip(q)
}

var loopback = &http.Transport{DisableKeepAlives: true}

// count is how many questions were about a path.
func (n *network) count(path string) (many int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, asked := range n.asked {
		if strings.HasSuffix(asked, path) {
			many++
		}
	}
	return many
}
