package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
)

// hanging is a receiver that never answers. It says when it is asked, and, as the transport of the client that asks,
// when one does not wait for it any more.
type hanging struct {
	next    http.RoundTripper
	asked   chan struct{} // one element for each request
	left    chan struct{} // closed with the first that is given up, before anything is done about it
	once    sync.Once
	webhook []booking.Webhook
}

func (h *hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := h.next.RoundTrip(r)
	if err != nil {
		h.once.Do(func() { close(h.left) })
	}
	return response, err
}

// watch makes h see what a client gives up. Whoever else is asked by it answers.
func (h *hanging) watch(o *DispatcherOptions) {
	h.next = o.Client.Transport
	o.Client.Transport = h
}

// newHanging adds n webhooks of one such receiver.
func newHanging(t *testing.T, s *webhookStore, partner string, n int) *hanging {
	t.Helper()
	h := &hanging{asked: make(chan struct{}, 1000), left: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		h.asked <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	for i := range n {
		w := booking.Webhook{ID: fmt.Sprintf("%s%d", partner, i), Partner: partner, URL: server.URL, Secret: make([]byte, 32)}
		if err := s.AddWebhook(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		h.webhook = append(h.webhook, w)
	}
	return h
}

// counted accepts everything, and closes all with the last of so many messages.
func counted(messages int) (behave func(string, int) string, all chan struct{}) {
	all = make(chan struct{})
	var mu sync.Mutex
	return func(string, int) string {
		mu.Lock()
		defer mu.Unlock()
		if messages--; messages == 0 {
			close(all)
		}
		return ""
	}, all
}

// first says whether what is wanted came before what is not. Only the order of the two is looked at.
func first(t *testing.T, wanted, unwanted <-chan struct{}, what string) error {
	t.Helper()
	select {
	case <-wanted:
	case <-unwanted:
		return errors.New(what)
	case <-time.After(webhookGuard):
		t.Fatal("neither came")
	}
	select {
	case <-unwanted:
		return errors.New(what)
	default:
		return nil
	}
}

// deadDelaysNobody has one receiver hang, then twenty others told five entries each, all within the same instant of
// the held clock. patience is the timeout of an attempt.
func deadDelaysNobody(t *testing.T, atOnce int, patience time.Duration) error {
	t.Helper()
	s := newWebhookStore()
	dead := newHanging(t, s, "mort", 1)
	behave, told := counted(20 * 5)
	for range 20 {
		newReceiver(t, s, "vif", false, behave)
	}
	s.write("mort", "a", booking.Confirmed, 1)
	d := newTestDispatcher(t, s, func(o *DispatcherOptions) {
		o.AtOnce, o.Timeout = atOnce, patience
		dead.watch(o)
	})
	stop := runDispatcher(t, d)
	defer stop()
	await(t, dead.asked, "the dead one to be asked")
	for version := range 5 {
		s.write("vif", "b", booking.Confirmed, version+1)
	}
	d.Wake()
	return first(t, told, dead.left, "the dead one had to be given up before the others were told")
}

func TestADeadEndpointDelaysNoOther(t *testing.T) {
	if err := deadDelaysNobody(t, 0, webhookGuard); err != nil {
		t.Error(err)
	}
	if err := deadDelaysNobody(t, 1, 300*time.Millisecond); err == nil {
		t.Error("planted fault: one queue for all delays nobody")
	}
}

// manyDeadDelayNobody has six failing receivers hang where there are four places, before a healthy one is told.
func manyDeadDelayNobody(t *testing.T, forFailing int, patience time.Duration) error {
	t.Helper()
	s := newWebhookStore()
	dead := newHanging(t, s, "mort", 6)
	for _, r := range s.rows {
		r.Attempts, r.Failing = 3, s.clock.Now().Add(-time.Hour)
	}
	behave, told := counted(1)
	newReceiver(t, s, "vif", false, behave)
	s.write("mort", "a", booking.Confirmed, 1)
	d := newTestDispatcher(t, s, func(o *DispatcherOptions) {
		o.AtOnce, o.Timeout = 4, patience
		dead.watch(o)
	})
	if forFailing > 0 {
		d.failing = make(chan struct{}, forFailing)
	}
	stop := runDispatcher(t, d)
	defer stop()
	for range cap(d.failing) {
		await(t, dead.asked, "the dead ones to be asked")
	}
	s.write("vif", "b", booking.Confirmed, 1)
	d.Wake()
	return first(t, told, dead.left, "a dead one had to be given up before the healthy one was told")
}

func TestManyDeadEndpointsLeavePlacesForTheHealthy(t *testing.T) {
	if err := manyDeadDelayNobody(t, 0, webhookGuard); err != nil {
		t.Error(err)
	}
	if err := manyDeadDelayNobody(t, 4, 300*time.Millisecond); err == nil {
		t.Error("planted fault: failing ones in every place delay nobody")
	}
}

func TestAWebhookWithMuchToBeToldIsServedToTheEnd(t *testing.T) {
	s := newWebhookStore()
	r := newReceiver(t, s, "p", false, always(""))
	for version := range 2*webhookBatch + 1 {
		s.write("p", "a", booking.Confirmed, version+1)
	}
	untilQuiet(t, s, newTestDispatcher(t, s, nil))
	if err := allTold(r.webhook, s.log["p"], r.messages()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNewIsSeenWithoutBeingWoken(t *testing.T) {
	s := newWebhookStore()
	behave, told := counted(2)
	newReceiver(t, s, "p", false, behave)
	s.write("p", "a", booking.Confirmed, 1)
	d := newTestDispatcher(t, s, func(o *DispatcherOptions) { o.Every = time.Millisecond })
	stop := runDispatcher(t, d)
	defer stop()
	await(t, s.quiet, "the first to be told")
	s.write("p", "a", booking.Honoured, 2)
	await(t, told, "the second to be told")
}

func TestAnAttemptThatHangsIsGivenUp(t *testing.T) {
	s := newWebhookStore()
	dead := newHanging(t, s, "mort", 1)
	s.write("mort", "a", booking.Confirmed, 1)
	untilQuiet(t, s, newTestDispatcher(t, s, func(o *DispatcherOptions) { o.Timeout = 20 * time.Millisecond }))
	made, err := s.Deliveries(t.Context(), "mort", dead.webhook[0].ID, 10)
	if err != nil || len(made) != 1 || made[0].Status != 0 || made[0].Outcome != "echec" {
		t.Errorf("%+v, %v", made, err)
	}
	if due := s.rows[0].due; !due.Equal(s.clock.Now().Add(5 * time.Second)) {
		t.Errorf("due again at %s", due)
	}
}

// Whoever lost the lease must not go on: somebody else tells the same log.
func TestALostLeaseEndsTheService(t *testing.T) {
	s := newWebhookStore()
	var r *webhookReceiver
	r = newReceiver(t, s, "p", false, func(string, int) string {
		s.steal(r.webhook.ID)
		return ""
	})
	for version := range 3 {
		s.write("p", "a", booking.Confirmed, version+1)
	}
	untilQuiet(t, s, newTestDispatcher(t, s, nil))
	made, _ := s.Deliveries(t.Context(), "p", r.webhook.ID, 10)
	if got := r.messages(); len(got) != 1 || len(made) != 0 {
		t.Errorf("%d messages sent and %d kept after the lease was lost", len(got), len(made))
	}
}

// ours are the goroutines of a dispatcher that run now.
func ours() string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, one := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(one, "events.(*Dispatcher)") {
			return one
		}
	}
	return ""
}

func TestRunLeavesNothingBehind(t *testing.T) {
	s := newWebhookStore()
	dead := newHanging(t, s, "mort", 3)
	s.write("mort", "a", booking.Confirmed, 1)
	d := newTestDispatcher(t, s, nil)
	stop := runDispatcher(t, d)
	for range dead.webhook {
		await(t, dead.asked, "the dead ones to be asked")
	}
	if ours() == "" {
		t.Error("the check does not see the goroutines that wait")
	}
	stop()
	if n := len(d.places); n != 0 {
		t.Errorf("Run has returned while %d webhooks are served", n)
	}
	guard := time.After(webhookGuard)
	for left := ours(); left != ""; left = ours() { // a goroutine that has said that it is done may still be on its way out
		select {
		case <-guard:
			t.Fatalf("left behind:\n%s", left)
		default:
			runtime.Gosched()
		}
	}
	for _, w := range dead.webhook {
		made, err := s.Deliveries(t.Context(), "mort", w.ID, 10)
		if err != nil || len(made) != 0 {
			t.Errorf("what we broke off is held against the receiver: %+v, %v", made, err)
		}
	}
}

// An answer that came is kept although the program stops meanwhile.
func TestWhatWasToldIsKeptWhileTheProgramStops(t *testing.T) {
	s := newWebhookStore()
	ctx, cancel := context.WithCancel(t.Context())
	r := newReceiver(t, s, "p", false, always(""))
	s.write("p", "a", booking.Confirmed, 1)
	s.write("p", "a", booking.Honoured, 2)
	d := newTestDispatcher(t, s, func(o *DispatcherOptions) {
		o.Client.Transport = answered{o.Client.Transport, cancel}
	})
	d.Run(ctx)
	made, err := s.Deliveries(t.Context(), "p", r.webhook.ID, 10)
	if err != nil || len(made) != 1 || made[0].Outcome != "remis" {
		t.Errorf("%+v, %v", made, err)
	}
}

// answered stops the program with the first answer.
type answered struct {
	next http.RoundTripper
	stop context.CancelFunc
}

func (a answered) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := a.next.RoundTrip(r)
	a.stop()
	return response, err
}

// endless is an answer's body that never ends. It counts what was read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func (e *endless) Close() error { return nil }

type answering struct{ body *endless }

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: a.body, Request: r}, nil
}

func TestALongAnswerIsNotReadToItsEnd(t *testing.T) {
	s := newWebhookStore()
	w := booking.Webhook{ID: "a", Partner: "p", URL: "https://partenaire.example", Secret: make([]byte, 32)}
	if err := s.AddWebhook(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	s.write("p", "a", booking.Confirmed, 1)
	body := &endless{}
	untilQuiet(t, s, newTestDispatcher(t, s, func(o *DispatcherOptions) { o.Client.Transport = answering{body} }))
	if made, _ := s.Deliveries(t.Context(), "p", "a", 1); body.read > 4096 || len(made) != 1 || made[0].Outcome != "remis" {
		t.Errorf("%d bytes read, %+v", body.read, made)
	}
}
