package egress

import (
	"fmt"
	"net/url"
	"testing"
	"time"
)

// Whoever writes addresses can write many.
func TestServersThatNobodyAsksAreForgotten(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := newServers(1, func() time.Time { return now })
	for range 20 {
		for i := range sweepAt {
			s.of(&url.URL{Scheme: "https", Host: fmt.Sprintf("h%d-%d.example.org", i, now.Unix())}, now)
		}
		now = now.Add(forgetAfter)
	}
	if n := len(s.byName); n > 2*sweepAt {
		t.Errorf("%d are remembered", n)
	}
}

func TestAServerInUseIsRemembered(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := newServers(1, func() time.Time { return now })
	here := &url.URL{Scheme: "https", Host: "agenda.example.org"}
	kept := s.of(here, now)
	for i := range 3 * sweepAt {
		now = now.Add(forgetAfter / sweepAt)
		s.of(&url.URL{Scheme: "https", Host: fmt.Sprintf("h%d.example.org", i)}, now)
		if s.of(here, now) != kept {
			t.Fatal("forgotten")
		}
	}
}

func TestAServerIsAHostAndAPort(t *testing.T) {
	for address, want := range map[string]string{
		"https://agenda.example.org/a":      "agenda.example.org:443",
		"https://agenda.example.org:443/a":  "agenda.example.org:443",
		"https://agenda.example.org:8443/a": "agenda.example.org:8443",
		"http://agenda.example.org/":        "agenda.example.org:80",
		"https://[2606::1]/":                "[2606::1]:443",
	} {
		u, _ := url.Parse(address)
		if got := serverName(u); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}
