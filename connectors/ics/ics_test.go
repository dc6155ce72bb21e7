package ics

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// feed is a server of one calendar that may be changed. It counts what it sends.
type feed struct {
	*httptest.Server
	mu              sync.Mutex
	body, tag       string
	full, unchanged int
}

func newFeed(t *testing.T, body string) *feed {
	f := &feed{body: body}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.tag != "" {
			w.Header().Set("ETag", f.tag)
			if r.Header.Get("If-None-Match") == f.tag {
				f.unchanged++
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		f.full++
		w.Header().Set("Content-Type", "text/calendar")
		w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 06:00:00 GMT")
		w.Write([]byte(f.body))
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *feed) set(body, tag string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.body, f.tag = body, tag
}

func (f *feed) open(t *testing.T, settings string) connectors.Agenda {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	a, err := Connector.Open(
		connectors.Connection{Address: f.URL + "/calendrier/s3cr3t.ics", Settings: json.RawMessage(settings), Zone: paris},
		connectors.Env{HTTP: f.Client(), Desks: new(connectors.Desks)},
	)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// calendar writes events given as "from/to key:value…", times in UTC on 2 March 2026.
func calendar(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\n")
	for i, e := range events {
		fields := strings.Split(e, " ")
		from, to, _ := strings.Cut(fields[0], "/")
		b.WriteString("BEGIN:VEVENT\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260302T" + from + "00Z\r\nDTEND:20260302T" + to + "00Z\r\n")
		if !strings.Contains(e, "UID:") {
			b.WriteString("UID:" + string(rune('a'+i)) + "@example.org\r\n")
		}
		for _, field := range fields[1:] {
			b.WriteString(field + "\r\n")
		}
		b.WriteString("END:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

// at is a span of 2 March 2026, UTC, in minutes of the day written as 930 for 09:30.
func at(from, to int) interval.Interval {
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	moment := func(hhmm int) time.Time {
		return day.Add(time.Duration(hhmm/100)*time.Hour + time.Duration(hhmm%100)*time.Minute)
	}
	return interval.Of(moment(from), moment(to))
}

var day = at(0, 2400)

func read(t *testing.T, a connectors.Agenda, q connectors.Query) connectors.Reading {
	t.Helper()
	r, err := a.Read(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The next document is read into the memory of the one before.
func TestAReadingIsItsOwn(t *testing.T) {
	f := newFeed(t, calendar("1000/1100 UID:0123456789abcdef@passerelle SUMMARY:x LOCATION:y", "1200/1300 DTSTART:x"))
	a := f.open(t, "")
	for range 20 { // a desk may be lost
		got := read(t, a, connectors.Query{Window: day})
		before := fmt.Sprintf("%#v", got)
		f.set(strings.Repeat("ZZZZ\r\n", len(f.body)/6), "")
		if _, err := a.Read(t.Context(), connectors.Query{Window: day}); err == nil {
			t.Fatal("that was read")
		}
		if after := fmt.Sprintf("%#v", got); after != before || !strings.Contains(after, "0123456789abcdef") {
			t.Fatalf("a reading was\n%s, and has become\n%s", before, after)
		}
		f.set(calendar("1000/1100 UID:0123456789abcdef@passerelle SUMMARY:x LOCATION:y", "1200/1300 DTSTART:x"), "")
	}
}

func TestEventsAreBusyTime(t *testing.T) {
	f := newFeed(t, calendar("0900/1000", "0930/1100", "1400/1500 TRANSP:TRANSPARENT", "1600/1700 CATEGORIES:Permanence"))
	r := read(t, f.open(t, ""), connectors.Query{Window: day})
	if want := []interval.Interval{at(900, 1100), at(1600, 1700)}; r.Basis != connectors.Busy || !slices.Equal(r.Busy, want) || len(r.Open)+len(r.Own)+len(r.Doubt) > 0 {
		t.Errorf("reading = %+v, want busy %v", r, want)
	}
	if want := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC); !r.SourceAt.Equal(want) || r.Version == "" {
		t.Errorf("SourceAt = %v, Version = %q", r.SourceAt, r.Version)
	}
}

func TestEventsMayBeTheOpenings(t *testing.T) {
	f := newFeed(t, calendar("0900/1200 CATEGORIES:PERMANENCE SUMMARY:Atelier", "1000/1030 SUMMARY:Réunion", "1400/1600 SUMMARY:Permanence-du-lundi"))
	for _, c := range []struct {
		settings   string
		open, busy []interval.Interval
	}{
		{`{"ouvertures":{"categorie":"permanence"}}`, []interval.Interval{at(900, 1200)}, []interval.Interval{at(1000, 1030), at(1400, 1600)}},
		{`{"ouvertures":{"resume":"^permanence"}}`, []interval.Interval{at(1400, 1600)}, []interval.Interval{at(900, 1200)}},
		{`{"ouvertures":"toutes"}`, []interval.Interval{at(900, 1200), at(1400, 1600)}, nil},
	} {
		r := read(t, f.open(t, c.settings), connectors.Query{Window: day})
		if r.Basis != connectors.Open || !slices.Equal(r.Open, c.open) || !slices.Equal(r.Busy, c.busy) {
			t.Errorf("%s: reading = %+v, want open %v, busy %v", c.settings, r, c.open, c.busy)
		}
	}
}

func TestAnItinerantAgendaSaysWhereItIs(t *testing.T) {
	f := newFeed(t, calendar("0900/1000 LOCATION:Crest", "1000/1100 LOCATION:Die", "1400/1500 LOCATION:ailleurs"))
	r := read(t, f.open(t, `{"ouvertures":"toutes","etapes":{"lieu-crest":["crest"],"lieu-die":["die"]}}`), connectors.Query{Window: day})
	want := []connectors.Stop{{Interval: at(900, 1000), Place: "lieu-crest"}, {Interval: at(1000, 1100), Place: "lieu-die"}}
	if !slices.Equal(r.Stops, want) || !slices.Equal(r.Open, []interval.Interval{at(900, 1100)}) || len(r.Doubt) != 1 || r.Doubt[0].Interval != at(1400, 1500) {
		t.Errorf("reading = %+v", r)
	}
}

func TestOurEventsStandApart(t *testing.T) {
	f := newFeed(t, calendar("0900/1000 UID:rdv_1@passerelle", "1100/1200", "1300/1400 UID:rdv_2@passerelle TRANSP:TRANSPARENT"))
	want := []connectors.Own{{Reference: "rdv_1", Interval: at(900, 1000)}}
	for _, settings := range []string{``, `{"ouvertures":"toutes"}`} {
		r := read(t, f.open(t, settings), connectors.Query{Window: day})
		if !slices.Equal(r.Own, want) {
			t.Errorf("%s: own = %v, want %v", settings, r.Own, want)
		}
		for _, span := range append(r.Busy, r.Open...) {
			if span != at(1100, 1200) {
				t.Errorf("%s: %v is in busy or open time", settings, span)
			}
		}
	}
}

func TestWhatCannotBeReadIsDoubt(t *testing.T) {
	f := newFeed(t, calendar("0900/1000", "1100/1200 RRULE:FREQ=NEVER"))
	r := read(t, f.open(t, ""), connectors.Query{Window: day})
	if len(r.Doubt) == 0 || r.Doubt[0].Reason == "" {
		t.Errorf("reading = %+v, want doubt", r)
	}
}

func TestPublishedBusyTimeSaysNothingOfOtherTimes(t *testing.T) {
	f := newFeed(t, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\nBEGIN:VFREEBUSY\r\nDTSTAMP:20260301T000000Z\r\n"+
		"DTSTART:20260302T080000Z\r\nDTEND:20260302T120000Z\r\nFREEBUSY:20260302T090000Z/PT1H\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n")
	r := read(t, f.open(t, ""), connectors.Query{Window: day})
	if !slices.Equal(r.Busy, []interval.Interval{at(900, 1000)}) || len(r.Doubt) != 2 || r.Doubt[0].Interval != at(0, 800) || r.Doubt[1].Interval != at(1200, 2400) {
		t.Errorf("reading = %+v", r)
	}
}

func TestATruncatedFeedIsNeverWhollyTrusted(t *testing.T) {
	whole := calendar("0900/1000", "1100/1200")
	for _, cut := range []int{len(whole) - len("END:VCALENDAR\r\n"), strings.LastIndex(whole, "BEGIN:VEVENT"), strings.LastIndex(whole, "DTEND")} {
		r, err := newFeed(t, whole[:cut]).open(t, "").Read(t.Context(), connectors.Query{Window: day})
		if err == nil && len(r.Doubt) == 0 {
			t.Errorf("cut at %d: reading = %+v, without doubt", cut, r)
		}
	}
}

func TestWhatIsNoCalendarIsUnavailable(t *testing.T) {
	for name, body := range map[string]string{"a page": "<!DOCTYPE html><title>Connexion</title>", "nothing": "", "another component": "BEGIN:VCARD\r\nEND:VCARD\r\n"} {
		r, err := newFeed(t, body).open(t, "").Read(t.Context(), connectors.Query{Window: day})
		if connectors.KindOf(err) != connectors.Unavailable || r.Basis != 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: the address is in %q", name, err)
		}
	}
}

func TestOnlyTheReadingThatIsHeldCanBeUnchanged(t *testing.T) {
	f := newFeed(t, "")
	f.set(calendar("0900/1000"), `"1"`)
	a := f.open(t, "")
	first := read(t, a, connectors.Query{Window: day})
	for name, r := range map[string]connectors.Reading{
		"another window":        read(t, f.open(t, ""), connectors.Query{Window: at(0, 1200), Known: first.Version}),
		"another window, held":  read(t, a, connectors.Query{Window: at(0, 1200), Known: first.Version}),
		"nothing held":          read(t, f.open(t, ""), connectors.Query{Window: day}),
		"held from before":      read(t, f.open(t, ""), connectors.Query{Window: day, Known: first.Version}),
		"held, other settings":  read(t, f.open(t, `{"ouvertures":"toutes"}`), connectors.Query{Window: day, Known: first.Version}),
		"an unknown version":    read(t, f.open(t, ""), connectors.Query{Window: day, Known: "x"}),
		"other settings, alone": read(t, f.open(t, `{"ouvertures":"toutes"}`), connectors.Query{Window: day}),
	} {
		if r.Unchanged || r.Basis == 0 || len(r.Busy)+len(r.Open) != 1 {
			t.Errorf("%s: reading = %+v", name, r)
		}
		if r.Basis == connectors.Open && r.Version == first.Version {
			t.Errorf("%s: two readings, one version", name)
		}
	}
}

func TestOpenRefusesWrongAddressesAndSettings(t *testing.T) {
	for _, c := range []struct{ address, settings, key string }{
		{"", "", "adresse"},
		{"exemple.fr/a.ics", "", "adresse"},
		{"ftp://exemple.fr/s3cr3t.ics", "", "adresse"},
		{"http://[::1/s3cr3t.ics", "", "adresse"},
		{"https://exemple.fr/a.ics", `{"ouverture":""}`, "ouverture"},
		{"https://exemple.fr/a.ics", `{"ouvertures":"certaines"}`, "ouvertures"},
		{"https://exemple.fr/a.ics", `{"ouvertures":3}`, "ouvertures"},
		{"https://exemple.fr/a.ics", `{"ouvertures":{}}`, "ouvertures"},
		{"https://exemple.fr/a.ics", `{"ouvertures":{"motif":"x"}}`, "motif"},
		{"https://exemple.fr/a.ics", `{"ouvertures":{"resume":"("}}`, "ouvertures.resume"},
	} {
		_, err := Connector.Open(connectors.Connection{Address: c.address, Settings: json.RawMessage(c.settings)}, connectors.Env{HTTP: new(http.Client)})
		if connectors.KindOf(err) != connectors.Invalid || !strings.Contains(err.Error(), c.key) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("Open(%q, %s) = %v", c.address, c.settings, err)
		}
	}
}

func TestRecognisesFeeds(t *testing.T) {
	for _, c := range []struct {
		raw, link string
		secret    bool
	}{
		{"https://exemple.fr/agenda.ics", "https://exemple.fr/agenda.ics", false},
		{"http://exemple.fr/Agenda.ICS?x=1", "http://exemple.fr/Agenda.ICS?x=1", false},
		{"webcal://exemple.fr/agenda", "https://exemple.fr/agenda", false},
		{"https://calendar.google.com/calendar/ical/abc%40group.calendar.google.com/public/basic.ics", "https://calendar.google.com/calendar/ical/abc%40group.calendar.google.com/public/basic.ics", false},
		{"https://nuage.exemple.fr/remote.php/dav/public-calendars/AbC?export", "https://nuage.exemple.fr/remote.php/dav/public-calendars/AbC?export", false},
		{"webcal://p01-caldav.icloud.com/published/2/abc", "https://p01-caldav.icloud.com/published/2/abc", false},
		{"https://p01-caldav.icloud.com/published/2/abc", "https://p01-caldav.icloud.com/published/2/abc", false},
		{"https://calendar.google.com/calendar/ical/abc/private-0123456789abcdef0123456789abcdef/basic.ics", "", true},
		{"webcal://exemple.fr/calendrier/jean-0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f.ics", "", true},
		{"https://jean:mot@exemple.fr/agenda.ics", "", true},
		{"https://exemple.fr/agenda.ics?token=abc", "", true},
	} {
		u, err := url.Parse(c.raw)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := recognise(u)
		if !ok || got.Link != c.link || got.Secret != c.secret || got.Mode != connectors.ByContact || got.Reason == "" {
			t.Errorf("recognise(%s) = %v %+v", c.raw, ok, got)
		}
	}
	for _, raw := range []string{"https://exemple.fr/", "https://exemple.fr/ics", "https://exemple.fr/a.ics/page", "https://exemple.fr/?f=a.ics", "https://exemple.fr/a?export", "ftp://exemple.fr/a.ics", "https://noticloud.com/published/2/a"} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := recognise(u); ok {
			t.Errorf("recognise(%s) = %+v", raw, got)
		}
	}
}

func TestTheStructureSaysWhatTakesTime(t *testing.T) {
	f := newFeed(t, calendar(
		"0800/0830 X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", "0900/0930 X-MICROSOFT-CDO-BUSYSTATUS:OOF", "1000/1030 X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
		"1100/1130 ATTENDEE;PARTSTAT=DECLINED:mailto:moi@example.org",
	))
	tentative, away, elsewhere, declined := at(800, 830), at(900, 930), at(1000, 1030), at(1100, 1130)
	for settings, want := range map[string][]interval.Interval{
		"":                                    {tentative, away, elsewhere, declined}, // each takes its time
		`{"libres":["provisoire"]}`:           {away, elsewhere, declined},
		`{"libres":["absent_du_bureau"]}`:     {tentative, elsewhere, declined},
		`{"libres":["travaille_ailleurs"]}`:   {tentative, away, declined},
		`{"proprietaire":"moi@example.org"}`:  {tentative, away, elsewhere},
		`{"proprietaire":"elle@example.org"}`: {tentative, away, elsewhere, declined},
	} {
		if r := read(t, f.open(t, settings), connectors.Query{Window: day}); !slices.Equal(r.Busy, want) {
			t.Errorf("%s: busy %v, want %v", settings, r.Busy, want)
		}
	}
	if _, err := Connector.Open(connectors.Connection{Address: f.URL, Settings: json.RawMessage(`{"libres":["tout"]}`)}, connectors.Env{HTTP: f.Client()}); connectors.KindOf(err) != connectors.Invalid {
		t.Errorf("an unknown kind: %v", err)
	}
}
