package egress

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// server is what is known of one server.
type server struct {
	circuit circuit
	places  places
	credit  credit
	used    time.Time // when it was last asked for; servers.mu guards it
}

// servers are those that were asked lately, by host and port. Whoever writes the addresses can write many: those of
// which nothing was wanted for a while are forgotten.
type servers struct {
	perHost int
	now     func() time.Time

	mu     sync.Mutex
	byName map[string]*server
	sweep  int // how many there are when the idle ones are looked for again
}

const (
	sweepAt     = 1000
	forgetAfter = 10 * time.Minute // far more than a request takes, or a circuit stays open
)

func newServers(perHost int, now func() time.Time) *servers {
	return &servers{perHost: perHost, now: now, byName: make(map[string]*server), sweep: sweepAt}
}

// of finds the server of an address in normal form.
func (s *servers) of(u *url.URL) *server {
	name := serverName(u)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	found := s.byName[name]
	if found == nil {
		if len(s.byName) >= s.sweep {
			s.forget(now)
		}
		found = &server{places: newPlaces(s.perHost), credit: newCredit()}
		s.byName[name] = found
	}
	found.used = now
	return found
}

// forget looks through all of them, but not again before there are twice as many.
func (s *servers) forget(now time.Time) {
	for name, x := range s.byName {
		if now.Sub(x.used) >= forgetAfter {
			delete(s.byName, name)
		}
	}
	s.sweep = max(sweepAt, 2*len(s.byName))
}

func serverName(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), map[string]string{"https": "443", "http": "80"}[u.Scheme])
}

// Server is how one server stands with a client.
type Server struct {
	Name     string // host and port
	State    State
	Until    time.Time // of one that is not Closed: when it is tried again at the latest
	InFlight int       // requests sent whose answers were not read to their end
	Waiting  int       // requests that wait for one of those to end
	Opened   int       // how often its breaker opened
	Held     int       // requests that were not sent, by breaker or bulkhead
	Retried  int       // requests that were sent again
}

// Servers lists those that a client of New asked lately, by name; of another client, none.
func Servers(client *http.Client) []Server {
	t, ok := client.Transport.(*transport)
	if !ok {
		return nil
	}
	s := t.servers
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Server, 0, len(s.byName))
	for name, x := range s.byName {
		one := Server{Name: name, InFlight: len(x.places.taken), Waiting: int(x.places.waiting.Load()), Retried: x.credit.used()}
		x.circuit.show(&one, s.now())
		one.Held += int(x.places.full.Load())
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b Server) int { return strings.Compare(a.Name, b.Name) })
	return list
}
