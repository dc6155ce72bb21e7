package caldav

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/icalendar"
	"passerelle/connectors/interval"
	"passerelle/internal/testservers"
)

// site is a server with calendars of the tests, and whoever else writes to them.
type site struct {
	*testservers.CalDAVServer
	mu    sync.Mutex
	where map[connectors.Agenda]string // calendar of each agenda that was opened
}

func newSite(t testing.TB, start func(testing.TB) *testservers.CalDAVServer) *site {
	return &site{CalDAVServer: start(t), where: make(map[connectors.Agenda]string)}
}

// calendar makes an empty calendar beside the first one.
func (s *site) calendar(t testing.TB) string {
	t.Helper()
	parent := s.Calendar[:strings.LastIndex(strings.TrimSuffix(s.Calendar, "/"), "/")+1]
	made := parent + "essai-" + strings.ToLower(rand.Text()[:10]) + "/"
	s.do(t, "MKCALENDAR", made, nil, http.StatusCreated)
	return made
}

// do is somebody else's request.
func (s *site) do(t testing.TB, method, address string, body []byte, want ...int) []byte {
	t.Helper()
	req, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if s.User != "" {
		req.SetBasicAuth(s.User, s.Password)
	}
	if method == http.MethodPut {
		req.Header.Set("Content-Type", "text/calendar; charset=utf-8")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	for _, status := range want {
		if resp.StatusCode == status {
			return answer
		}
	}
	t.Fatalf("%s %s: %s\n%s", method, address, resp.Status, answer)
	return nil
}

// write puts an event as another program would.
func (s *site) write(t testing.TB, address, uid string, at interval.Interval) {
	t.Helper()
	var text bytes.Buffer
	if err := icalendar.Write(&text, icalendar.Message{UID: uid, Stamp: connectorstest.Now, Interval: at, Summary: "Réunion"}); err != nil {
		t.Fatal(err)
	}
	s.do(t, http.MethodPut, address, text.Bytes(), http.StatusCreated, http.StatusNoContent)
}

// fill takes all of the frame but what is free.
func (s *site) fill(t testing.TB, calendar string, free []interval.Interval) {
	t.Helper()
	var writers sync.WaitGroup
	gate := make(chan struct{}, 4)
	for i, taken := range interval.Minus([]interval.Interval{connectorstest.Frame}, interval.Union(free)) {
		writers.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			s.write(t, fmt.Sprintf("%sautre-%d.ics", calendar, i), fmt.Sprintf("autre-%d@exemple.fr", i), taken)
		})
	}
	writers.Wait()
}

func (s *site) settings(t testing.TB) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(map[string]string{"compte": s.User, "mot_de_passe": s.Password})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// open opens an agenda of a calendar, reached at another root if there is a proxy.
func (s *site) open(t testing.TB, env connectors.Env, p *connectorstest.Proxy, calendar string) connectors.Agenda {
	t.Helper()
	address := calendar
	if p != nil {
		u, _ := url.Parse(calendar)
		address = p.Before(t, s.URL) + u.EscapedPath()
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	env.HTTP = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	a, err := Connector.Open(connectors.Connection{Address: address, Settings: s.settings(t), Zone: zone}, env)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.where[a] = calendar
	return a
}

func (s *site) of(a connectors.Agenda) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.where[a]
}

func (s *site) harness() connectorstest.Harness {
	filled := func(t testing.TB, env connectors.Env, p *connectorstest.Proxy, free []interval.Interval) connectors.Agenda {
		calendar := s.calendar(t)
		s.fill(t, calendar, free)
		return s.open(t, env, p, calendar)
	}
	h := connectorstest.Harness{
		Want:      connectors.Capabilities{Book: true, Cancel: true, Find: true},
		Guarantee: connectors.Verified,
		Basis:     connectors.Busy,
		New: func(t testing.TB, env connectors.Env, free ...interval.Interval) connectors.Agenda {
			return filled(t, env, nil, free)
		},
		Fault: func(t testing.TB, env connectors.Env, p *connectorstest.Proxy, free ...interval.Interval) connectors.Agenda {
			return filled(t, env, p, free)
		},
		Take: func(t testing.TB, a connectors.Agenda, taken interval.Interval) {
			s.write(t, s.of(a)+"pris-"+fmt.Sprint(taken.Start)+".ics", fmt.Sprintf("pris-%d@exemple.fr", taken.Start), taken)
		},
		Touch: func(t testing.TB, a connectors.Agenda, booked connectors.Appointment, to interval.Interval) {
			base, _ := url.Parse(s.of(a))
			event, err := base.Parse(booked.Upstream)
			if err != nil {
				t.Fatal(err)
			}
			s.write(t, event.String(), connectors.UIDOf(booked.Reference), to)
		},
		Spoil: func(t testing.TB, a connectors.Agenda, at interval.Interval) {
			// A zone that nobody knows: servers take it, and its instant is anybody's guess.
			text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\nBEGIN:VEVENT\r\nUID:flou@exemple.fr\r\nDTSTAMP:20260301T000000Z\r\n" +
				"DTSTART;TZID=Nulle/Part:" + at.StartTime().Format("20060102T150405") + "\r\nDTEND;TZID=Nulle/Part:" + at.EndTime().Format("20060102T150405") +
				"\r\nSUMMARY:Flou\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
			s.do(t, http.MethodPut, s.of(a)+"flou.ics", []byte(text), http.StatusCreated, http.StatusNoContent)
		},
		Secrets: []string{"s3cr3t"},
	}
	if s.Password != "" {
		h.Secrets = []string{s.Password, url.QueryEscape(s.Password), strings.TrimPrefix(basic(s), "Basic ")}
	}
	return h
}

func basic(s *site) string {
	header, _ := Settings{User: s.User, Password: s.Password}.authorization()
	return header
}

func TestAgainstRealServers(t *testing.T) {
	for name, start := range testservers.CalDAVServers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			connectorstest.Run(t, newSite(t, start).harness())
		})
	}
}
