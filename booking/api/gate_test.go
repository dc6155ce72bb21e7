package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"passerelle/connectors"
)

// hang is a guard: what waits that long waits for ever.
const hang = 30 * time.Second

// enterAll sends so many to a line that lets nobody wait, and counts who gets in.
func enterAll(ctx context.Context, g *gate, line, n int) (in int) {
	for range n {
		if _, ok := g.enter(ctx, line); ok {
			in++
		}
	}
	return in
}

func TestAPartOfThePlacesIsNeverGivenToSearches(t *testing.T) {
	for _, c := range []struct {
		name             string
		change           func(*gate)
		ordinary, urgent int // who gets in
	}{
		{"as it is", func(*gate) {}, 6, 2},
		{"planted: nothing is kept", func(g *gate) { g.shared = g.places }, 8, 0},
	} {
		g := newGate(8, 0)
		c.change(g)
		ordinary := enterAll(t.Context(), g, ordinaryLine, 20)
		urgent := enterAll(t.Context(), g, urgentLine, 20)
		if ordinary != c.ordinary || urgent != c.urgent {
			t.Errorf("%s: %d searches and %d bookings got in, want %d and %d", c.name, ordinary, urgent, c.ordinary, c.urgent)
		}
	}
	if g := newGate(8, 0); enterAll(t.Context(), g, urgentLine, 20) != 8 || enterAll(t.Context(), g, ordinaryLine, 20) != 0 {
		t.Error("bookings may have every place")
	}
	if g := newGate(0, 0); enterAll(t.Context(), g, ordinaryLine, 20) != 20 {
		t.Error("without places everybody gets in")
	}
}

// inLine waits until so many wait in a line.
func inLine(g *gate, line, n int) {
	for {
		g.mu.Lock()
		have := len(g.waiting[line])
		g.mu.Unlock()
		if have == n {
			return
		}
		runtime.Gosched()
	}
}

func TestWhoWaitsForABookingGoesFirst(t *testing.T) {
	g := newGate(4, hang)
	var leaves []func()
	for _, line := range []int{ordinaryLine, ordinaryLine, ordinaryLine, urgentLine} {
		leave, ok := g.enter(t.Context(), line)
		if !ok {
			t.Fatal("there was room")
		}
		leaves = append(leaves, leave)
	}
	came := make(chan string)
	var wg sync.WaitGroup
	wait := func(ctx context.Context, name string, line, place int) {
		wg.Go(func() {
			leave, ok := g.enter(ctx, line)
			if !ok {
				name += " gave up"
			} else {
				defer leave()
			}
			came <- name
		})
		inLine(g, line, place)
	}
	gone, leave := context.WithCancel(t.Context())
	wait(gone, "who leaves", ordinaryLine, 1)
	wait(t.Context(), "search", ordinaryLine, 2)
	wait(t.Context(), "booking", urgentLine, 1)
	wait(t.Context(), "another booking", urgentLine, 2)
	leave()
	want := []string{"who leaves gave up", "booking", "another booking", "search"}
	for i, name := range want {
		if i == 1 {
			leaves[0]() // each that comes makes room for the next
		}
		if got := <-came; got != name {
			t.Fatalf("%s came instead of %s", got, name)
		}
	}
	wg.Wait()
	for _, leave := range leaves[1:] {
		leave()
	}
	if g.inside != 0 || g.ordinary != 0 || len(g.waiting[urgentLine])+len(g.waiting[ordinaryLine]) != 0 {
		t.Errorf("left behind: %d inside, %d ordinary", g.inside, g.ordinary)
	}
}

func TestLinesAreBounded(t *testing.T) {
	g := newGate(4, hang)
	enterAll(t.Context(), g, urgentLine, 4)
	ctx, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for line, most := range []int{urgentLine: 16, ordinaryLine: 4} {
		for n := range most {
			wg.Go(func() {
				if _, ok := g.enter(ctx, line); ok {
					t.Error("who left got in")
				}
			})
			inLine(g, line, n+1)
		}
	}
	for line := range g.waiting {
		if n := enterAll(t.Context(), g, line, 5); n != 0 {
			t.Errorf("%d got in", n)
		}
	}
	leave()
	wg.Wait()
}

func TestTheGateHoldsUnderEveryOrder(t *testing.T) {
	g := newGate(8, time.Millisecond)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			for range 200 {
				leave, ok := g.enter(t.Context(), i%2)
				if !ok {
					continue
				}
				g.mu.Lock()
				if g.inside > g.places || g.ordinary > g.shared || g.ordinary > g.inside {
					t.Errorf("%d inside, %d ordinary", g.inside, g.ordinary)
				}
				g.mu.Unlock()
				runtime.Gosched()
				leave()
			}
		})
	}
	wg.Wait()
	if g.inside != 0 || g.ordinary != 0 {
		t.Errorf("left behind: %d inside, %d ordinary", g.inside, g.ordinary)
	}
}

// Searches that hang take their part of the capacity, and bookings, cancellations and probes do not wait for them.
func TestSearchesThatHangLeaveRoom(t *testing.T) {
	d := newDoor(t)
	id := d.slot("a", "09:00")
	d.limited(func(l *Limits) { l.InFlight = 8 })
	release := make(chan struct{})
	d.diary.read = func(ctx context.Context) (connectors.Reading, error) {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return connectors.Reading{Basis: connectors.Busy}, nil
	}
	const searches = 20
	refused := make(chan answer, searches)
	var wg sync.WaitGroup
	for range searches {
		wg.Go(func() {
			if got := d.do(ask{path: "/v1/lieux/d/creneaux"}); got.status != 200 {
				refused <- got
			}
		})
	}
	for range searches - 6 {
		got := <-refused
		d.problem(got, 503, "surcharge", "")
		if got.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	booked := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(id)})
	if booked.status != 201 {
		t.Fatalf("booking: %d %s", booked.status, booked.body)
	}
	path := "/v1/rendez-vous/" + booked.json(t)["id"].(string)
	for _, a := range []ask{
		{path: path},
		{path: path + ".ics"},
		{path: "/livez", token: "-"},
		{path: "/readyz", token: "-"},
		{method: "POST", path: path + "/annulation", key: "k2", body: `{"raison":"x","par":"usager"}`},
		d.tokenRequest(d.partner.ID, "secret-un", nil),
	} {
		if got := d.do(a); got.status != 200 {
			t.Errorf("%s %s: %d %s", a.method, a.path, got.status, got.body)
		}
	}
	for _, path := range []string{"/v1/lieux", "/v1/rendez-vous", "/v1/evenements", "/docs", "/nulle-part"} {
		d.problem(d.do(ask{path: path}), 503, "surcharge", "")
	}
	close(release)
	wg.Wait()
	if got := d.do(ask{path: "/v1/lieux"}); got.status != 200 {
		t.Errorf("afterwards: %d", got.status)
	}
}

// stuck is a body that does not end while the test goes on.
type stuck struct{ begun, end chan struct{} }

func (s stuck) Read([]byte) (int, error) {
	s.begun <- struct{}{}
	<-s.end
	return 0, io.ErrUnexpectedEOF
}

// Who sends slowly takes no place: each of them has begun, and there is room.
func TestWhoSendsSlowlyTakesNoPlace(t *testing.T) {
	d := newDoor(t)
	d.limited(func(l *Limits) { l.InFlight = 4 })
	s := stuck{make(chan struct{}), make(chan struct{})}
	var wg sync.WaitGroup
	for n := range 12 {
		refused := make(chan struct{})
		wg.Go(func() {
			defer close(refused)
			path := []string{"/v1/rendez-vous", "/demandes/x", "/notifications/x", "/oauth/token"}[n%4]
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, s)
			r.Header.Set("Authorization", "Bearer "+d.token)
			d.handler.ServeHTTP(httptest.NewRecorder(), r)
		})
		select {
		case <-s.begun:
		case <-refused:
			t.Error("one is refused before its body is read: others have its place")
		}
	}
	if got := d.do(ask{path: "/v1/lieux"}); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	close(s.end)
	wg.Wait()
}

// A page or a handler that panics gives its place back.
func TestAPanicGivesItsPlaceBack(t *testing.T) {
	d := newDoor(t)
	d.limited(func(l *Limits) { l.InFlight = 4 })
	d.pages = func(http.ResponseWriter, *http.Request) { panic("a fault of a page") }
	for n := range 10 {
		d.problem(d.do(ask{path: fmt.Sprint("/demandes/", n), token: "-"}), 500, "erreur_interne", "")
	}
}

// Signing in waits for mail servers and providers: it has no place that is kept for what is booked.
func TestWhoGoesFirst(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	for call, want := range map[string]int{
		"POST /v1/rendez-vous": urgentLine, "GET /v1/rendez-vous/:id": urgentLine, "GET /v1/creneaux": ordinaryLine, "GET /demandes/*page": urgentLine,
		"POST /demandes/*page": urgentLine, "GET /consentement": urgentLine, "GET /connexion/*page": ordinaryLine, "POST /connexion/*page": ordinaryLine,
		"GET /compte": ordinaryLine, "POST /compte/*page": ordinaryLine, "POST /deconnexion": ordinaryLine,
	} {
		method, path, _ := strings.Cut(call, " ")
		got := -1
		e := gin.New()
		e.Handle(method, path, func(c *gin.Context) { got = lineOf(c) })
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, strings.NewReplacer(":id", "x", "*page", "x").Replace(path), nil))
		if got != want {
			t.Errorf("%s is in line %d, want %d", call, got, want)
		}
	}
}
