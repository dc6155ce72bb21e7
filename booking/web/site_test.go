package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

const (
	id    = "80b57c92017cfa07c5451b7a6f6a11dc"
	token = "AbC-d_0123456789jeton"
)

var now = time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)

// register has nothing.
type register struct{}

func (register) Put(context.Context, booking.Connection) (string, error) { return "", nil }

func (register) Change(context.Context, string, func(*booking.Connection) error) (string, error) {
	return "", nil
}

func (register) Same(connectors.Connection) (*booking.Agenda, bool) { return nil, false }

func (register) AtPlace(context.Context, []string, interval.Interval, ...booking.Status) ([]booking.Appointment, error) {
	return nil, nil
}

func (register) StandingAt(context.Context, []string, interval.Interval) ([]booking.Appointment, error) {
	return nil, nil
}

func (register) OpenCalendar(context.Context, *booking.Place, string) (string, error) { return "", nil }

func (register) CloseCalendar(context.Context, *booking.Place, string) error { return nil }

func (register) Calendar(context.Context, *booking.Place) (string, time.Time, error) {
	return "", time.Time{}, nil
}

func (register) OfCalendar(context.Context, string) (string, string, error) {
	return "", "", booking.Missing()
}

func (register) KeptBy(context.Context, string, []string) ([]booking.Appointment, error) {
	return nil, nil
}

// requests is one appointment and what was decided of it, as booking.Service does.
type requests struct {
	mu      sync.Mutex
	a       booking.Appointment
	decided []string
	fails   error                            // of Decide
	before  func(*booking.Appointment)       // what happens just before Decide
	agenda  func(*booking.Appointment) error // what the structure's own agenda makes of an acceptance
}

func (s *requests) Show(_ context.Context, asked string) (booking.Appointment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked != s.a.ID {
		return booking.Appointment{}, booking.Missing()
	}
	return s.a, nil
}

func (s *requests) Decide(_ context.Context, asked string, accept bool, reason booking.Words) (booking.Appointment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before != nil {
		s.before(&s.a)
	}
	switch {
	case s.fails != nil:
		return booking.Appointment{}, s.fails
	case asked != s.a.ID:
		return booking.Appointment{}, booking.Missing()
	case s.a.Status != booking.Requested:
		_, _, err := booking.Step(booking.Standing{Status: s.a.Status}, booking.Ask)
		return s.a, err
	}
	s.a.Status = booking.Refused
	if accept {
		s.a.Status = booking.Confirmed
		if s.agenda != nil {
			return s.a, s.agenda(&s.a)
		}
	}
	s.decided = append(s.decided, string(s.a.Status)+" "+string(reason))
	return s.a, nil
}

func (s *requests) decisions() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.decided, ";")
}

// site is the pages behind a real server.
type site struct {
	t     *testing.T
	url   string
	store *requests
	log   *bytes.Buffer
}

func newSite(t *testing.T, change func(*requests, *Options)) *site {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	store := &requests{a: booking.Appointment{
		ID: id, Place: "lieu-1", Status: booking.Requested, Seats: 2, Interval: interval.Of(start, start.Add(45*time.Minute)),
		Motif: booking.Motif{Label: "Accompagnement individuel"}, Expires: time.Date(2026, 11, 27, 8, 30, 0, 0, time.UTC),
		Details: &booking.Details{
			Beneficiary: booking.Beneficiary{FirstName: "Zoé <b>", LastName: "Nomdefamille", Phone: "+33612345678", Email: "zoe@exemple.org", Address: "3 impasse Secrète"},
			Prescriber:  booking.Prescriber{FirstName: "Camille", LastName: "Aidante", Email: "camille@exemple.org"},
			Need:        booking.Need{Services: []string{"Aide aux démarches administratives"}, Details: "Dossier.\n<script>alert(1)</script>"},
			Reception:   []string{"LSF"},
		},
	}}
	s := &site{t: t, store: store, log: new(bytes.Buffer)}
	o := Options{
		Service: &booking.Service{}, Register: register{}, Connections: register{}, Calendars: register{}, Codes: Codes{Called: func(context.Context, string) ([]booking.Appointment, error) { return nil, nil }, Allow: func(context.Context, string, string) bool { return true }}, Requests: store,
		Read: func(given string, at time.Time) (string, error) {
			switch given {
			case token:
				return id, nil
			case "autre":
				return "inconnu", nil
			case "vieux":
				return "", &booking.Error{Kind: connectors.Refused, Code: "lien_expire"}
			}
			return "", &booking.Error{Kind: connectors.NotFound, Code: "lien_inconnu"}
		},
		Place: func(string) *booking.Place {
			return &booking.Place{Name: "Médiathèque d'Eurre", Address: "12 rue de la Mairie", PostalCode: "26400", Commune: "Eurre", Zone: zone}
		},
		Consents: consents{}, ConsentLink: func(agenda string) string { return "/consentement/" + agenda }, ReadPerson: func(string, time.Time) (string, error) { return "", booking.Missing() }, SignIn: SignIn{Desk: &signin.Desk{}}, Public: "https://passerelle.example",
		ReadConsent: func(given string, _ time.Time) (string, error) {
			switch given {
			case token:
				return "agenda-1", nil
			case "vieux":
				return "", &booking.Error{Kind: connectors.Refused, Code: "lien_expire"}
			}
			return "", &booking.Error{Kind: connectors.NotFound, Code: "lien_inconnu"}
		},
		Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: func() time.Time { return now },
	}
	if change != nil {
		change(store, &o)
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	s.url = server.URL
	t.Cleanup(func() {
		server.Close()
		for _, word := range []string{token, "code-secret", "vieux", "faux", "Zoé", "Nomdefamille", "612345", "Aidante", "souffrante", "exemple.org"} {
			if strings.Contains(s.log.String(), word) {
				t.Errorf("the log has %q:\n%s", word, s.log)
			}
		}
	})
	return s
}

func (s *site) ask(method, token string, form url.Values) (status int, body string) {
	s.t.Helper()
	return s.visit(method, "/demandes/"+token, form)
}

// visit makes a call and checks what every answer has.
func (s *site) visit(method, path string, form url.Values) (status int, body string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := (&http.Client{}).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8",
	} {
		if got := answer.Header.Get(name); got != want {
			s.t.Errorf("%s of a %d is %q, want %q", name, answer.StatusCode, got, want)
		}
	}
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		s.t.Errorf("the policy of a %d is %q", answer.StatusCode, policy)
	}
	if len(answer.Cookies()) > 0 {
		s.t.Error("a cookie is set")
	}
	return answer.StatusCode, string(content)
}

func (s *site) want(method, token string, form url.Values, status int, words string) {
	s.t.Helper()
	got, body := s.ask(method, token, form)
	if got != status || !strings.Contains(body, words) {
		s.t.Errorf("%s %s: %d without %q, want %d:\n%s", method, form, got, words, status, body)
	}
}
