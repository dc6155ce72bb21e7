package rdvsptest

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Options are what a test chooses of an instance. Only Now is required.
type Options struct {
	Now       func() time.Time // the only clock of the instance
	Seed      uint64           // of what the software leaves to chance: the order of rdvs, the agent drawn, the tokens
	FirstID   int              // its identifiers begin here: two instances mean different things by one number
	PublicURL string           // what the instance calls itself, without a final slash; empty means its address on loopback

	Application   Application // the one that may ask agents for their consent
	StrictRefresh bool        // a refresh token dies when it is used, not when the token that came of it is

	AddressSearch   bool // as rdv-solidarites: a search need not name an organisation
	DeadLinksGoHome bool // a link to nothing leads to the home page instead of 404
	Unlimited       bool // no limit of requests

	PartnerKey string // of the API for Visioplainte; empty means that nobody has a key
}

// Application is what was registered by hand for the gateway.
type Application struct {
	ID, Secret, RedirectURI string
}

// Server is one instance of RDV Service Public: one data base, behind any number of hosts (see Hosts). Its methods are
// safe for concurrent use; those that begin with Add put something there before or while it runs.
type Server struct {
	*httptest.Server

	t        testing.TB
	o        Options
	paris    *time.Location
	contract *contract
	sender   *http.Client // delivers the webhooks

	mu sync.Mutex // guards the rest
	store
	random    *rand.Rand
	grants    grants
	limit     window
	faults    map[string]*fault
	webhooks  Webhooks
	outbox    []*delivery
	notified  []Notification
	raceSince map[int]bool // rdvs that bookings saw when the race began; nil when there is none
	partner   int          // the motif that the partner sells
}

// New starts an instance, which ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Now == nil {
		t.Fatal("rdvsptest: no clock")
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	said, err := documents()
	if err != nil {
		t.Fatal(err)
	}
	if said == nil {
		t.Log("rdvsptest: the contracts are not here, nothing is held against them")
	}
	t.Logf("rdvsptest: seed %d", o.Seed)
	s := &Server{
		t: t, o: o, paris: paris, contract: said, sender: loopbackClient(),
		store: newStore(o.FirstID), random: rand.New(rand.NewPCG(o.Seed, 1)), faults: make(map[string]*fault),
	}
	s.grants = newGrants()
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, q *http.Request) { s.serve(w, q, r) })
	}
	mux.HandleFunc("/api/", s.unknown)
	s.Server = httptest.NewUnstartedServer(mux)
	alive, end := context.WithCancel(context.Background())
	s.Config.BaseContext = func(net.Listener) context.Context { return alive }
	s.Start()
	t.Cleanup(func() { // whoever hangs is let go first
		end()
		s.Close()
		s.sender.CloseIdleConnections()
	})
	return s
}

// serve is the way of every request: read whole, held against the documents, then a fault or an answer.
func (s *Server) serve(w http.ResponseWriter, q *http.Request, r route) {
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, 1<<20))
	if err != nil {
		return // the client is gone, or sends what no client of ours would
	}
	c, wrong := newCall(q, body)
	s.report(append(s.contract.request(r.pattern, q, body), wrong...))
	work := func(w http.ResponseWriter, _ *http.Request) { s.answer(r, c).write(w) }
	if f := s.faultOf(r.pattern); f != nil {
		f(w, q, http.HandlerFunc(work))
		return
	}
	work(w, q)
}

// answer works under the lock, and holds what it says against the documents.
func (s *Server) answer(r route, c *call) answer {
	s.mu.Lock()
	a, early := s.limited(r, c), false
	if a.status == 0 {
		a = r.handle(c)
		early = s.webhooks.BeforeTheAnswer
	}
	a = a.written()
	s.mu.Unlock()
	s.report(s.contract.response(r.pattern, a))
	if early {
		s.Deliver()
	}
	return a
}

// unknown answers a path of the API that nobody documents, or that is not made here: nobody must take its answer for
// one of the software.
func (s *Server) unknown(w http.ResponseWriter, q *http.Request) {
	s.report([]string{q.Method + " " + q.URL.Path + ": no such route, or not here"})
	http.NotFound(w, q)
}

// report fails the test that made the server.
func (s *Server) report(wrong []string) {
	for _, w := range wrong {
		s.t.Errorf("rdvsptest: %s", w)
	}
}

// publicURL is where people find the instance.
func (s *Server) publicURL() string {
	if s.o.PublicURL != "" {
		return s.o.PublicURL
	}
	return s.URL
}

func (s *Server) now() time.Time { return s.o.Now().In(s.paris) }
