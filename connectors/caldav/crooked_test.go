package caldav

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"passerelle/internal/testservers"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// crooked changes what a real server answers.
func crooked(t *testing.T, s *site, change func(r *http.Request, body string, status int) (string, int)) string {
	t.Helper()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		u, _ := url.Parse(s.URL)
		out, _ := http.NewRequest(r.Method, u.ResolveReference(&url.URL{Path: r.URL.Path}).String(), bytes.NewReader(body))
		out.Header = r.Header.Clone()
		out.Header.Del("Accept-Encoding")
		resp, err := http.DefaultClient.Do(out)
		if err != nil {
			http.Error(w, "non", http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer, status := change(r, string(text), resp.StatusCode)
		for _, name := range []string{"ETag", "Content-Type"} {
			w.Header().Set(name, resp.Header.Get(name))
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(front.Close)
	return front.URL + "/"
}

func asks(r *http.Request, report string) bool {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return bytes.Contains(body, []byte(report))
}

func TestAnObjectThatTheServerListsAndDoesNotGiveIsInDoubt(t *testing.T) {
	s := newSite(t, testservers.StartRadicale)
	calendar := s.calendar(t)
	s.write(t, calendar+"a.ics", "a@exemple.fr", hour(9))
	s.write(t, calendar+"b.ics", "b@exemple.fr", hour(11))
	path := strings.TrimPrefix(calendar, s.URL)
	empty := `<?xml version="1.0"?><multistatus xmlns="DAV:"/>`
	for name, c := range map[string]struct {
		get   int // what a GET answers; zero: as the server does
		doubt bool
	}{"but by itself": {0, false}, "nor by itself": {http.StatusNotFound, true}, "and may not be read": {http.StatusForbidden, true}} {
		a, _ := reach(t, env(), crooked(t, s, func(r *http.Request, body string, status int) (string, int) {
			switch {
			case asks(r, "multiget"):
				return empty, http.StatusMultiStatus
			case r.Method == http.MethodGet && c.get != 0:
				return "non", c.get
			}
			return body, status
		})+path, s.account())
		r := read(t, a, day)
		if c.doubt != (len(r.Doubt) > 0) || !c.doubt && len(r.Busy) != 2 {
			t.Errorf("%s: reading = %+v", name, r)
		}
		if c.doubt && r.Doubt[0].Interval != day {
			t.Errorf("%s: the doubt is about %v alone", name, r.Doubt[0].Interval)
		}
	}
}

// A server behind a proxy may call itself by a name that is not for us.
func TestTheServersOwnNameForItselfDoesNotMatter(t *testing.T) {
	s := newSite(t, testservers.StartRadicale)
	calendar := s.calendar(t)
	s.write(t, calendar+"a%40b é.ics", "a@exemple.fr", hour(9))
	a, _ := reach(t, env(), crooked(t, s, func(_ *http.Request, body string, status int) (string, int) {
		return strings.ReplaceAll(body, "<href>/", "<href>http://interne.exemple.fr:5232/"), status
	})+strings.TrimPrefix(calendar, s.URL), s.account())
	if r := read(t, a, day); !slices.Equal(r.Busy, []interval.Interval{hour(9)}) || len(r.Doubt) > 0 {
		t.Errorf("reading = %+v", r)
	}
	made, err := a.Book(t.Context(), connectors.Request{Reference: "rdv_1", Slot: connectors.Slot{Interval: hour(11)}, Title: "Rendez-vous"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Cancel(t.Context(), made); err != nil {
		t.Error(err)
	}
}

func TestAnEventOfOursThatIsNotListedIsFoundAtItsPath(t *testing.T) {
	s := newSite(t, testservers.StartRadicale)
	calendar := s.calendar(t)
	blind := false
	a, _ := reach(t, env(), crooked(t, s, func(r *http.Request, body string, status int) (string, int) {
		if blind && (asks(r, "sync-collection") || asks(r, "getetag") && r.Method == "PROPFIND") {
			return `<?xml version="1.0"?><multistatus xmlns="DAV:"><sync-token>rien</sync-token></multistatus>`, http.StatusMultiStatus
		}
		return body, status
	})+strings.TrimPrefix(calendar, s.URL), s.account())
	read(t, a, day)
	blind = true
	_, err := a.Book(t.Context(), connectors.Request{Reference: "rdv_1", Slot: connectors.Slot{Interval: hour(9)}, Title: "Rendez-vous"})
	if connectors.KindOf(err) != connectors.OutcomeUnknown {
		t.Errorf("Book: %v", err)
	}
	if found, err := a.Find(t.Context(), "rdv_1"); err != nil || found.Interval != hour(9) {
		t.Errorf("Find = %+v, %v", found, err)
	}
	if _, err := a.Find(t.Context(), "rdv_2"); connectors.KindOf(err) != connectors.NotFound {
		t.Errorf("Find of what is not there: %v", err)
	}
}

func TestAnObjectThatGoesWhileItIsReadDoesNotHideTheOthers(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		calendar := s.calendar(t)
		s.write(t, calendar+"a.ics", "a@exemple.fr", hour(9))
		s.write(t, calendar+"b.ics", "b@exemple.fr", hour(11))
		gone := false
		a, _ := reach(t, env(), crooked(t, s, func(r *http.Request, body string, status int) (string, int) {
			if !gone && status == http.StatusMultiStatus && !asks(r, "d:displayname") && asks(r, "getetag") {
				gone = true // after it was listed
				s.do(t, http.MethodDelete, calendar+"b.ics", nil, http.StatusOK, http.StatusNoContent)
			}
			return body, status
		})+strings.TrimPrefix(calendar, s.URL), s.account())
		r := read(t, a, day)
		if !gone || len(r.Busy) != 1 || r.Busy[0] != hour(9) || len(r.Doubt) == 0 {
			t.Errorf("reading = %+v", r)
		}
		if r := read(t, a, day); len(r.Busy) != 1 || len(r.Doubt) > 0 {
			t.Errorf("the next reading = %+v", r)
		}
	})
}

func TestAnEventThatTheServerDoesNotTakeIsRefusedForGood(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		calendar := s.calendar(t)

		for _, refusal := range []int{http.StatusMultiStatus, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge} {
			a, _ := reach(t, env(), calendar, s.account())
			a.server.http = &http.Client{Transport: refusing{refusal}}
			if _, err := a.Book(t.Context(), connectors.Request{Reference: "rdv_1", Slot: connectors.Slot{Interval: hour(9)}}); connectors.KindOf(err) != connectors.Refused {
				t.Errorf("%d: %v", refusal, err)
			}
		}
	})
}

// refusing answers every PUT, which then does not arrive.
type refusing struct{ status int }

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPut {
		return &http.Response{StatusCode: f.status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	return http.DefaultTransport.RoundTrip(r)
}
