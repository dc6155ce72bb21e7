package egress

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// A server that takes its time has few requests of ours, and whoever can wait does not wait for long.
func TestASlowServerHasItsShareAndNoMore(t *testing.T) {
	const most = 3
	hand := newInHand()
	o := hand.options(0.5)
	o.PerHost, o.waitFor = most, 20*time.Millisecond
	var arrived atomic.Int64
	release := make(chan struct{})
	client, agenda, _ := local(t, o, func(w http.ResponseWriter, _ *http.Request) {
		arrived.Add(1)
		w.(http.Flusher).Flush()
		<-release // in the middle of its answer
	})
	var bodies []io.Closer
	for range most {
		response, err := client.Get(agenda)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, response.Body)
	}
	for range 5 {
		if _, held, err := ask(t.Context(), client, http.MethodGet, agenda); !held {
			t.Errorf("one more: %v", err)
		}
	}
	brief, cancel := context.WithTimeout(hand.urgently(t), 50*time.Millisecond)
	defer cancel()
	if _, held, err := ask(brief, client, http.MethodGet, agenda); held || err == nil {
		t.Errorf("what somebody waits for has as long as it has: held %t, %v", held, err)
	}
	if s := asked(t, client); len(s.places) != most || !s.circuit.until.IsZero() {
		t.Errorf("%d requests at once, open until %s", len(s.places), s.circuit.until)
	}
	waiting := make(chan bool)
	go func() {
		_, held, err := ask(hand.urgently(t), client, http.MethodGet, agenda)
		waiting <- !held && err == nil
	}()
	close(release)
	_ = bodies[0].Close()
	if !<-waiting {
		t.Error("a place that is free is not taken")
	}
	for _, b := range bodies {
		_ = b.Close()
	}
	if n := len(asked(t, client).places); n != 0 || arrived.Load() != most+1 {
		t.Errorf("%d arrived, %d have not left", arrived.Load(), n)
	}
}
