package freebusy

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// answer is a VCALENDAR of lines.
func answer(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\nMETHOD:PUBLISH\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n"
}

func vfreebusy(lines ...string) string {
	return "BEGIN:VFREEBUSY\r\n" + strings.Join(append(lines, "END:VFREEBUSY"), "\r\n")
}

// The time that most answers of these tests speak for: 2 to 6 March 2026.
const span = "DTSTART:20260302T000000Z\r\nDTEND:20260306T000000Z"

// at is a span of March 2026, UTC, in whole hours.
func at(fromDay, fromHour, toDay, toHour int) interval.Interval {
	return interval.Of(time.Date(2026, 3, fromDay, fromHour, 0, 0, 0, time.UTC), time.Date(2026, 3, toDay, toHour, 0, 0, 0, time.UTC))
}

// march is the window that is asked for.
var march = at(1, 0, 11, 0)

// serve answers with a body, and opens its address.
func serve(t *testing.T, body, settings string) connectors.Agenda {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 06:00:00 GMT")
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	a, err := Connector.Open(
		connectors.Connection{Address: server.URL + "/home/s3cr3t/calendar.ifb", Settings: json.RawMessage(settings), Zone: paris},
		connectors.Env{HTTP: server.Client()},
	)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func read(t *testing.T, body, settings string) connectors.Reading {
	t.Helper()
	r, err := serve(t, body, settings).Read(t.Context(), connectors.Query{Window: march})
	if err != nil {
		t.Fatal(err)
	}
	if r.Basis != connectors.Busy || len(r.Open)+len(r.Slots)+len(r.Own) > 0 || r.Version == "" {
		t.Errorf("reading = %+v, want busy time alone", r)
	}
	for _, d := range r.Doubt {
		if d.Reason == "" || d.Empty() || !march.Covers(d.Interval) {
			t.Errorf("doubt %v %q", d.Interval, d.Reason)
		}
	}
	return r
}

// freeOf is the time of a window that a reading leaves free.
func freeOf(r connectors.Reading, window interval.Interval) []interval.Interval {
	taken := slices.Clone(r.Busy)
	for _, d := range r.Doubt {
		taken = append(taken, d.Interval)
	}
	return interval.Minus([]interval.Interval{window}, interval.Union(taken))
}

func TestOnlyWhatIsSpokenForAndNotTakenIsFree(t *testing.T) {
	for _, c := range []struct {
		name string
		body string
		busy []interval.Interval
		free []interval.Interval
	}{
		{
			"periods in a span",
			answer(vfreebusy("ORGANIZER:mailto:a@example.org", span, "FREEBUSY:20260303T080000Z/20260303T100000Z,20260304T080000Z/PT2H")),
			[]interval.Interval{at(3, 8, 3, 10), at(4, 8, 4, 10)},
			[]interval.Interval{at(2, 0, 3, 8), at(3, 10, 4, 8), at(4, 10, 6, 0)},
		},
		{
			"every type but FREE takes its time",
			answer(vfreebusy(span,
				"FREEBUSY;FBTYPE=FREE:20260302T080000Z/PT1H", "FREEBUSY;FBTYPE=BUSY:20260303T080000Z/PT1H",
				"FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260303T090000Z/PT1H", "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260303T100000Z/PT1H",
				"FREEBUSY;FBTYPE=X-ABSENT:20260303T110000Z/PT1H", "FREEBUSY;FBTYPE=:20260303T120000Z/PT1H",
			)),
			[]interval.Interval{at(3, 8, 3, 13)},
			[]interval.Interval{at(2, 0, 3, 8), at(3, 13, 6, 0)},
		},
		{
			"what is stated free is not, where it is stated busy too",
			answer(vfreebusy(span, "FREEBUSY;FBTYPE=FREE:20260302T000000Z/P4D", "FREEBUSY:20260303T000000Z/P2D")),
			[]interval.Interval{at(3, 0, 5, 0)},
			[]interval.Interval{at(2, 0, 3, 0), at(5, 0, 6, 0)},
		},
		{
			"periods without a span: nothing else is known",
			answer(vfreebusy("FREEBUSY:20260303T080000Z/PT2H", "FREEBUSY;FBTYPE=FREE:20260304T080000Z/PT2H")),
			[]interval.Interval{at(3, 8, 3, 10)},
			[]interval.Interval{at(4, 8, 4, 10)},
		},
		{
			"a span with one end",
			answer(vfreebusy("DTSTART:20260302T000000Z", "FREEBUSY:20260303T080000Z/PT2H")),
			[]interval.Interval{at(3, 8, 3, 10)},
			nil,
		},
		{
			"a span turned round",
			answer(vfreebusy("DTSTART:20260306T000000Z", "DTEND:20260302T000000Z", "FREEBUSY:20260303T080000Z/PT2H")),
			[]interval.Interval{at(3, 8, 3, 10)},
			nil,
		},
		{
			"a span without zone",
			answer(vfreebusy("DTSTART:20260302T000000", "DTEND:20260306T000000", "FREEBUSY:20260303T080000Z/PT2H")),
			[]interval.Interval{at(3, 8, 3, 10)},
			nil,
		},
		{
			"one component for each taken time (Radicale)",
			answer(vfreebusy("DTSTART:20260303T080000Z", "DTEND:20260303T100000Z", "FBTYPE:BUSY"), vfreebusy("DTSTART:20260304T080000Z", "DTEND:20260304T090000Z", "FBTYPE:BUSY-TENTATIVE")),
			[]interval.Interval{at(3, 8, 3, 10), at(4, 8, 4, 9)},
			nil,
		},
		{
			"one component for each taken time (Google)",
			answer(vfreebusy("DTSTART:20260303T080000Z", "DTEND:20260303T100000Z", "SUMMARY:Busy")),
			[]interval.Interval{at(3, 8, 3, 10)},
			nil,
		},
		{
			"a time that is stated as UTC by its zone (xandikos)",
			answer(vfreebusy(span, "FREEBUSY;TZID=UTC:20260303T080000Z/20260303T100000Z", "FREEBUSY;TZID=UTC:20260304T080000/PT2H")),
			[]interval.Interval{at(3, 8, 3, 10), at(4, 8, 4, 10)},
			[]interval.Interval{at(2, 0, 3, 8), at(3, 10, 4, 8), at(4, 10, 6, 0)},
		},
		{
			"a period without zone puts its span in doubt, not that of another",
			answer(vfreebusy(span, "FREEBUSY:20260303T080000/PT2H"), vfreebusy("DTSTART:20260306T000000Z", "DTEND:20260308T000000Z", "FREEBUSY:20260307T000000Z/PT12H")),
			[]interval.Interval{at(7, 0, 7, 12)},
			[]interval.Interval{at(6, 0, 7, 0), at(7, 12, 8, 0)},
		},
		{
			"so does one that is unreadable",
			answer(vfreebusy(span, "FREEBUSY:mardi/PT2H"), vfreebusy("DTSTART:20260306T000000Z", "DTEND:20260308T000000Z", "FREEBUSY:20260307T000000Z/PT12H")),
			[]interval.Interval{at(7, 0, 7, 12)},
			[]interval.Interval{at(6, 0, 7, 0), at(7, 12, 8, 0)},
		},
		{
			"an end that is unreadable may be anywhere",
			answer(vfreebusy(span, "FREEBUSY:20260303T080000Z/mardi"), vfreebusy("DTSTART:20260306T000000Z", "DTEND:20260308T000000Z", "FREEBUSY:20260307T000000Z/PT12H")),
			[]interval.Interval{at(7, 0, 7, 12)},
			nil,
		},
		{
			"in an unknown zone",
			answer(vfreebusy(span, "FREEBUSY;TZID=Mars/Olympus:20260303T080000/PT2H")),
			nil, nil,
		},
		{
			"a line folded without its blank",
			answer(vfreebusy(span, "FREEBUSY:20260303T080000Z/PT2H,", "20260304T080000Z/PT2H")),
			[]interval.Interval{at(3, 8, 3, 10)},
			nil,
		},
		{
			"a component in the component that has no end",
			answer(vfreebusy(span, "FREEBUSY:20260302T080000Z/PT2H", "BEGIN:X-NOTE", "FREEBUSY:20260303T080000Z/PT2H")),
			[]interval.Interval{at(2, 8, 2, 10)},
			nil,
		},
		{
			"a period outside of the component",
			answer(vfreebusy(span, "FREEBUSY:20260302T080000Z/PT2H"), "FREEBUSY:20260303T080000Z/PT2H"),
			[]interval.Interval{at(2, 8, 2, 10)},
			nil,
		},
		{
			"several organizers (METHOD:REPLY) are one diary",
			answer(vfreebusy("ORGANIZER:mailto:a@example.org", span, "FREEBUSY:20260303T080000Z/PT2H"),
				vfreebusy("ORGANIZER:mailto:b@example.org", "DTSTART:20260304T000000Z", "DTEND:20260308T000000Z", "FREEBUSY:20260303T090000Z/PT2H")),
			[]interval.Interval{at(3, 8, 3, 11)},
			[]interval.Interval{at(2, 0, 3, 8), at(3, 11, 8, 0)},
		},
		{
			"events beside it take their time too",
			answer(vfreebusy(span, "FREEBUSY:20260303T080000Z/PT2H"), "BEGIN:VEVENT\r\nDTSTART:20260304T080000Z\r\nDURATION:PT2H\r\nEND:VEVENT"),
			[]interval.Interval{at(3, 8, 3, 10), at(4, 8, 4, 10)},
			[]interval.Interval{at(2, 0, 3, 8), at(3, 10, 4, 8), at(4, 10, 6, 0)},
		},
		{
			"openings beside it are not free time",
			answer(vfreebusy(span, "FREEBUSY:20260303T080000Z/PT2H"),
				"BEGIN:VAVAILABILITY\r\nDTSTART:20260302T000000Z\r\nDTEND:20260309T000000Z\r\nBEGIN:AVAILABLE\r\nDTSTART:20260302T000000Z\r\nDTEND:20260309T000000Z\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY"),
			[]interval.Interval{at(3, 8, 3, 10)},
			[]interval.Interval{at(2, 0, 3, 8), at(3, 10, 6, 0)},
		},
		{
			"a span that lies elsewhere",
			answer(vfreebusy("DTSTART:20250101T000000Z", "DTEND:20250401T000000Z", "FREEBUSY:20250103T080000Z/PT2H")),
			nil, nil,
		},
		{"nothing that can be read", answer(vfreebusy("DTSTART:hier", "DTEND:demain", "FREEBUSY:lundi")), nil, nil},
		{"nothing at all", answer(vfreebusy()), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, c.body, "")
			if !slices.Equal(r.Busy, c.busy) {
				t.Errorf("busy %v, want %v", r.Busy, c.busy)
			}
			if free := freeOf(r, march); !slices.Equal(free, c.free) {
				t.Errorf("free %v, want %v", free, c.free)
			}
		})
	}
}

func TestTheTimeThatNothingSpeaksForHasItsReason(t *testing.T) {
	r := read(t, answer(vfreebusy(span, "FREEBUSY:20260303T080000Z/PT2H")), "")
	want := []connectors.Doubt{{Interval: at(1, 0, 2, 0), Reason: reasonOutside}, {Interval: at(6, 0, 11, 0), Reason: reasonOutside}}
	if !slices.Equal(r.Doubt, want) {
		t.Errorf("doubt %v, want %v", r.Doubt, want)
	}
	if want := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC); !r.SourceAt.Equal(want) {
		t.Errorf("SourceAt = %v, want %v", r.SourceAt, want)
	}
}

// Zimbra answers so for an empty diary, for one that is not shared, and for an account that does not exist.
func TestAnAnswerWithoutPeriodsSaysNothingUnlessTheStructureSaysSo(t *testing.T) {
	silent := vfreebusy("ORGANIZER:mailto:a@example.org", span)
	r := read(t, answer(silent), "")
	want := []connectors.Doubt{{Interval: at(1, 0, 2, 0), Reason: reasonOutside}, {Interval: at(6, 0, 11, 0), Reason: reasonOutside}, {Interval: at(2, 0, 6, 0), Reason: reasonSilent}}
	if !slices.Equal(r.Doubt, want) {
		t.Errorf("doubt %v, want %v", r.Doubt, want)
	}
	r = read(t, answer(silent), `{"vide_est_libre": true}`)
	if free := freeOf(r, march); !slices.Equal(free, []interval.Interval{at(2, 0, 6, 0)}) {
		t.Errorf("free %v where empty is free", free)
	}
	r = read(t, answer(silent, vfreebusy("ORGANIZER:mailto:b@example.org", "DTSTART:20260305T000000Z", "DTEND:20260307T000000Z", "FREEBUSY:20260305T000000Z/PT6H")), "")
	if free := freeOf(r, march); !slices.Equal(free, []interval.Interval{at(5, 6, 7, 0)}) {
		t.Errorf("free %v beside an answer that speaks", free)
	}
	torn := answer(vfreebusy(span, "une ligne"))
	if free := freeOf(read(t, torn, `{"vide_est_libre": true}`), march); free != nil {
		t.Errorf("free %v where a line is unreadable", free)
	}
}

func TestWhatIsNoFreeBusyIsUnavailable(t *testing.T) {
	for name, body := range map[string]string{
		"a page":               "<!DOCTYPE html><title>Connexion</title>",
		"nothing":              "",
		"an empty calendar":    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
		"a calendar of events": answer("BEGIN:VEVENT\r\nDTSTART:20260303T080000Z\r\nDURATION:PT1H\r\nEND:VEVENT"),
		"availability alone":   answer("BEGIN:VAVAILABILITY\r\nDTSTART:20260302T000000Z\r\nEND:VAVAILABILITY"),
		"a component named so": answer("BEGIN:X-VFREEBUSY\r\nEND:X-VFREEBUSY"),
		"longer than allowed":  answer(vfreebusy(span), strings.Repeat("X-PADDING:a\r\n", longestAnswer/13+1)),
	} {
		for _, settings := range []string{"", `{"vide_est_libre": true}`} {
			r, err := serve(t, body, settings).Read(t.Context(), connectors.Query{Window: march})
			if connectors.KindOf(err) != connectors.Unavailable || r.Basis != 0 {
				t.Errorf("%s: %+v, %v", name, r, err)
			}
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%s: the address is in %q", name, err)
			}
		}
	}
}

func TestATruncatedAnswerLeavesNothingFree(t *testing.T) {
	whole := answer(vfreebusy(span, "FREEBUSY:20260303T080000Z/PT2H", "FREEBUSY:20260304T080000Z/PT2H"))
	for cut := range len(whole) - len("\r\n") {
		r, err := serve(t, whole[:cut], "").Read(t.Context(), connectors.Query{Window: march})
		if free := freeOf(r, march); err == nil && free != nil {
			t.Errorf("cut at %d: free %v", cut, free)
		}
	}
}

func TestOpenRefusesWrongAddressesAndSettings(t *testing.T) {
	for _, c := range []struct{ address, settings, key string }{
		{"", "", "adresse"},
		{"ftp://exemple.fr/s3cr3t.ifb", "", "adresse"},
		{"https://exemple.fr/a.ifb", `{"ouvertures":"toutes"}`, "ouvertures"},
		{"https://exemple.fr/a.ifb", `{"vide_est_libre":"oui"}`, "vide_est_libre"},
	} {
		_, err := Connector.Open(connectors.Connection{Address: c.address, Settings: json.RawMessage(c.settings)}, connectors.Env{HTTP: new(http.Client)})
		if connectors.KindOf(err) != connectors.Invalid || !strings.Contains(err.Error(), c.key) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("Open(%q, %s) = %v", c.address, c.settings, err)
		}
	}
}

func TestRecognisesFreeBusyAddresses(t *testing.T) {
	for _, c := range []struct {
		raw, link string
		secret    bool
	}{
		{"https://courriel.exemple.fr/home/accueil/calendar.ifb", "https://courriel.exemple.fr/home/accueil/calendar.ifb", false},
		{"https://courriel.exemple.fr/home/accueil/calendar.ifb?start=0d&end=60d", "https://courriel.exemple.fr/home/accueil/calendar.ifb?start=0d&end=60d", false},
		{"https://courriel.exemple.fr/home/accueil/calendar?fmt=ifb", "https://courriel.exemple.fr/home/accueil/calendar?fmt=ifb", false},
		{"https://courriel.exemple.fr/home/accueil/?fmt=ifb&end=60d", "https://courriel.exemple.fr/home/accueil/?fmt=ifb&end=60d", false},
		{"https://courriel.exemple.fr/service/home/accueil@exemple.fr?fmt=IFB", "https://courriel.exemple.fr/service/home/accueil@exemple.fr?fmt=IFB", false},
		{"https://exemple.fr/freebusy/accueil@exemple.fr.ifb", "https://exemple.fr/freebusy/accueil@exemple.fr.ifb", false},
		{"http://exemple.fr/occupation/Accueil.VFB", "http://exemple.fr/occupation/Accueil.VFB", false},
		{"webcal://exemple.fr/accueil.ifb", "https://exemple.fr/accueil.ifb", false},
		{"https://jean:mot@exemple.fr/accueil.ifb", "", true},
		{"https://exemple.fr/accueil.ifb?token=abc", "", true},
		{"https://exemple.fr/home/accueil?fmt=ifb&auth=qp&zauthtoken=abc", "", true},
		{"https://exemple.fr/agenda/private-0123456789abcdef0123456789abcdef/basic.ifb", "", true},
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
	for _, raw := range []string{
		"https://exemple.fr/", "https://exemple.fr/ifb", "https://exemple.fr/a.ifb/page", "https://exemple.fr/?f=a.ifb", "ftp://exemple.fr/a.ifb", "https://exemple.fr/agenda.ics",
		"https://exemple.fr/home/accueil?fmt=freebusy", "https://exemple.fr/home/accueil/calendar.ics?fmt=ics", "https://exemple.fr/home?fmt=ifb", "https://exemple.fr/accueil?fmt=ifb",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := recognise(u); ok {
			t.Errorf("recognise(%s) = %+v", raw, got)
		}
	}
}
