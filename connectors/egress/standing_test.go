package egress

import (
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
)

func TestHowAServerStandsIsSaid(t *testing.T) {
	var fails atomic.Bool
	fails.Store(true)
	h := newInHand()
	during := make(chan []Standing, 100)
	var client *http.Client
	hosts := []string{"ailleurs.example.org", "Agenda.example.org.", "jamais-vu.example.org", "a b"}
	client, agenda, elsewhere := local(t, h.options(0.5), func(w http.ResponseWriter, r *http.Request) {
		during <- Standings(client, hosts)
		if fails.Load() && r.Host[:6] == "agenda" {
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = io.WriteString(w, "x")
	})
	says := func(when string, got []Standing, agenda Standing) {
		t.Helper()
		if want := []Standing{Asked, agenda, Asked, Asked}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	send := func(address string) {
		_, _, _ = ask(t.Context(), client, http.MethodGet, address)
	}
	says("before anything is asked", Standings(client, hosts), Asked)
	for range window {
		send(agenda)
		send(elsewhere)
	}
	for range 2 * window {
		<-during
	}
	says("after twenty failures", Standings(client, hosts), LeftAlone)
	_, _, _ = ask(h.urgently(t), client, http.MethodGet, agenda)
	says("while somebody who waits tries it", <-during, Tried)
	says("when that has failed", Standings(client, hosts), LeftAlone)
	h.pass(openFor)
	says("when its time is over", Standings(client, hosts), Tried)
	fails.Store(false)
	send(agenda)
	says("while it is tried", <-during, Tried)
	says("when it has answered", Standings(client, hosts), Asked)
	if got := Standings(&http.Client{}, hosts); !slices.Equal(got, make([]Standing, len(hosts))) {
		t.Errorf("another client: %v", got)
	}
}
