package events

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/held"
)

// webhookGuard ends a test that hangs; no test passes because of it.
const webhookGuard = time.Minute

// received is one request as a receiver saw it.
type received struct {
	id, timestamp, signature, body string
	at                             time.Time
	accepted                       bool
}

// webhookReceiver is a partner's server. What goes wrong with a message is said by behave; "" accepts it.
type webhookReceiver struct {
	*httptest.Server
	webhook booking.Webhook
	clock   *held.Clock
	behave  func(id string, earlier int) string
	canary  string
	cut     *cutter // ends the wait for a message that hangs; nil leaves it to the dispatcher's timeout

	mu     sync.Mutex
	got    []received
	counts map[string]int // attempts by id
}

func newReceiver(t *testing.T, s *webhookStore, partner string, asymmetric bool, behave func(id string, earlier int) string) *webhookReceiver {
	t.Helper()
	r := &webhookReceiver{clock: s.clock, behave: behave, counts: make(map[string]int)}
	r.Server = httptest.NewUnstartedServer(r)
	r.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	r.Start()
	t.Cleanup(r.Close)
	w, err := NewWebhook(partner, r.URL+"/rappel", asymmetric, rand.NewChaCha8([32]byte{byte(len(s.rows))}), s.clock.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	r.webhook = w
	if err := s.AddWebhook(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *webhookReceiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	m := received{
		id: q.Header.Get("webhook-id"), timestamp: q.Header.Get("webhook-timestamp"),
		signature: q.Header.Get("webhook-signature"), body: string(body), at: r.clock.Now(),
	}
	r.mu.Lock()
	wrong := r.behave(m.id, r.counts[m.id])
	r.counts[m.id]++
	m.accepted = wrong == ""
	r.got = append(r.got, m)
	r.mu.Unlock()
	r.misbehave(w, q, wrong)
}

func (r *webhookReceiver) misbehave(w http.ResponseWriter, q *http.Request, wrong string) {
	switch wrong {
	case "":
		w.WriteHeader(http.StatusNoContent)
	case "page":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>Accès filtré</title>")
	case "redirect":
		http.Redirect(w, q, r.canary, []int{301, 302, 303, 307, 308}[len(r.messages())%5])
	case "hang":
		if r.cut != nil {
			r.cut.end(q.Header.Get("webhook-id"))
		}
		<-q.Context().Done()
	case "reset":
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	case "busy":
		w.Header().Set("Retry-After", "1800")
		w.WriteHeader(http.StatusTooManyRequests)
	case "gone":
		w.WriteHeader(http.StatusGone)
	default:
		http.Error(w, "panne", http.StatusInternalServerError)
	}
}

func (r *webhookReceiver) messages() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// moods are what a receiver may do instead of accepting.
var moods = []string{"error", "redirect", "page", "hang", "reset", "busy"}

// seeded lets everything fail while the receiver is down, and now and then something later.
func seeded(seed uint64, clock *held.Clock, downUntil time.Time) func(string, int) string {
	return func(id string, earlier int) string {
		h := fnv.New64a()
		_, _ = io.WriteString(h, id)
		r := rand.New(rand.NewPCG(seed, h.Sum64()))
		failures := 0
		if r.IntN(10) == 0 {
			failures = 1 + r.IntN(3)
		}
		if earlier < failures || clock.Now().Before(downUntil) {
			return moods[(r.IntN(len(moods))+earlier)%len(moods)]
		}
		return ""
	}
}

// always behaves the same.
func always(wrong string) func(string, int) string { return func(string, int) string { return wrong } }

// newTestDispatcher makes a dispatcher over a store, or what stands before it, without jitter. It looks for what is new
// when it starts, and then only when it is woken.
func newTestDispatcher(t *testing.T, s *webhookStore, change func(*DispatcherOptions)) *Dispatcher {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	o := DispatcherOptions{
		Webhooks: s, Client: &http.Client{Transport: transport}, Logger: slog.New(slog.DiscardHandler),
		Now: s.clock.Now, Random: noJitter{}, Every: time.Hour, Timeout: webhookGuard,
	}
	if change != nil {
		change(&o)
	}
	d, err := NewDispatcher(o)
	if err != nil {
		t.Fatal(err)
	}
	s.idle = func() bool { return len(d.places) == 0 }
	return d
}

// cutter is a transport that stops waiting for an answer when the receiver says that it hangs. It stands for the
// timeout where many hang, and costs no time; the timeout has a test of its own.
type cutter struct {
	next    http.RoundTripper
	mu      sync.Mutex
	waiting map[string]context.CancelFunc // by id
}

func (c *cutter) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	c.mu.Lock()
	c.waiting[r.Header.Get("webhook-id")] = cancel
	c.mu.Unlock()
	return c.next.RoundTrip(r.WithContext(ctx))
}

func (c *cutter) end(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[id]()
}

type noJitter struct{}

func (noJitter) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// runDispatcher starts Run; what it returns stops it and waits.
func runDispatcher(t *testing.T, d *Dispatcher) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Run(ctx)
	}()
	return func() {
		t.Helper()
		cancel()
		await(t, done, "the end of Run")
	}
}

// untilQuiet runs a dispatcher until there is nothing left for it to do.
func untilQuiet(t *testing.T, s *webhookStore, d *Dispatcher) {
	t.Helper()
	stop := runDispatcher(t, d)
	defer stop()
	await(t, s.quiet, "nothing being due")
}

func await(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(webhookGuard):
		t.Fatalf("waited in vain for %s", what)
	}
}

// allTold says what is wrong with what a receiver has accepted of a log: everything is to be there, in order, with
// the same bytes at each attempt and nothing but what an entry says.
func allTold(w booking.Webhook, log []booking.Entry, got []received) error {
	ids := make(map[string]int, len(log))
	for i, e := range log {
		ids[fmt.Sprintf("evt_%s_%d", w.ID, e.Position)] = i
	}
	accepted, bodies, last := make(map[string]bool), make(map[string]string), -1
	for _, m := range got {
		i, ok := ids[m.id]
		if !ok {
			return fmt.Errorf("%s is no entry", m.id)
		}
		if before, again := bodies[m.id]; again && before != m.body {
			return fmt.Errorf("%s was told as %s, then as %s", m.id, before, m.body)
		}
		bodies[m.id] = m.body
		if err := sameEntry(log[i], m.body); err != nil {
			return err
		}
		if i < last {
			return fmt.Errorf("entry %d was told after entry %d", i, last)
		}
		if m.accepted {
			accepted[m.id], last = true, i
		}
	}
	if len(accepted) != len(log) {
		return fmt.Errorf("%d of %d entries were told", len(accepted), len(log))
	}
	return nil
}

func sameEntry(e booking.Entry, body string) error {
	var m struct {
		Type      string
		Timestamp time.Time
		Data      map[string]any
	}
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return fmt.Errorf("%s: %w", body, err)
	}
	want := map[string]any{
		"rendez_vous_id": e.Appointment, "statut": e.Status.Wire(),
		"version": float64(e.Version), "position": float64(e.Position),
	}
	if m.Type != "rendez_vous."+e.Status.Wire() || !m.Timestamp.Equal(e.At) || fmt.Sprint(m.Data) != fmt.Sprint(want) {
		return fmt.Errorf("%+v was told as %s", e, body)
	}
	return nil
}
