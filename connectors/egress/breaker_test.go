package egress

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// inHand is the clock, the chance and the patience of a test.
type inHand struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newInHand() *inHand { return &inHand{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (h *inHand) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *inHand) options(random float64) Options {
	return Options{
		Now: func() time.Time {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.now
		},
		Random: func() float64 { return random },
		sleep: func(_ context.Context, d time.Duration) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.slept = append(h.slept, d)
			return nil
		},
		Urgent: func(ctx context.Context) time.Time {
			since, _ := ctx.Value(urgentKey{}).(time.Time)
			return since
		},
	}
}

type urgentKey struct{}

// urgently is for somebody who begins to wait a second after what was done before.
func (h *inHand) urgently(t *testing.T) context.Context {
	h.pass(time.Second)
	h.mu.Lock()
	defer h.mu.Unlock()
	return context.WithValue(t.Context(), urgentKey{}, h.now)
}

// ask sends a request and reads what comes to its end; held says that it was not sent.
func ask(ctx context.Context, client *http.Client, method, address string) (status int, held bool, err error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader("x"))
	if err != nil {
		return 0, false, err
	}
	response, err := client.Do(r)
	if err == nil {
		status = response.StatusCode
		_, err = io.Copy(io.Discard, response.Body)
		err = errors.Join(err, response.Body.Close())
	}
	_, held = errors.AsType[*Spared](err)
	return status, held, err
}

func TestAServerThatFailsIsLeftAlone(t *testing.T) {
	hangUp := func(w http.ResponseWriter) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
	}
	troubles := map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		opens  int // after so many requests; zero: never
	}{
		"500":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, window},
		"503":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, window},
		"404":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, 0},
		"429":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, 0},
		"hangs up": {func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }, window},
		"hangs":    {stuck(false), mostLate},
		"too long": {func(w http.ResponseWriter, _ *http.Request) { flood(w, 1<<20) }, window},
		"half a page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "x")
		}, window},
		"works": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }, 0},
	}
	for name, c := range troubles {
		t.Run(name, func(t *testing.T) {
			var arrived atomic.Int64
			o := newInHand().options(0.5)
			o.AnswerIn, o.MaxBody = 30*time.Millisecond, 1000
			client, agenda, elsewhere := local(t, o, func(w http.ResponseWriter, r *http.Request) {
				arrived.Add(1)
				c.answer(w, r)
			})
			want := c.opens
			if want == 0 {
				want = 2 * window
			}
			for range 2 * window {
				_, _, _ = ask(t.Context(), client, http.MethodGet, agenda)
			}
			if n := arrived.Load(); n != int64(want) {
				t.Errorf("%d requests arrived, want %d", n, want)
			}
			if _, held, _ := ask(t.Context(), client, http.MethodGet, elsewhere); held {
				t.Error("another host is left alone too")
			}
			if _, held, _ := ask(t.Context(), client, http.MethodPost, agenda); held {
				t.Error("a write is held back")
			}
		})
	}
}

// The clock is the machine's here: what is judged is that a request took longer than all may, whatever its error says.
func TestAnAnswerThatDoesNotEndIsATimeOut(t *testing.T) {
	var arrived atomic.Int64
	client, agenda, _ := local(t, Options{AnswerIn: 20 * time.Millisecond, Timeout: 60 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		arrived.Add(1)
		stuck(true)(w, r)
	})
	for range 2 * mostLate {
		_, _, _ = ask(t.Context(), client, http.MethodGet, agenda)
	}
	if n := arrived.Load(); n != mostLate {
		t.Errorf("%d requests arrived, want %d", n, mostLate)
	}
}

func flood(w http.ResponseWriter, n int) {
	w.(http.Flusher).Flush() // no Content-Length
	_, _ = io.WriteString(w, strings.Repeat("x", n))
}

func TestAServerIsTriedAgainAfterAWhileThatChanceStretches(t *testing.T) {
	for random, wait := range map[float64]time.Duration{0: 24 * time.Second, 0.5: 30 * time.Second, 1: 36 * time.Second} {
		hand := newInHand()
		var broken atomic.Bool
		var arrived atomic.Int64
		broken.Store(true)
		client, agenda, _ := local(t, hand.options(random), func(w http.ResponseWriter, _ *http.Request) {
			arrived.Add(1)
			if broken.Load() {
				w.WriteHeader(http.StatusBadGateway)
			}
		})
		get := func() bool {
			_, held, _ := ask(t.Context(), client, http.MethodGet, agenda)
			return !held
		}
		for range window {
			get()
		}
		hand.pass(wait - time.Millisecond)
		before := get()
		hand.pass(time.Millisecond)
		probe, next := get(), get()
		broken.Store(false)
		hand.pass(wait)
		again, closed := get(), get()
		if before || !probe || next || !again || !closed {
			t.Errorf("random %v: early %t, probe %t, next %t, probe again %t, then %t", random, before, probe, next, again, closed)
		}
		if n := arrived.Load(); n != window+3 {
			t.Errorf("random %v: %d requests arrived", random, n)
		}
	}
}

// An agenda that works again is not hidden from a booking.
func TestWhatSomebodyWaitsForIsTheProbe(t *testing.T) {
	hand := newInHand()
	var broken atomic.Bool
	broken.Store(true)
	client, agenda, _ := local(t, hand.options(0.5), func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	for range window {
		_, _, _ = ask(t.Context(), client, http.MethodGet, agenda)
	}
	if status, held, _ := ask(hand.urgently(t), client, "REPORT", agenda); held || status != http.StatusBadGateway {
		t.Errorf("it does not see for itself: status %d, held %t", status, held)
	}
	broken.Store(false)
	if _, held, _ := ask(t.Context(), client, http.MethodGet, agenda); !held {
		t.Error("one that can wait is not held back")
	}
	if status, _, err := ask(hand.urgently(t), client, "REPORT", agenda); status != http.StatusOK {
		t.Errorf("refused although it works: %v", err)
	}
	if status, _, err := ask(t.Context(), client, http.MethodGet, agenda); status != http.StatusOK {
		t.Errorf("it did not close: %v", err)
	}
}

// Many who wait for a server that is down send it one request, not one each, even those whose turn comes after it.
func TestThoseWhoAreWaitedForShareOneProbe(t *testing.T) {
	const many = 10
	hand := newInHand()
	var arrived atomic.Int64
	release := make(chan struct{})
	client, agenda, _ := local(t, hand.options(0.5), func(w http.ResponseWriter, _ *http.Request) {
		if arrived.Add(1) > window {
			<-release
		}
		w.WriteHeader(http.StatusBadGateway)
	})
	for range window {
		_, _, _ = ask(t.Context(), client, http.MethodGet, agenda)
	}
	var entered atomic.Int64
	count := client.Transport.(*transport)
	var done sync.WaitGroup
	var holding atomic.Int64
	inner := count.next
	count.next = sender(func(c call) (*http.Response, error) { entered.Add(1); return inner.send(c) })
	ctx := hand.urgently(t)
	for range many {
		done.Go(func() {
			if _, held, _ := ask(ctx, client, http.MethodGet, agenda); held {
				holding.Add(1)
			}
		})
	}
	for entered.Load() < many/2 || arrived.Load() <= window { // a hang is the guard of go test's
		time.Sleep(time.Millisecond)
	}
	close(release)
	done.Wait()
	if sent := arrived.Load() - window; sent+holding.Load() != many || sent != 1 {
		t.Errorf("%d were sent, %d held back", sent, holding.Load())
	}
}

type sender func(call) (*http.Response, error)

func (f sender) send(c call) (*http.Response, error) { return f(c) }

// That callers leave, or have no time left, says nothing of a server.
func TestCallersWhoLeaveDoNotBreakAServer(t *testing.T) {
	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"leaves": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(10*time.Millisecond, cancel)
			return ctx, cancel
		},
		"has no time": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 10*time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, agenda, _ := local(t, newInHand().options(0.5), stuck(false))
			for range 2 * mostLate {
				ctx, cancel := end(t.Context())
				if _, held, err := ask(ctx, client, http.MethodGet, agenda); held || err == nil {
					t.Errorf("held %t, error %v", held, err)
				}
				cancel()
			}
			if s := asked(t, client); !s.circuit.until.IsZero() || len(s.places) != 0 {
				t.Errorf("open until %s, %d requests under way", s.circuit.until, len(s.places))
			}
		})
	}
}
