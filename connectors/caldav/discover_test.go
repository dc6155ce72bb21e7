package caldav

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"passerelle/internal/testservers"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

func TestTheCalendarIsFoundFromWhateverLeadsToIt(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		named := s.calendar(t)
		s.write(t, named+"a.ics", "a@exemple.fr", hour(9))
		name := named[strings.LastIndex(strings.TrimSuffix(named, "/"), "/")+1 : len(named)-1]
		for _, from := range []string{named, strings.TrimSuffix(named, "/"), s.URL, named[:len(named)-len(name)-1]} {
			settings := s.account()
			if from != named && from != strings.TrimSuffix(named, "/") {
				settings["calendrier"] = name
			}
			a, err := reach(t, env(), from, settings)
			if err != nil {
				t.Fatal(err)
			}
			if r := read(t, a, day); !slices.Equal(r.Busy, []interval.Interval{hour(9)}) {
				t.Errorf("from %s: busy = %v", from, r.Busy)
			}
		}
		several, _ := reach(t, env(), s.URL, s.account())
		_, err := several.Read(t.Context(), connectors.Query{Window: day})
		if connectors.KindOf(err) != connectors.Misconfigured || !strings.Contains(err.Error(), "calendrier") {
			t.Errorf("several calendars: %v", err)
		}
		settings := s.account()
		settings["calendrier"] = "nulle part"
		none, _ := reach(t, env(), s.URL, settings)
		if _, err := none.Read(t.Context(), connectors.Query{Window: day}); connectors.KindOf(err) != connectors.Misconfigured {
			t.Errorf("no such calendar: %v", err)
		}
	})
}

func TestAWrongPasswordIsTheOperatorsAffair(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		if s.User == "" {
			return // it asks nobody
		}
		for _, from := range []string{s.Calendar, s.URL} {
			settings := s.account()
			settings["mot_de_passe"] = "Autre-secret"
			a, err := reach(t, env(), from, settings)
			if err != nil {
				t.Fatal(err)
			}
			_, read := a.Read(t.Context(), connectors.Query{Window: day})
			_, booked := a.Book(t.Context(), connectors.Request{Reference: "rdv_1", Slot: connectors.Slot{Interval: hour(9)}})
			for _, err := range []error{read, booked} {
				if connectors.KindOf(err) != connectors.Misconfigured || strings.Contains(err.Error(), "Autre-secret") {
					t.Errorf("%v", err)
				}
			}
		}
	})
}

func TestACalendarThatMayOnlyBeReadRefusesABookingForGood(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		if s.ReadOnly == "" {
			return
		}
		a, err := reach(t, env(), s.ReadOnly, s.account())
		if err != nil {
			t.Fatal(err)
		}
		if r := read(t, a, day); len(r.Busy)+len(r.Doubt) > 0 {
			t.Errorf("reading = %+v", r)
		}
		if _, err := a.Book(t.Context(), connectors.Request{Reference: "rdv_1", Slot: connectors.Slot{Interval: hour(9)}}); connectors.KindOf(err) != connectors.Misconfigured {
			t.Errorf("Book: %v", err)
		}
	})
}

func TestACalendarThatGoesAndComesBackElsewhere(t *testing.T) {
	s := newSite(t, testservers.StartRadicale)
	first := s.calendar(t)
	s.write(t, first+"a.ics", "a@exemple.fr", hour(9))
	a, _ := reach(t, env(), first, s.account())
	read(t, a, day)
	s.do(t, http.MethodDelete, first, nil, http.StatusOK, http.StatusNoContent)
	if r, err := a.Read(t.Context(), connectors.Query{Window: day}); err == nil {
		t.Errorf("a calendar that is gone reads %+v", r)
	}
	s.do(t, "MKCALENDAR", first, nil, http.StatusCreated)
	s.write(t, first+"b.ics", "b@exemple.fr", hour(11))
	if r := read(t, a, day); !slices.Equal(r.Busy, []interval.Interval{hour(11)}) {
		t.Errorf("busy = %v", r.Busy)
	}
}

func TestWhatIsNoCalendarServer(t *testing.T) {
	var sent atomic.Int64
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		kind    connectors.Kind
	}{
		"a web page": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				http.Error(w, "non", http.StatusMethodNotAllowed)
			}
		}, connectors.Misconfigured},
		"a page for everything": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<!DOCTYPE html><p>Bienvenue")
		}, connectors.Unavailable},
		"nothing at all": {http.NotFound, connectors.NotFound},
		"300 MB": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusMultiStatus)
			chunk := bytes.Repeat([]byte("<d/>"), 1<<18)
			for range 300 {
				n, err := w.Write(chunk)
				if sent.Add(int64(n)); err != nil {
					return
				}
			}
		}, connectors.Unavailable},
		"a bomb of entities": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = io.WriteString(w, `<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><multistatus xmlns="DAV:"><response><href>&b;</href></response></multistatus>`)
		}, connectors.Unavailable},
		"another server": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://ailleurs.exemple.fr/dav/", http.StatusMovedPermanently)
		}, connectors.Misconfigured},
		"a circle": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusMovedPermanently)
		}, connectors.Misconfigured},
	} {
		server := httptest.NewServer(c.handler)
		defer server.Close()
		a, err := reach(t, env(), server.URL+"/s3cr3t/", map[string]any{"compte": "a", "mot_de_passe": "s3cr3t"})
		if err != nil {
			t.Fatal(err)
		}
		r, err := a.Read(t.Context(), connectors.Query{Window: day})
		if connectors.KindOf(err) != c.kind || r.Basis != 0 {
			t.Errorf("%s: %+v, %v, want %q", name, r, err, c.kind)
		}
		if err != nil && strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: a secret is in %q", name, err)
		}
	}
	if most := int64(64 << 20); sent.Load() > most {
		t.Errorf("%d bytes of a far too long answer were taken, want at most %d", sent.Load(), most)
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	const at = "https://exemple.fr/dav/"
	for _, c := range []struct {
		address  string
		settings map[string]any
		word     string
	}{
		{"", nil, "adresse"},
		{"ftp://exemple.fr/", nil, "adresse"},
		{"https://a:b@exemple.fr/dav/", nil, "compte"},
		{"https://exemple.fr/dav/a/?export", nil, "adresse"},
		{"https://apidata.googleusercontent.com/caldav/v2/a/events/", nil, "Google"},
		{"https://www.google.com/calendar/dav/a/user", nil, "Google"},
		{at, map[string]any{"compte": "a"}, "mot_de_passe"},
		{at, map[string]any{"mot_de_passe": "b"}, "compte"},
		{at, map[string]any{"compte": "a:b", "mot_de_passe": "c"}, "compte"},
		{at, map[string]any{"compte": "a", "mot_de_passe": "b", "jeton": "c"}, "jeton"},
		{at, map[string]any{"jeton": "a\r\nX: b"}, "jeton"},
		{at, map[string]any{"libres": []string{"tout"}}, "libres"},
		{at, map[string]any{"motdepasse": "b"}, "motdepasse"},
	} {
		_, err := reach(t, env(), c.address, c.settings)
		if connectors.KindOf(err) != connectors.Invalid || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%q %v: %v, want a word of %q", c.address, c.settings, err, c.word)
		}
	}
	for _, good := range []map[string]any{nil, {"jeton": "a"}, {"compte": "é", "mot_de_passe": "a:b"}} {
		if _, err := reach(t, env(), at, good); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
}

func TestDiariesOfOneAddressAreToldApart(t *testing.T) {
	of := func(settings string) string {
		return Connector.Diary(connectors.Connection{Address: "https://exemple.fr/", Settings: json.RawMessage(settings)})
	}
	a, b, c := of(`{"compte":"a","mot_de_passe":"x"}`), of(`{"compte":"b","mot_de_passe":"x"}`), of(`{"compte":"a","mot_de_passe":"y","calendrier":"z"}`)
	if a == b || a == c || a != of(`{"compte":"a","mot_de_passe":"other"}`) {
		t.Errorf("diaries = %q %q %q", a, b, c)
	}
}
