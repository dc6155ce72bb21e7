package caldav

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"passerelle/internal/testservers"

	"passerelle/connectors"
)

// told is a calendar whose answers the test writes, as no server at hand gives them.
func told(t *testing.T, answer func(ask string, r *http.Request) (status int, body string)) *agenda {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		ask := r.Method
		switch {
		case strings.Contains(string(body), "displayname"):
			ask = "where"
		case strings.Contains(string(body), "sync-collection"):
			ask = "sync"
		case strings.Contains(string(body), "multiget"):
			ask = "multiget"
		case r.Method == "PROPFIND":
			ask = "list"
		}
		if ask == "where" {
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = io.WriteString(w, multi(`<d:response><d:href>/cal/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/><c:calendar/></d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`))
			return
		}
		status, text := answer(ask, r)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	a, err := reach(t, env(), server.URL+"/cal/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func multi(responses string) string {
	return `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">` + responses + `</d:multistatus>`
}

const (
	itself   = `<d:response><d:href>/cal/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`
	entry    = `<d:response><d:href>%s</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`
	unlisted = `<d:response><d:href>/cal/</d:href><d:status>HTTP/1.1 %s</d:status></d:response>`
)

// data is an object as multiget gives it.
func data(href, uid string, h int) string {
	return fmt.Sprintf(`<d:response><d:href>%s</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag><c:calendar-data>%s</c:calendar-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`,
		href, text(uid, h, ""))
}

func text(uid string, h int, more string) string {
	return "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//exemple//FR\nBEGIN:VEVENT\nUID:" + uid + "\nDTSTAMP:20260101T000000Z\nDTSTART:" +
		hour(h).StartTime().Format("20060102T150405Z") + "\nDURATION:PT1H\n" + more + "END:VEVENT\nEND:VCALENDAR\n"
}

// What a server says against the calendar as a whole is never that nothing is in it.
func TestARefusalInsideAMultistatusIsNoEmptyCalendar(t *testing.T) {
	for name, c := range map[string]struct{ sync, list string }{
		"403 in the list":              {"", multi(fmt.Sprintf(unlisted, "403 Forbidden"))},
		"a list of nothing":            {"", multi("")},
		"a list of something else":     {"", multi(strings.ReplaceAll(itself, "/cal/", "/autre/"))},
		"403 in the changes":           {multi(fmt.Sprintf(unlisted, "403 Forbidden") + "<d:sync-token>t</d:sync-token>"), multi(fmt.Sprintf(unlisted, "403 Forbidden"))},
		"changes that are cut forever": {multi(fmt.Sprintf(entry, "/cal/a.ics") + fmt.Sprintf(unlisted, "507 Insufficient Storage") + "<d:sync-token>t</d:sync-token>"), multi("")},
	} {
		a := told(t, func(ask string, _ *http.Request) (int, string) {
			switch {
			case ask == "sync" && c.sync != "":
				return http.StatusMultiStatus, c.sync
			case ask == "sync":
				return http.StatusForbidden, ""
			case ask == "list":
				return http.StatusMultiStatus, c.list
			}
			return http.StatusNotFound, ""
		})
		if r, err := a.Read(t.Context(), connectors.Query{Window: day}); err == nil {
			t.Errorf("%s: reading = %+v", name, r)
		}
	}
}

// A page of changes that is cut, from a server that does not go on, makes the calendar be listed whole.
func TestChangesThatAreCutAreNotTheWhole(t *testing.T) {
	a := told(t, func(ask string, _ *http.Request) (int, string) {
		switch ask {
		case "sync":
			return http.StatusMultiStatus, multi(fmt.Sprintf(entry, "/cal/a.ics") + fmt.Sprintf(unlisted, "507 Insufficient Storage"))
		case "list":
			return http.StatusMultiStatus, multi(itself + fmt.Sprintf(entry, "/cal/a.ics") + fmt.Sprintf(entry, "/cal/b.ics"))
		}
		return http.StatusMultiStatus, multi(data("/cal/a.ics", "a", 9) + data("/cal/b.ics", "b", 11))
	})
	if r := read(t, a, day); len(r.Busy) != 2 || len(r.Doubt) > 0 {
		t.Errorf("reading = %+v", r)
	}
}

func TestAnObjectWithoutAReadableAddressIsInDoubt(t *testing.T) {
	a := told(t, func(ask string, _ *http.Request) (int, string) {
		switch ask {
		case "sync":
			return http.StatusForbidden, ""
		case "list":
			return http.StatusMultiStatus, multi(itself + fmt.Sprintf(entry, "/cal/50%.ics") + fmt.Sprintf(entry, "/cal/a.ics"))
		}
		return http.StatusMultiStatus, multi(data("/cal/a.ics", "a", 9))
	})
	if r := read(t, a, day); len(r.Busy) != 1 || len(r.Doubt) == 0 {
		t.Errorf("reading = %+v", r)
	}
}

// An answer without a token says nothing of what changed.
func TestChangesWithoutATokenAreListedAnew(t *testing.T) {
	first := true
	a := told(t, func(ask string, r *http.Request) (int, string) {
		switch {
		case ask == "sync" && first:
			first = false
			return http.StatusMultiStatus, multi(fmt.Sprintf(entry, "/cal/a.ics") + "<d:sync-token>t</d:sync-token>")
		case ask == "sync":
			return http.StatusMultiStatus, multi("")
		case ask == "list":
			return http.StatusMultiStatus, multi(itself + fmt.Sprintf(entry, "/cal/a.ics") + fmt.Sprintf(entry, "/cal/b.ics"))
		}
		return http.StatusMultiStatus, multi(data("/cal/a.ics", "a", 9) + data("/cal/b.ics", "b", 11))
	})
	read(t, a, day)
	if r := read(t, a, day); len(r.Busy) != 2 {
		t.Errorf("reading = %+v", r)
	}
}

func TestWhatIsAtThePathOfAnEventAndCannotBeReadIsNotAbsent(t *testing.T) {
	a := told(t, func(ask string, r *http.Request) (int, string) {
		switch ask {
		case "sync":
			return http.StatusMultiStatus, multi("<d:sync-token>t</d:sync-token>")
		case http.MethodGet:
			return http.StatusOK, "<!DOCTYPE html><p>Connexion"
		}
		return http.StatusMultiStatus, multi("")
	})
	if _, err := a.Find(t.Context(), "rdv_1"); err == nil || connectors.KindOf(err) != connectors.Unavailable {
		t.Errorf("Find: %v", err)
	}
	if err := a.Cancel(t.Context(), connectors.Appointment{Reference: "rdv_1", Interval: hour(9)}); err == nil {
		t.Error("it is cancelled")
	}
}

// A success that is none for an event leaves everything open.
func TestOnlyThreeAnswersMeanThatItIsDeleted(t *testing.T) {
	for status, want := range map[int]connectors.Kind{202: connectors.OutcomeUnknown, 207: connectors.OutcomeUnknown, 301: connectors.Misconfigured} {
		a := told(t, func(ask string, r *http.Request) (int, string) {
			switch ask {
			case "sync":
				return http.StatusMultiStatus, multi(fmt.Sprintf(entry, "/cal/rdv_1.ics") + "<d:sync-token>t</d:sync-token>")
			case http.MethodDelete:
				return status, ""
			}
			return http.StatusMultiStatus, multi(data("/cal/rdv_1.ics", connectors.UIDOf("rdv_1"), 9))
		})
		if err := a.Cancel(t.Context(), connectors.Appointment{Reference: "rdv_1", Interval: hour(9)}); err == nil || connectors.KindOf(err) != want {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// A human who makes a series of an appointment of ours has other dates in it.
func TestAnAppointmentThatBecameASeriesIsNotDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		calendar := s.calendar(t)
		a, _ := reach(t, env(), calendar, s.account())
		read(t, a, day)
		made, err := a.Book(t.Context(), connectors.Request{Reference: "rdv_1", Slot: connectors.Slot{Interval: hour(9)}, Title: "Rendez-vous"})
		if err != nil {
			t.Fatal(err)
		}
		base, _ := url.Parse(calendar)
		event, err := base.Parse(made.Upstream)
		if err != nil {
			t.Fatal(err)
		}
		s.do(t, http.MethodPut, event.String(), []byte(strings.ReplaceAll(text(connectors.UIDOf("rdv_1"), 9, "RRULE:FREQ=WEEKLY;COUNT=4\n"), "\n", "\r\n")), http.StatusCreated, http.StatusNoContent)
		if err := a.Cancel(t.Context(), made); err == nil || connectors.KindOf(err) != connectors.Changed {
			t.Errorf("Cancel: %v", err)
		}
		if r := read(t, a, day); len(r.Own) != 1 || r.Own[0].Interval != hour(9) {
			t.Errorf("own = %+v", r.Own)
		}
	})
}

func TestAnotherProgramDoesNotBelieveWhatThisOneUnderstood(t *testing.T) {
	s := newSite(t, testservers.StartRadicale)
	calendar := s.calendar(t)
	s.write(t, calendar+"a.ics", "a@exemple.fr", hour(9))
	kept := &drawer{}
	e := env()
	e.State, e.Version = kept, "1"
	first, _ := reach(t, e, calendar, s.account())
	read(t, first, day)
	for name, change := range map[string]func(){
		"another version":    func() { e.Version = "2" },
		"half of it is lost": func() { kept.text = kept.text[:len(kept.text)/2] },
		"another shape":      func() { kept.text = []byte(strings.Replace(string(kept.text), `"Busy":[`, `"Busy":3,"X":[`, 1)) },
	} {
		change()
		again, requests := counted(e)
		second, _ := reach(t, again, calendar, s.account())
		if r := read(t, second, day); len(r.Busy) != 1 || requests.seen["calendar-multiget"] != 1 {
			t.Errorf("%s: reading = %+v after %v", name, r, requests.seen)
		}
	}
}

// One who asks for a longer time, and one who asks for a shorter, do not make each other read everything again.
func TestTwoWindowsDoNotFightOverTheCopy(t *testing.T) {
	s := newSite(t, testservers.StartRadicale)
	calendar := s.calendar(t)
	s.write(t, calendar+"a.ics", "a@exemple.fr", hour(9))
	e, requests := counted(env())
	a, _ := reach(t, e, calendar, s.account())
	days := func(from, to int) { // from the suite's day
		w := day
		w.Start, w.End = day.Start+int64(from)*86400, day.Start+int64(to)*86400
		read(t, a, w)
	}
	for range 5 {
		days(0, 20)
		days(70, 90)
	}
	if n := requests.seen["calendar-multiget"]; n > 2 {
		t.Errorf("the calendar was read %d times", n)
	}
}

func TestACalendarOfTooManyOccurrencesIsNotKept(t *testing.T) {
	a := told(t, func(ask string, _ *http.Request) (int, string) {
		if ask == "sync" {
			return http.StatusMultiStatus, multi(fmt.Sprintf(entry, "/cal/a.ics") + "<d:sync-token>t</d:sync-token>")
		}
		return http.StatusMultiStatus, multi(fmt.Sprintf(`<d:response><d:href>/cal/a.ics</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag><c:calendar-data>%s</c:calendar-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`,
			strings.ReplaceAll(text("a", 9, "RRULE:FREQ=HOURLY;BYMINUTE=0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,46,48,50,52,54,56,58\n"), "PT1H", "PT1M")))
	})
	read(t, a, day)
	later := day // what was not reached of the series is in doubt
	later.Start, later.End = day.Start+35*86400, day.End+35*86400
	if r := read(t, a, later); len(r.Doubt) == 0 || a.copy.spans() > mostOfOne+1 {
		t.Errorf("%d intervals are kept, doubt = %v", a.copy.spans(), r.Doubt)
	}
}
