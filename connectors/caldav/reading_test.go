package caldav

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/internal/testservers"

	"passerelle/connectors"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/interval"
)

// Real servers leave such occurrences out when they are asked for a time range or for free and busy time.
func TestASeriesThatBeganBeforeIsExact(t *testing.T) {
	const series = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\n" +
		"BEGIN:VEVENT\r\nUID:serie@exemple.fr\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Paris:20260204T100000\r\nDURATION:PT1H\r\n" +
		"RRULE:FREQ=WEEKLY;COUNT=8\r\nEXDATE;TZID=Europe/Paris:20260311T100000\r\nSUMMARY:Équipe\r\nEND:VEVENT\r\n" +
		"BEGIN:VEVENT\r\nUID:serie@exemple.fr\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID;TZID=Europe/Paris:20260318T100000\r\nDTSTART;TZID=Europe/Paris:20260318T150000\r\nDURATION:PT1H\r\nSUMMARY:Équipe\r\nEND:VEVENT\r\n" +
		"END:VCALENDAR\r\n"
	utc := func(month time.Month, day, hour int) interval.Interval {
		start := time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
		return interval.Of(start, start.Add(time.Hour))
	}
	each(t, func(t *testing.T, s *site) {
		calendar := s.calendar(t)
		s.do(t, http.MethodPut, calendar+"serie.ics", []byte(series), http.StatusCreated, http.StatusNoContent)
		a, err := reach(t, env(), calendar, s.account())
		if err != nil {
			t.Fatal(err)
		}
		w := interval.Of(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC))
		want := []interval.Interval{utc(3, 4, 9), utc(3, 18, 14), utc(3, 25, 9)}
		if r := read(t, a, w); !slices.Equal(r.Busy, want) || len(r.Doubt) > 0 {
			t.Errorf("busy = %v, doubt = %v, want %v", r.Busy, r.Doubt, want)
		}
	})
}

func TestAnItinerantAgendaSaysWhereItIsAlsoAfterARestart(t *testing.T) {
	s := newSite(t, testservers.StartRadicale)
	calendar := s.calendar(t)
	for i, location := range []string{"Crest", "Die", "ailleurs"} {
		text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\nBEGIN:VEVENT\r\nUID:" + location + "@exemple.fr\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:" +
			hour(9+i).StartTime().Format("20060102T150405Z") + "\r\nDURATION:PT1H\r\nLOCATION:" + location + "\r\nSUMMARY:Permanence\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		s.do(t, http.MethodPut, fmt.Sprintf("%s%d.ics", calendar, i), []byte(text), http.StatusCreated)
	}
	settings := s.account()
	settings["ouvertures"], settings["etapes"] = "toutes", map[string][]string{"lieu-crest": {"crest"}, "lieu-die": {"die"}}
	e, want := env(), []connectors.Stop{{Interval: hour(9), Place: "lieu-crest"}, {Interval: hour(10), Place: "lieu-die"}}
	kept := &drawer{}
	e.State = kept
	for range 2 {
		a, err := reach(t, e, calendar, settings)
		if err != nil {
			t.Fatal(err)
		}
		if r := read(t, a, day); !slices.Equal(r.Stops, want) || len(r.Open) != 1 || len(r.Doubt) != 1 || r.Doubt[0].Interval != hour(11) {
			t.Errorf("reading = %+v", r)
		}
	}
	if bytes.Contains(kept.text, []byte("ailleurs")) {
		t.Error("what is kept holds the text of an event")
	}
}

func TestOnlyWhatChangedIsReadAgainAlsoAfterARestart(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		calendar := s.calendar(t)
		for h := range 5 {
			s.write(t, fmt.Sprintf("%s%d.ics", calendar, h), fmt.Sprintf("%d@exemple.fr", h), hour(h))
		}
		kept := &drawer{}
		e := env()
		e.State = kept
		first, _ := reach(t, e, calendar, s.account())
		before := read(t, first, day)
		if bytes.Contains(kept.text, []byte("union")) || s.Password != "" && bytes.Contains(kept.text, []byte(s.Password)) {
			t.Errorf("what is kept tells of events or passwords: %s", kept.text)
		}

		e, requests := counted(e)
		second, _ := reach(t, e, calendar, s.account())
		if again := read(t, second, day); again.Version != before.Version {
			t.Errorf("after a restart the same calendar has another version")
		}
		if requests.seen["calendar-multiget"]+requests.seen["GET"] > 0 {
			t.Errorf("requests = %v: objects were read again", requests.seen)
		}
		s.write(t, calendar+"7.ics", "7@exemple.fr", hour(7))
		if r := read(t, second, day); len(r.Busy) != 2 || r.Busy[1] != hour(7) {
			t.Errorf("busy = %v", r.Busy)
		}
		if requests.seen["calendar-multiget"] != 1 {
			t.Errorf("requests = %v", requests.seen)
		}
		s.do(t, http.MethodDelete, calendar+"7.ics", nil, http.StatusOK, http.StatusNoContent)
		if r := read(t, second, day); r.Version != before.Version {
			t.Errorf("what is as it was has another version: busy = %v", r.Busy)
		}

		settings := s.account()
		settings["ouvertures"] = "toutes" // read otherwise: what was kept does not serve
		third, _ := reach(t, e, calendar, settings)
		if r := read(t, third, day); r.Basis != connectors.Open || len(r.Open) != 1 || len(r.Busy) > 0 {
			t.Errorf("reading = %+v", r)
		}
	})
}

func TestATokenThatIsForgottenOrMissesSomethingIsMadeGood(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		calendar := s.calendar(t)
		s.write(t, calendar+"a.ics", "a@exemple.fr", hour(9))
		now := connectorstest.Now
		e := env()
		e.Now = func() time.Time { return now }
		a, _ := reach(t, e, calendar, s.account())
		read(t, a, day)
		if a.copy.Token != "" {
			a.copy.Token = "http://exemple.fr/jeton/inconnu"
		}
		s.write(t, calendar+"b.ics", "b@exemple.fr", hour(11))
		if r := read(t, a, day); len(r.Busy) != 2 {
			t.Errorf("after a token that the server does not know: busy = %v", r.Busy)
		}
		for path := range a.copy.Objects { // as if no change had ever told of it
			if strings.HasSuffix(path, "/a.ics") {
				delete(a.copy.Objects, path)
			}
		}
		now = now.Add(relist)
		if r := read(t, a, day); len(r.Busy) != 2 {
			t.Errorf("after the calendar was listed again: busy = %v", r.Busy)
		}
	})
}

func TestDaysGoBy(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		calendar := s.calendar(t)
		s.write(t, calendar+"a.ics", "a@exemple.fr", hour(9))
		s.write(t, calendar+"z.ics", "z@exemple.fr", interval.Interval{Start: hour(9).Start + 400*86400, End: hour(10).Start + 400*86400})
		a, _ := reach(t, env(), calendar, s.account())
		for d := range int64(420) {
			if d%60 != 0 && d != 400 {
				continue
			}
			w := interval.Interval{Start: day.Start + d*86400, End: day.End + d*86400}
			want := 0
			if d == 0 || d == 400 {
				want = 1
			}
			if r := read(t, a, w); len(r.Busy) != want {
				t.Errorf("day %d: busy = %v", d, r.Busy)
			}
		}
	})
}
