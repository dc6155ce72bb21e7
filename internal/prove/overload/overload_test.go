package overload

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
)

var programs gateway.Programs

func TestMain(m *testing.M) { os.Exit(gateway.Main(m, &programs)) }

const (
	places  = 16                      // requests that the program answers at once
	waiting = 5 * places              // and those in its two lines
	crowd   = 20 * (places + waiting) // callers who wait for an answer at once, at most: refusals come in time
	times   = 3                       // what it is asked for, in what it can do
	most    = 512 << 20               // bytes of resident memory, at most
	guard   = 2 * time.Minute
)

func TestOverloadIsOrderly(t *testing.T) {
	l, p, site := begin(t, places)
	can, sent := 0.0, 0
	for range 5 { // the machine may be idler than when it was measured: then there is no overload yet
		can = l.capacity(t.Context(), prove.Size(100, 500), places/2)
		long := time.Duration(prove.Size(4, 60)) * time.Second
		sent = l.offer(t.Context(), times*can, func(_ int, since time.Duration) bool { return since >= long })
		if _, refused := l.outstanding(); refused > 0 {
			break
		}
	}
	peak, atOnce := resident(t, p), crowd
	if !prove.Long() { // other tests run beside it: callers wait for the machine too
		atOnce = math.MaxInt
	}
	for _, wrong := range disorder(l, peak, atOnce) {
		t.Error(wrong)
	}
	if _, refused := l.outstanding(); refused == 0 {
		t.Error("nobody was refused: it was not overloaded")
	}
	t.Logf("capacity %.0f calls/s; %d calls at %d times that, %d at once at most; %d MB resident at most", can, sent, times, l.peak, peak>>20)
	for k := range kinds {
		x := l.by[k]
		t.Logf("%s: %d sent, %d served (%.0f %%), %d refused; p99 %v", k, x.sent, x.served, 100*x.share(), x.refused, x.p99())
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	rows, err := site.Holds(t.Context(), l.caller.Partner.ID)
	if err != nil {
		t.Fatal(err)
	}
	v := l.account.Compare(rows)
	if err := v.Err(); err != nil {
		t.Error(err)
	}
	for _, r := range rows {
		if slices.Contains(l.turned, r.Reference) {
			t.Errorf("%s was refused, and is in the ledger", r.Reference)
		}
	}
	t.Logf("%d bookings acknowledged, %d in the ledger, %d lost", len(l.account.All()), v.Rows, len(v.Lost))
	if len(l.account.All()) == 0 {
		t.Error("nothing was booked")
	}
}

// Planted fault: a program that sends nobody away. What it has taken in grows until this is seen.
func TestWithoutSheddingDisorderIsSeen(t *testing.T) {
	l, p, _ := begin(t, 100_000)
	ctx, stop := context.WithTimeout(t.Context(), guard)
	defer stop()
	can := l.capacity(ctx, 100, places/2)
	seen := false
	sent := l.offer(ctx, times*can, func(int, time.Duration) bool {
		if seen = ctx.Err() == nil && len(disorder(l, 0, crowd)) > 0; seen {
			stop() // those who wait go
		}
		return seen
	})
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if !seen {
		t.Errorf("%d calls, %d at once, and all seems well", sent, l.peak)
	}
	t.Logf("capacity %.0f calls/s; after %d calls at %d times that, %d are inside at once and none was refused", can, sent, times, l.peak)
}

// disorder is what no overload excuses: also more callers at once than there may be.
func disorder(l *load, resident, atOnce int) (wrong []string) {
	_, refused := l.outstanding()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.broken) > 0 {
		wrong = append(wrong, fmt.Sprintf("%d calls had no answer, the first for %v", len(l.broken), l.broken[0]))
	}
	if len(l.strange) > 0 {
		wrong = append(wrong, fmt.Sprintf("answers that nobody expects: %v", l.strange))
	}
	if refused == 0 && l.peak > 2*(places+waiting) {
		wrong = append(wrong, fmt.Sprintf("%d requests at once, and none was refused", l.peak))
	}
	if l.peak > atOnce {
		wrong = append(wrong, fmt.Sprintf("%d callers wait at once: refusals come too late", l.peak))
	}
	if refused > 0 && l.by[booking].share() < l.by[search].share() {
		wrong = append(wrong, fmt.Sprintf("%.2f of the bookings are served, and %.2f of the searches", l.by[booking].share(), l.by[search].share()))
	}
	if resident > most {
		wrong = append(wrong, fmt.Sprintf("%d MB are resident", resident>>20))
	}
	return wrong
}

// Each thing that the judge looks at turns it.
func TestEveryDisorderIsSeen(t *testing.T) {
	orderly := func() *load {
		l := &load{strange: make(map[string]int), peak: crowd}
		l.by[booking] = tally{sent: 100, served: 90, refused: 10}
		l.by[search] = tally{sent: 1000, served: 400, refused: 600}
		return l
	}
	for name, c := range map[string]struct {
		change   func(*load)
		resident int
		wrong    bool
	}{
		"orderly":                      {func(*load) {}, most, false},
		"an answer that nobody has":    {func(l *load) { l.strange["500 erreur_interne"]++ }, 0, true},
		"no answer":                    {func(l *load) { l.broken = append(l.broken, io.EOF) }, 0, true},
		"searches before bookings":     {func(l *load) { l.by[booking].served = 30 }, 0, true},
		"all at once and none refused": {func(l *load) { l.by[booking].refused, l.by[search].refused = 0, 0 }, 0, true},
		"callers pile up":              {func(l *load) { l.peak++ }, 0, true},
		"too much memory":              {func(*load) {}, most + 1, true},
	} {
		l := orderly()
		c.change(l)
		if got := disorder(l, c.resident, crowd); (len(got) > 0) != c.wrong {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// begin serves a site whose searches are work, on one processor, so that what asks has another: lists of 240 places, so that three
// times what the one can do is what the other can ask for.
func begin(t *testing.T, atOnce int) (*load, *gateway.Process, *gateway.Site) {
	t.Helper()
	site, err := gateway.NewSite(gateway.Options{Reader: programs.Reader(t), Program: programs.Build(t), Folder: t.TempDir(), Places: 240})
	if err != nil {
		t.Fatal(err)
	}
	const days = 6
	caller, slots, err := site.Prepare(t.Context(), days)
	if err != nil {
		t.Fatal(err)
	}
	caller.HTTP.Transport = &http.Transport{MaxIdleConnsPerHost: 4096}
	t.Cleanup(caller.Close)
	p, err := site.Serve(caller, nil, "GOMAXPROCS=1", fmt.Sprint("PASSERELLE_LIMITES_SIMULTANEES=", atOnce))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill() })
	l := &load{caller: caller, account: gateway.NewAccount(), slots: slots[1:], searched: "/v1/lieux?code_departement=26&size=240", strange: make(map[string]int)}
	first, err := caller.Book(t.Context(), gateway.Want("premier", 0, slots[0]))
	if err != nil || first.Status != http.StatusCreated {
		t.Fatal(first, err)
	}
	l.known = "/v1/rendez-vous/" + first.Text("id")
	return l, p, site
}

var highWater = regexp.MustCompile(`VmHWM:\s+([0-9]+) kB`)

// resident is the most memory that the process has had, in bytes; 0 where the system does not tell.
func resident(t *testing.T, p *gateway.Process) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if os.IsNotExist(err) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	m := highWater.FindSubmatch(text)
	if m == nil {
		t.Fatal("its status does not say how much memory it has")
	}
	kilobytes, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
