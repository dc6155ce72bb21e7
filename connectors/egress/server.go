package egress

import (
	"net"
	"net/url"
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

// of finds the server of an address in normal form, that is asked now.
func (s *servers) of(u *url.URL, now time.Time) *server {
	name := serverName(u)
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.byName[name]
	if found == nil {
		if len(s.byName) >= s.sweep {
			s.forget(now)
		}
		found = &server{places: make(places, s.perHost), credit: newCredit()}
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
	if u.Scheme == "http" {
		return net.JoinHostPort(u.Hostname(), "80")
	}
	return net.JoinHostPort(u.Hostname(), "443")
}
