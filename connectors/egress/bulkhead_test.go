package egress

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
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

// How long a server took does not hold what its other requests kept one waiting for.
func TestWhatWasWaitedForIsNotTheServers(t *testing.T) {
	var log bytes.Buffer
	hand := newInHand()
	o := hand.options(0.5)
	o.PerHost, o.Logger = 1, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	looked, urgent := make(chan struct{}, 9), o.Urgent
	o.Urgent = func(ctx context.Context) time.Time { looked <- struct{}{}; return urgent(ctx) }
	client, agenda, _ := local(t, o, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ouvert") })
	first, err := client.Get(agenda)
	if err != nil {
		t.Fatal(err)
	}
	<-looked // by its breaker
	done := make(chan error)
	go func() {
		_, _, err := ask(t.Context(), client, http.MethodGet, agenda)
		done <- err
	}()
	<-looked
	<-looked // again: it waits
	hand.pass(time.Minute)
	_ = first.Body.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Count(text, "duration=1m0s") != 1 || strings.Count(text, "duration=0s") != 1 {
		t.Errorf("the first was answered for a minute, the second at once; the log says\n%s", text)
	}
}
