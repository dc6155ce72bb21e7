package connectors

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors/interval"
)

// published is a server of one document that may be changed.
type published struct {
	*httptest.Server
	mu        sync.Mutex
	body, tag string
	asked     []string // If-None-Match of each request
}

func publish(t *testing.T, body, tag string) *published {
	p := &published{body: body, tag: tag}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked = append(p.asked, r.Header.Get("If-None-Match"))
		w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 06:00:00 GMT")
		if p.tag != "" {
			w.Header().Set("ETag", p.tag)
			if r.Header.Get("If-None-Match") == p.tag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		w.Write([]byte(p.body))
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *published) set(body, tag string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.body, p.tag = body, tag
}

func (p *published) feed(t *testing.T, zone *time.Location, settings string) *Feed {
	t.Helper()
	f, err := NewFeed(Connection{Address: p.URL + secretPath, Zone: zone, Settings: json.RawMessage(settings)}, Env{HTTP: p.Client()}, 100)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var anHour = interval.Interval{Start: 0, End: 3600}

// readings reads a feed, and counts how often it is translated.
type readings struct {
	t    *testing.T
	made int
}

func (r *readings) of(f *Feed, window interval.Interval, known string) Reading {
	r.t.Helper()
	got, err := f.Read(r.t.Context(), Query{Window: window, Known: known}, func(document []byte, _ *Desk) (Reading, error) {
		r.made++
		return Reading{Basis: Busy, Busy: []interval.Interval{{Start: int64(len(document)), End: 1000}}}, nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

func TestAFeedIsTranslatedAgainOnlyWhenItHasChanged(t *testing.T) {
	for name, tags := range map[string][2]string{"with validators": {`"1"`, `"2"`}, "without": {"", ""}} {
		t.Run(name, func(t *testing.T) {
			r, p := &readings{t: t}, publish(t, "one", tags[0])
			f := p.feed(t, time.UTC, "")
			first := r.of(f, anHour, "")
			if first.Version == "" || first.Busy[0].Start != 3 || !first.SourceAt.Equal(time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)) {
				t.Errorf("first reading = %+v", first)
			}
			if again := r.of(f, anHour, first.Version); !again.Unchanged || again.Basis != 0 || r.made != 1 {
				t.Errorf("second reading = %+v, translated %d times", again, r.made)
			}
			if p.asked[1] != tags[0] {
				t.Errorf("the second request bears the validator %q, want %q", p.asked[1], tags[0])
			}
			p.set("one", tags[1])
			if again := r.of(f, anHour, first.Version); !again.Unchanged || r.made != 1 {
				t.Errorf("third reading = %+v, translated %d times", again, r.made)
			}
			p.set("second", tags[0]+tags[1])
			if again := r.of(f, anHour, first.Version); again.Unchanged || again.Version == first.Version || again.Busy[0].Start != 6 {
				t.Errorf("reading after a change = %+v", again)
			}
			if again := r.of(f, anHour, first.Version); again.Unchanged {
				t.Error("an older reading than the last is said to hold")
			}
		})
	}
}

// A server that stamps each answer with its time has not changed anything; what it says next is read all the same.
func TestADocumentThatMeansTheSameIsUnchanged(t *testing.T) {
	r, p := &readings{t: t}, publish(t, "one", `"1"`)
	f := p.feed(t, time.UTC, "")
	first := r.of(f, anHour, "")
	p.set("two", `"2"`)
	if again := r.of(f, anHour, first.Version); !again.Unchanged || again.SourceAt.IsZero() || r.made != 2 {
		t.Errorf("reading of other words = %+v, translated %d times", again, r.made)
	}
	if again := r.of(f, anHour, first.Version); !again.Unchanged || again.SourceAt.IsZero() || r.made != 2 || p.asked[2] != `"2"` {
		t.Errorf("reading of the same words = %+v, translated %d times, asked with %q", again, r.made, p.asked)
	}
	p.set("three", `"3"`)
	if again := r.of(f, anHour, first.Version); again.Unchanged || again.Version == first.Version || again.Busy[0].Start != 5 {
		t.Errorf("reading after a change = %+v", again)
	}
}

// Whatever a reading says is in its version: two that differ anywhere are two.
func TestReadingsThatDifferHaveTwoVersions(t *testing.T) {
	a, b := interval.Interval{Start: 10, End: 20}, interval.Interval{Start: 20, End: 30}
	list := []Reading{
		{},
		{Basis: Busy},
		{Basis: Open},
		{Busy: []interval.Interval{a}},
		{Busy: []interval.Interval{b}},
		{Busy: []interval.Interval{a, b}},
		{Open: []interval.Interval{a}},
		{Busy: []interval.Interval{a}, Open: []interval.Interval{b}},
		{Busy: []interval.Interval{{Start: 10, End: 30}}},
		{Stops: []Stop{{a, "x"}}},
		{Stops: []Stop{{a, "y"}}},
		{Stops: []Stop{{a, ""}, {b, "x"}}},
		{Stops: []Stop{{a, "x"}, {b, ""}}},
		{Slots: []Slot{{Interval: a}}},
		{Slots: []Slot{{Interval: a, Motif: "m"}}},
		{Slots: []Slot{{Interval: a, Seats: 1}}},
		{Slots: []Slot{{Interval: a, Upstream: "m"}}},
		{Own: []Own{{Interval: a}}},
		{Own: []Own{{Interval: a, Reference: "r"}}},
		{Own: []Own{{Interval: a, Version: "r"}}},
		{Doubt: []Doubt{{Interval: a}}},
		{Doubt: []Doubt{{a, "r"}}},
		{Doubt: []Doubt{{b, "r"}}},
	}
	f, seen := &Feed{}, map[string]int{}
	for i, r := range list {
		v := f.versionOf(r, anHour, new(versioned))
		if j, twice := seen[v]; twice {
			t.Errorf("%+v and %+v are %s", list[j], r, v)
		}
		seen[v] = i
	}
}

// canned is a transport that answers with the same text all the time.
type canned string

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(c)), Body: io.NopCloser(strings.NewReader(string(c))), Request: r}, nil
}

// What is read thousands of times a minute, for nothing, costs no memory for its text.
func TestAnUnchangedDocumentTakesNoRoom(t *testing.T) {
	const times, most = 200, 30_000 // under the race detector a pool forgets one in four
	f, err := NewFeed(Connection{Address: "https://exemple.fr/a.ics"}, Env{HTTP: &http.Client{Transport: canned(strings.Repeat("x", 40_000))}, Desks: new(Desks)}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	r := &readings{t: t}
	first := r.of(f, anHour, "")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		r.of(f, anHour, first.Version)
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > most || r.made != 1 {
		t.Errorf("%d bytes each time, translated %d times", each, r.made)
	}
}

func TestAFeedAsksOnConditionOnlyForWhatTheCallerHolds(t *testing.T) {
	r, p := &readings{t: t}, publish(t, "one", `"1"`)
	f := p.feed(t, time.UTC, "")
	first := r.of(f, anHour, "")
	r.of(f, anHour, "")
	r.of(f, anHour, "another")
	r.of(f, interval.Interval{Start: 0, End: 7200}, first.Version)
	r.of(p.feed(t, time.UTC, ""), anHour, first.Version)
	if r.made != 5 || slices.ContainsFunc(p.asked, func(tag string) bool { return tag != "" }) {
		t.Errorf("translated %d times of 5, conditions %q", r.made, p.asked)
	}
}

func TestAVersionDependsOnAllThatAReadingDoes(t *testing.T) {
	r, p := &readings{t: t}, publish(t, "one", "")
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	versions := []string{
		r.of(p.feed(t, time.UTC, ""), anHour, "").Version,
		r.of(p.feed(t, paris, ""), anHour, "").Version,
		r.of(p.feed(t, time.UTC, "{}"), anHour, "").Version,
		r.of(p.feed(t, time.UTC, ""), interval.Interval{Start: 0, End: 7200}, "").Version,
	}
	p.set("three", "")
	versions = append(versions, r.of(p.feed(t, time.UTC, ""), anHour, "").Version)
	p.set("one", "")
	if again := r.of(p.feed(t, time.UTC, ""), anHour, "").Version; again != versions[0] {
		t.Errorf("the same reading has two versions, %s and %s", versions[0], again)
	}
	slices.Sort(versions)
	if len(slices.Compact(versions)) != 5 {
		t.Errorf("two readings, one version: %q", versions)
	}
}

func TestADocumentThatCannotBeTranslatedIsUnavailableAndNotHeld(t *testing.T) {
	p := publish(t, "one", `"1"`)
	f := p.feed(t, time.UTC, "")
	cause := errors.New("it is a page")
	for range 2 {
		r, err := f.Read(t.Context(), Query{Window: anHour}, func([]byte, *Desk) (Reading, error) { return Reading{Basis: Busy}, cause })
		if KindOf(err) != Unavailable || !errors.Is(err, cause) || r.Basis != 0 {
			t.Errorf("Read = %+v, %v", r, err)
		}
		mustBeDiscreet(t, err)
	}
	p.set(strings.Repeat("a", 101), "")
	if _, err := f.Read(t.Context(), Query{Window: anHour}, nil); KindOf(err) != Unavailable {
		t.Errorf("a document of more than the limit: %v", err)
	}
}

func TestNewFeedRefusesWhatIsNoAddressOfAFeed(t *testing.T) {
	for _, address := range []string{"", "exemple.fr" + secretPath, "ftp://exemple.fr" + secretPath, "https://" + secretPath, "http://[::1" + secretPath} {
		_, err := NewFeed(Connection{Address: address}, Env{HTTP: new(http.Client)}, 1)
		if KindOf(err) != Invalid {
			t.Errorf("NewFeed(%q) = %v", address, err)
		}
		mustBeDiscreet(t, err)
	}
	if _, err := NewFeed(Connection{Address: "https://exemple.fr/a.ics"}, Env{}, 1); KindOf(err) != Internal || err == nil {
		t.Errorf("NewFeed without a client = %v", err)
	}
	if f, err := NewFeed(Connection{Address: " webcal://exemple.fr/a.ics\n"}, Env{HTTP: new(http.Client)}, 1); err != nil || f.url.String() != "https://exemple.fr/a.ics" {
		t.Errorf("NewFeed of a webcal address = %+v, %v", f, err)
	}
}

func TestTheAddressOfAFeedIsNoPageAndMayBeASecret(t *testing.T) {
	for raw, secret := range map[string]bool{
		"https://exemple.fr/a.ics":                                     false,
		"webcal://exemple.fr/a.ics":                                    false,
		"webcal://jean:mot@exemple.fr/a.ics":                           true,
		"https://exemple.fr/a.ics?token=t0k3n":                         true,
		"https://exemple.fr/private-0123456789abcdef012345/basic.ics":  true,
		"webcal://exemple.fr/private-0123456789abcdef012345/basic.ics": true,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		over, ok := FeedURL(u)
		if !ok || over.Scheme != "https" {
			t.Fatalf("FeedURL(%s) = %v, %v", raw, over, ok)
		}
		got := FeedResolution(over, "publiée", "privée")
		want := Resolution{Mode: ByContact, Link: "https://exemple.fr/a.ics", Reason: "publiée"}
		if secret {
			want = Resolution{Mode: ByContact, Secret: true, Reason: "privée"}
		}
		if got.Mode != want.Mode || got.Link != want.Link || got.Secret != want.Secret || got.Reason != want.Reason {
			t.Errorf("FeedResolution(%s) = %+v, want %+v", raw, got, want)
		}
	}
}
