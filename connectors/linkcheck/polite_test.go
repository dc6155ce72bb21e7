package linkcheck

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors/egress"
)

// linger gives a request that should not be there the time to show itself. Nothing is asserted of how long it takes.
func linger() { time.Sleep(20 * time.Millisecond) }

func TestAHostIsAskedOnceASecondAtMost(t *testing.T) {
	w := newWorld(t, map[string]http.HandlerFunc{}, egress.Options{})
	for _, path := range []string{"/a", "/b", "/c"} {
		w.pages["https://lieu.example.org"+path] = byMethod(status(405), func(http.ResponseWriter, *http.Request) {
			w.mu.Lock()
			w.now = w.now.Add(300 * time.Millisecond) // the answer takes its time, which does not count as a pause
			w.mu.Unlock()
		})
	}
	w.check("https://lieu.example.org/a", "https://lieu.example.org/b", "https://lieu.example.org/c")
	want := []string{
		"GET https://lieu.example.org/robots.txt",
		"HEAD https://lieu.example.org/a", "GET https://lieu.example.org/a",
		"HEAD https://lieu.example.org/b", "GET https://lieu.example.org/b",
		"HEAD https://lieu.example.org/c", "GET https://lieu.example.org/c",
	}
	if got := w.requests(); !slices.Equal(got, want) {
		t.Errorf("requests %q, want %q", got, want)
	}
	for i := 1; i < len(w.log); i++ {
		least := time.Second
		if w.log[i-1].method == http.MethodGet && i > 1 {
			least += 300 * time.Millisecond
		}
		if between := w.log[i].at.Sub(w.log[i-1].at); between != least {
			t.Errorf("%s after %s, want %s", w.log[i].address, between, least)
		}
	}
}

func TestCrawlDelayIsKeptUpToABound(t *testing.T) {
	for asked, want := range map[string]time.Duration{
		"0.2": time.Second, "5": 5 * time.Second, "2.5": 2500 * time.Millisecond, "3600": 30 * time.Second,
		"-1": time.Second, "NaN": time.Second, "Inf": 30 * time.Second, "bientôt": time.Second,
	} {
		w := newWorld(t, map[string]http.HandlerFunc{
			"https://lieu.example.org/robots.txt": text("User-agent: *\nCrawl-delay: " + asked),
			page:                                  status(http.StatusOK),
		}, egress.Options{})
		if r := w.check(page)[page]; r.Verdict != Good || !slices.Equal(w.slept, []time.Duration{want}) {
			t.Errorf("Crawl-delay %s: %s after pauses of %v, want %s", asked, r.Verdict, w.slept, want)
		}
	}
}

// inFlight counts the requests that run at the same time.
type inFlight struct {
	mu        sync.Mutex
	now, most int
}

func (f *inFlight) add(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now += n
	f.most = max(f.most, f.now)
	return f.now
}

// Many hosts send to one: its turn is everybody's, and so is its robots.txt.
func TestAHostHasOneRequestAtATimeWhoeverAsks(t *testing.T) {
	var flying inFlight
	busy := func(rw http.ResponseWriter, q *http.Request) {
		flying.add(1)
		linger()
		flying.add(-1)
		if q.URL.Path == "/robots.txt" {
			rw.WriteHeader(http.StatusNotFound)
		}
	}
	pages := map[string]http.HandlerFunc{
		"https://commun.example.org/robots.txt": busy, "https://commun.example.org/rdv": busy,
	}
	var links []string
	for i := range 6 {
		link := fmt.Sprintf("https://lieu%d.example.org/", i)
		pages[link] = redirect(302, "https://commun.example.org/rdv")
		links = append(links, link)
	}
	w := newWorld(t, pages, egress.Options{})
	for link, r := range w.check(links...) {
		if r.Verdict != Good {
			t.Errorf("%s: %+v", link, r)
		}
	}
	var last time.Time
	robots := 0
	for _, a := range w.log {
		if !strings.HasPrefix(a.address, "https://commun.") {
			continue
		}
		if strings.HasSuffix(a.address, "/robots.txt") {
			robots++
		}
		if !last.IsZero() && a.at.Sub(last) < time.Second {
			t.Errorf("%s %s after the request before", a.address, a.at.Sub(last))
		}
		last = a.at
	}
	if flying.most != 1 || robots != 1 {
		t.Errorf("%d requests at a time, robots.txt %d times", flying.most, robots)
	}
}

func TestHostsAreAskedTogetherButNotAllOfThem(t *testing.T) {
	const atOnce = 3
	var flying inFlight
	together := make(chan struct{})
	var once sync.Once
	robots := func(rw http.ResponseWriter, q *http.Request) {
		if flying.add(1) >= atOnce {
			once.Do(func() { close(together) })
		}
		select {
		case <-together: // the first ones wait for each other
		case <-q.Context().Done():
		}
		linger()
		flying.add(-1)
		rw.WriteHeader(http.StatusNotFound)
	}
	pages := map[string]http.HandlerFunc{}
	var links []string
	for i := range 7 {
		pages[fmt.Sprintf("https://lieu%d.example.org/robots.txt", i)] = robots
		links = append(links, fmt.Sprintf("https://lieu%d.example.org/", i))
	}
	w := newWorld(t, pages, egress.Options{Timeout: time.Minute, AnswerIn: time.Minute})
	o := w.options()
	o.Hosts = atOnce
	var left []int
	if err := Check(t.Context(), o, links, func(_ Result, hosts int) error { left = append(left, hosts); return nil }); err != nil {
		t.Fatal(err)
	}
	if flying.most != atOnce || !slices.Equal(left, []int{6, 5, 4, 3, 2, 1, 0}) {
		t.Errorf("%d hosts at a time, want %d; hosts left %v", flying.most, atOnce, left)
	}
}

func TestAHostThatAsksToSlowDownIsLeftAlone(t *testing.T) {
	w := newWorld(t, map[string]http.HandlerFunc{
		"https://lieu.example.org/a":  status(http.StatusOK),
		"https://lieu.example.org/b":  status(http.StatusTooManyRequests),
		"https://lieu.example.org/c":  status(http.StatusOK),
		"https://autre.example.org/a": redirect(302, "https://lieu.example.org/c"),
	}, egress.Options{})
	o := w.options()
	o.Hosts = 1
	results := map[string]Verdict{}
	links := []string{"https://lieu.example.org/a", "https://lieu.example.org/b", "https://lieu.example.org/c", "https://autre.example.org/a"}
	if err := Check(t.Context(), o, links, func(r Result, _ int) error { results[r.Link] = r.Verdict; return nil }); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintln(results[links[0]], results[links[1]], results[links[2]], results[links[3]]); got != "bon inconnu inconnu inconnu\n" {
		t.Errorf("verdicts %s", got)
	}
	for _, q := range w.requests() {
		if strings.HasSuffix(q, "/c") {
			t.Errorf("%s after 429", q)
		}
	}
}

func TestEveryHostHasItsRobotsReadOnce(t *testing.T) {
	w := newWorld(t, nil, egress.Options{AllowHTTP: []string{"expire.example.org"}})
	w.check("https://a.example.org/1", "https://a.example.org/2", "https://b.example.org/", "http://expire.example.org/1", "http://expire.example.org/2")
	var robots []string
	for _, q := range w.requests() {
		if strings.HasSuffix(q, "/robots.txt") {
			robots = append(robots, q)
		}
	}
	want := []string{"GET http://expire.example.org/robots.txt", "GET https://a.example.org/robots.txt", "GET https://b.example.org/robots.txt"}
	if got := sorted(robots); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAnInterruptedCheckTellsOnlyWhatItKnows(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	w := newWorld(t, map[string]http.HandlerFunc{
		"https://lieu.example.org/a": status(http.StatusOK),
		"https://lieu.example.org/b": func(_ http.ResponseWriter, q *http.Request) {
			interrupt()
			<-q.Context().Done()
		},
	}, egress.Options{})
	var told []string
	err := Check(ctx, w.options(), []string{"https://lieu.example.org/a", "https://lieu.example.org/b", "https://lieu.example.org/c"}, func(r Result, _ int) error {
		told = append(told, r.Link)
		return nil
	})
	if !errors.Is(err, context.Canceled) || !slices.Equal(told, []string{"https://lieu.example.org/a"}) {
		t.Errorf("told %q, %v", told, err)
	}
	if last := w.requests()[len(w.log)-1]; !strings.HasSuffix(last, "/b") {
		t.Errorf("%s after the interruption", last)
	}
}

func TestWhatFoundRefusesEndsTheCheck(t *testing.T) {
	full := errors.New("the disk is full")
	w := newWorld(t, nil, egress.Options{})
	calls := 0
	err := Check(t.Context(), w.options(), []string{"https://a.example.org/", "https://b.example.org/", "https://a.example.org/2"}, func(Result, int) error {
		calls++
		return full
	})
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("%v after %d results", err, calls)
	}
}

func TestThePauseEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("sleep = %v", err)
	}
	if err := sleep(t.Context(), 0); err != nil {
		t.Errorf("sleep = %v", err)
	}
}
