package connectorstest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// event is what the server of the suite's own diary keeps.
type event struct {
	interval.Interval
	Ours    string // our reference, if it is ours
	Version int
	Garbled bool
}

// server keeps a diary as bare as one can be: events by name, each with a version, and no rule about overlaps.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	events map[string]event
	writes int
}

const password = "M0tDePasse"

func newServer(t testing.TB) *server {
	s := &server{events: make(map[string]event)}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) put(name string, e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	e.Version = s.writes
	s.events[name] = e
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, given, _ := r.BasicAuth(); given != password {
		http.Error(w, "non", http.StatusUnauthorized)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/")
	held, there := s.events[name]
	if is := r.Header.Get("If-Match"); is != "" && is != strconv.Itoa(held.Version) || r.Header.Get("If-None-Match") == "*" && there {
		http.Error(w, "non", http.StatusPreconditionFailed)
		return
	}
	switch r.Method {
	case http.MethodPut:
		var e event
		if json.NewDecoder(r.Body).Decode(&e) != nil {
			http.Error(w, "non", http.StatusBadRequest)
			return
		}
		s.writes++
		e.Version = s.writes
		s.events[name] = e
	case http.MethodDelete:
		if !there {
			http.Error(w, "non", http.StatusNotFound)
			return
		}
		s.writes++
		delete(s.events, name)
	}
	_ = json.NewEncoder(w).Encode(struct {
		Events map[string]event
		Writes int
	}{s.events, s.writes})
}

// diary is an agenda as it should be, or with one bug.
type diary struct {
	server *server
	base   string
	client *http.Client
	bug    string
	mu     sync.Mutex
	tries  int
	held   connectors.Reading
	known  map[string]connectors.Appointment
	ended  chan struct{} // with the test
}

func openDiary(t testing.TB, bug string, p *Proxy, free []interval.Interval) *diary {
	d := &diary{server: newServer(t), bug: bug, known: make(map[string]connectors.Appointment), ended: make(chan struct{})}
	t.Cleanup(func() { close(d.ended) })
	for i, taken := range interval.Minus([]interval.Interval{Frame}, interval.Union(free)) {
		d.server.put(fmt.Sprintf("other-%d", i), event{Interval: taken})
	}
	d.base = d.server.URL
	if p != nil {
		d.base = p.Before(t, d.base)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	d.client = &http.Client{Transport: transport}
	return d
}

func (d *diary) do(ctx context.Context, op, method, name, header, value string, e event) (map[string]event, int, error) {
	body, _ := json.Marshal(e)
	if d.bug == "does not look at the context" {
		ctx = context.WithoutCancel(ctx)
	}
	req, _ := http.NewRequestWithContext(ctx, method, d.base+"/"+name, bytes.NewReader(body))
	req.SetBasicAuth("agenda", password)
	if header != "" {
		req.Header.Set(header, value)
	}
	fail := func(kind connectors.Kind, after time.Duration, cause error) error {
		if writes(method) && kind == connectors.Unavailable && d.bug != "an unanswered write is a failed read" {
			kind = connectors.OutcomeUnknown
		}
		return &connectors.Error{Op: op, Kind: kind, RetryAfter: after, Err: cause}
	}
	resp, err := d.client.Do(req)
	if err != nil {
		if d.bug == "leaves a goroutine" {
			go func() { d.wait() }()
		}
		return nil, 0, fail(connectors.Unavailable, 0, errors.New("no answer"))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, 0, fail(connectors.Unavailable, 0, err)
	}
	if resp.StatusCode != http.StatusOK {
		kind := connectors.KindOfStatus(resp.StatusCode)
		if resp.StatusCode == 500 && d.bug == "a server's fault is a refusal" {
			kind = connectors.Refused
		}
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		if d.bug == "forgets when to come back" {
			seconds = 0
		}
		cause := fmt.Errorf("status %d", resp.StatusCode)
		if d.bug == "tells its password" {
			cause = fmt.Errorf("status %d with %s", resp.StatusCode, password)
		}
		return nil, 0, fail(kind, time.Duration(seconds)*time.Second, cause)
	}
	var all struct {
		Events map[string]event
		Writes int
	}
	if err := json.Unmarshal(text, &all); err != nil && d.bug != "takes a page for an empty diary" {
		return nil, 0, fail(connectors.Unavailable, 0, errors.New("not understood"))
	}
	return all.Events, all.Writes, nil
}

func (d *diary) wait() { <-d.ended }

func (*diary) Guarantee() connectors.Guarantee { return connectors.Verified }

func (d *diary) Read(ctx context.Context, q connectors.Query) (connectors.Reading, error) {
	events, writes, err := d.do(ctx, "read", http.MethodGet, "", "", "", event{})
	if err != nil {
		if held := d.last(nil); d.bug == "answers from memory when it is down" && held.Basis != 0 {
			return held, nil
		}
		return connectors.Reading{}, err
	}
	version := fmt.Sprint(writes, q.Window)
	if d.bug == "one version for all windows" {
		version = fmt.Sprint(writes)
	}
	if q.Known == version || q.Known != "" && d.bug == "nothing ever changes" {
		return connectors.Reading{Unchanged: true}, nil
	}
	r := connectors.Reading{Basis: connectors.Busy, Version: version}
	for _, name := range slices.Sorted(maps.Keys(events)) {
		e := events[name]
		switch summer := time.Unix(e.Start, 0).UTC().Month(); {
		case !e.Overlaps(q.Window), d.bug == "lists what lies inside only" && !q.Window.Covers(e.Interval):
			continue
		case e.Garbled && d.bug != "overlooks what it does not understand":
			r.Doubt = append(r.Doubt, connectors.Doubt{Interval: e.Interval, Reason: "illisible"})
			continue
		case e.Garbled:
			continue
		case d.bug == "is an hour late in summer" && summer > time.March && summer < time.November:
			e.Start, e.End = e.Start+3600, e.End+3600
		}
		if e.Ours != "" && d.bug != "does not know its own" {
			r.Own = append(r.Own, connectors.Own{Reference: e.Ours, Interval: e.Interval, Version: strconv.Itoa(e.Version)})
			continue
		}
		r.Busy = append(r.Busy, e.Interval)
	}
	r.Busy = interval.Union(r.Busy)
	return d.last(&r), nil
}

// last keeps a reading, if there is one, and gives the last.
func (d *diary) last(r *connectors.Reading) connectors.Reading {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r != nil {
		d.held = *r
	}
	return d.held
}

func (d *diary) Book(ctx context.Context, q connectors.Request) (connectors.Appointment, error) {
	name, header := "ours-"+q.Reference, "If-None-Match"
	switch d.bug {
	case "names each try anew":
		d.tries++
		name += fmt.Sprint("-", d.tries)
	case "writes over what is there":
		header = "X-None"
	}
	_, _, err := d.do(ctx, "book", http.MethodPut, name, header, "*", event{Interval: q.Slot.Interval, Ours: q.Reference})
	if err != nil && connectors.KindOf(err) != connectors.Changed {
		return connectors.Appointment{}, err
	}
	made, clash, err := d.look(ctx, "book", q.Reference)
	switch {
	case err != nil:
		return made, &connectors.Error{Op: "book", Kind: connectors.OutcomeUnknown, Err: err}
	case clash && d.bug != "does not look again":
		if d.bug != "leaves the loser in the diary" {
			_, _, _ = d.do(ctx, "book", http.MethodDelete, made.Upstream, "If-Match", made.Version, event{})
		}
		return connectors.Appointment{}, &connectors.Error{Op: "book", Kind: connectors.SlotTaken}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known[q.Reference] = made
	return made, nil
}

// look finds an event of ours, and whether somebody else has its time.
func (d *diary) look(ctx context.Context, op, reference string) (made connectors.Appointment, clash bool, err error) {
	events, _, err := d.do(ctx, op, http.MethodGet, "", "", "", event{})
	if err != nil {
		if connectors.KindOf(err) == connectors.NotFound { // the diary, not the event
			err = &connectors.Error{Op: op, Kind: connectors.Unavailable, Err: err}
		}
		return made, false, err
	}
	for name, e := range events {
		if e.Ours == reference {
			made = connectors.Appointment{Reference: reference, Upstream: name, Version: strconv.Itoa(e.Version), Interval: e.Interval}
		}
	}
	if made.Upstream == "" {
		return made, false, &connectors.Error{Op: op, Kind: connectors.NotFound, Err: errAbsent}
	}
	for _, e := range events {
		clash = clash || e.Ours == "" && e.Overlaps(made.Interval)
	}
	return made, clash, nil
}

func (d *diary) Find(ctx context.Context, reference string) (connectors.Appointment, error) {
	d.mu.Lock()
	made, known := d.known[reference]
	d.mu.Unlock()
	if known && d.bug == "finds in its memory" {
		return made, nil
	}
	found, _, err := d.look(ctx, "find", reference)
	if err != nil && d.bug == "finds nothing when it is down" {
		err = &connectors.Error{Op: "find", Kind: connectors.NotFound, Err: err}
	}
	return found, err
}

func (d *diary) Cancel(ctx context.Context, a connectors.Appointment) error {
	version := a.Version
	if d.bug == "does not see that a human came by" {
		version = ""
	}
	_, _, err := d.do(ctx, "cancel", http.MethodDelete, cmp.Or(a.Upstream, "none"), "If-Match", version, event{})
	if d.bug == "cancels all that is ours" {
		events, _, _ := d.do(ctx, "cancel", http.MethodGet, "", "", "", event{})
		for name, e := range events {
			if e.Ours != "" {
				_, _, _ = d.do(ctx, "cancel", http.MethodDelete, name, "", "", event{})
			}
		}
	}
	switch connectors.KindOf(err) {
	case connectors.NotFound:
		if d.bug == "cancels what it cannot ask about" {
			return nil
		}
		_, _, gone := d.look(ctx, "cancel", a.Reference)
		if errors.Is(gone, errAbsent) {
			return nil
		}
		return &connectors.Error{Op: "cancel", Kind: connectors.OutcomeUnknown, Err: gone}
	case connectors.Changed: // or gone
		if _, _, gone := d.look(ctx, "cancel", a.Reference); connectors.KindOf(gone) == connectors.NotFound && d.bug != "cannot cancel twice" {
			return nil
		}
	}
	return err
}

func (d *diary) Move(ctx context.Context, a connectors.Appointment, to connectors.Slot) (connectors.Appointment, error) {
	put := func(at interval.Interval, version string) error {
		_, _, err := d.do(ctx, "move", http.MethodPut, a.Upstream, "If-Match", version, event{Interval: at, Ours: a.Reference})
		return err
	}
	if err := put(to.Interval, a.Version); err != nil {
		return a, err
	}
	moved, clash, err := d.look(ctx, "move", a.Reference)
	if err == nil && clash && d.bug != "moves without looking" {
		return a, errors.Join(put(a.Interval, moved.Version), &connectors.Error{Op: "move", Kind: connectors.SlotTaken})
	}
	return moved, err
}

var errAbsent = errors.New("the diary has no such event")

// deaf is a diary that lost a capability.
type deaf struct{ connectors.Agenda }

func (deaf) Guarantee() connectors.Guarantee { return connectors.Verified }
