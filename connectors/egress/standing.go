package egress

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// Standing is whether a server is asked.
type Standing uint8

// From the best to the worst.
const (
	Asked     Standing = iota // as usual
	Tried                     // the next request, or the one under way, shows whether it works again
	LeftAlone                 // it fails: only what somebody waits for reaches it
)

// Standings says how hosts stand with a client that New has made, or with a copy of it: one for each, in their order. Of a host
// that was asked at several ports it is the worst. A host of which nothing is known is asked as usual.
func Standings(c *http.Client, hosts []string) []Standing {
	out := make([]Standing, len(hosts))
	t, ok := c.Transport.(*transport)
	if !ok {
		return out
	}
	known := t.servers.standings()
	for i, host := range hosts {
		if normal, err := normalHost(strings.Trim(host, "[]")); err == nil {
			out[i] = known[normal]
		}
	}
	return out
}

// standings are those of the hosts that are not asked as usual, by their normal names.
func (s *servers) standings() map[string]Standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, now := make(map[string]Standing), s.now()
	for name, x := range s.byName {
		host, _, err := net.SplitHostPort(name)
		if standing := x.circuit.standing(now); err == nil && standing > out[host] {
			out[host] = standing
		}
	}
	return out
}

func (c *circuit) standing(now time.Time) Standing {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.until.IsZero():
		return Asked
	case c.probe != nil || !now.Before(c.until):
		return Tried
	}
	return LeftAlone
}
