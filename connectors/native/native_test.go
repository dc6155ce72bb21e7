package native

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func mustOpen(t *testing.T, zone *time.Location, settings string) connectors.Agenda {
	t.Helper()
	a, err := Connector.Open(connectors.Connection{Zone: zone, Settings: json.RawMessage(settings)}, connectors.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// spans reads "2026-03-02T09:00/2026-03-02T12:00" in a zone.
func spans(t *testing.T, zone *time.Location, list ...string) (out []interval.Interval) {
	t.Helper()
	for _, text := range list {
		from, to, _ := strings.Cut(text, "/")
		start, err1 := time.ParseInLocation("2006-01-02T15:04", from, zone)
		end, err2 := time.ParseInLocation("2006-01-02T15:04", to, zone)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		out = append(out, interval.Of(start, end))
	}
	return out
}

func TestReadsOpenings(t *testing.T) {
	const weekly = `"ouvertures":[{"jours":["lu","ma"],"de":"09:00","a":"12:00"},{"jours":["ma"],"de":"11:00","a":"13:00"},{"jours":["di"],"de":"22:00","a":"24:00"}]`
	for _, c := range []struct{ name, zone, settings, window, want string }{
		{"weekly, joined where they overlap", "Europe/Paris", `{` + weekly + `}`, "2026-03-02T00:00/2026-03-09T00:00", "2026-03-02T09:00/2026-03-02T12:00 2026-03-03T09:00/2026-03-03T13:00 2026-03-08T22:00/2026-03-09T00:00"},
		{"cut to the window", "Europe/Paris", `{` + weekly + `}`, "2026-03-02T10:00/2026-03-02T11:00", "2026-03-02T10:00/2026-03-02T11:00"},
		{"an empty window", "Europe/Paris", `{` + weekly + `}`, "2026-03-02T10:00/2026-03-02T10:00", ""},
		{"a window turned round", "Europe/Paris", `{` + weekly + `}`, "2026-03-02T11:00/2026-03-02T10:00", ""},
		{"the local day, not that of UTC", "Pacific/Noumea", `{` + weekly + `}`, "2026-03-02T00:00/2026-03-03T00:00", "2026-03-02T09:00/2026-03-02T12:00"},
		{"nine o'clock before and after the clocks change", "Europe/Paris", `{"ouvertures":[{"jours":["sa","di"],"de":"09:00","a":"10:00"}]}`, "2026-03-28T00:00/2026-03-30T00:00", "2026-03-28T09:00/2026-03-28T10:00 2026-03-29T09:00/2026-03-29T10:00"},
		{"the last evening before the clocks change", "Europe/Paris", `{"ouvertures":[{"jours":["di"],"de":"20:00","a":"24:00"}]}`, "2026-10-25T00:00/2026-10-26T12:00", "2026-10-25T20:00/2026-10-26T00:00"},
		{"first and last day", "Europe/Paris", `{"ouvertures":[{"jours":["lu"],"de":"09:00","a":"10:00","du":"2026-03-09","au":"2026-03-16"}]}`, "2026-03-01T00:00/2026-04-01T00:00", "2026-03-09T09:00/2026-03-09T10:00 2026-03-16T09:00/2026-03-16T10:00"},
		{"closed days, the last one too", "Europe/Paris", `{` + weekly + `,"exceptions":[{"debut":"2026-03-02","fin":"2026-03-03","ouvert":false}]}`, "2026-03-02T00:00/2026-03-10T00:00", "2026-03-08T22:00/2026-03-09T00:00 2026-03-09T09:00/2026-03-09T12:00"},
		{"one closed day", "Europe/Paris", `{` + weekly + `,"exceptions":[{"debut":"2026-03-02"}]}`, "2026-03-02T00:00/2026-03-04T00:00", "2026-03-03T09:00/2026-03-03T13:00"},
		{"closed for an hour", "Europe/Paris", `{` + weekly + `,"exceptions":[{"debut":"2026-03-02T10:00","fin":"2026-03-02T11:00"}]}`, "2026-03-02T00:00/2026-03-03T00:00", "2026-03-02T09:00/2026-03-02T10:00 2026-03-02T11:00/2026-03-02T12:00"},
		{"open in a closed week: the later one is right", "Europe/Paris", `{` + weekly + `,"exceptions":[{"debut":"2026-03-02","fin":"2026-03-08"},{"debut":"2026-03-04T14:00","fin":"2026-03-04T16:00","ouvert":true}]}`, "2026-03-02T00:00/2026-03-09T00:00", "2026-03-04T14:00/2026-03-04T16:00"},
		{"closed after all: the later one is right", "Europe/Paris", `{` + weekly + `,"exceptions":[{"debut":"2026-03-04T14:00","fin":"2026-03-04T16:00","ouvert":true},{"debut":"2026-03-02","fin":"2026-03-08"}]}`, "2026-03-02T00:00/2026-03-09T00:00", ""},
		{"dates alone, no week", "Europe/Paris", `{"exceptions":[{"debut":"2026-03-04T14:00","fin":"2026-03-04T16:00","ouvert":true}]}`, "2026-03-02T00:00/2026-03-09T00:00", "2026-03-04T14:00/2026-03-04T16:00"},
		{"open over midnight on one date", "Europe/Paris", `{"exceptions":[{"debut":"2026-03-04T22:00","fin":"2026-03-05T02:00","ouvert":true}]}`, "2026-03-05T00:00/2026-03-06T00:00", "2026-03-05T00:00/2026-03-05T02:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := zone(t, c.zone)
			got, err := mustOpen(t, z, c.settings).Read(t.Context(), connectors.Query{Window: spans(t, z, c.window)[0]})
			if err != nil || got.Basis != connectors.Open || len(got.Busy)+len(got.Doubt) > 0 {
				t.Fatalf("Read = %+v, %v", got, err)
			}
			if want := spans(t, z, strings.Fields(c.want)...); !slices.Equal(got.Open, want) {
				t.Errorf("open = %v\nwant   %v", got.Open, want)
			}
		})
	}
}

func TestWithoutOpeningsTheHoursOfThePlaceRule(t *testing.T) {
	z := zone(t, "Europe/Paris")
	window := spans(t, z, "2026-12-21T00:00/2026-12-28T00:00")[0]
	for settings, want := range map[string][]interval.Interval{
		``:                  nil,
		`{}`:                nil,
		`{"ouvertures":[]}`: nil,
		`{"exceptions":[{"debut":"2026-12-24","fin":"2026-12-26","ouvert":false}]}`: spans(t, z, "2026-12-24T00:00/2026-12-27T00:00"),
		`{"exceptions":[{"debut":"2025-12-24"}]}`:                                   nil,
	} {
		got, err := mustOpen(t, z, settings).Read(t.Context(), connectors.Query{Window: window})
		if err != nil || got.Basis != connectors.Busy || len(got.Open) > 0 || !slices.Equal(got.Busy, want) {
			t.Errorf("%s: Read = %+v, %v; want busy %v", settings, got, err, want)
		}
	}
}

func TestOpenNamesTheWrongKey(t *testing.T) {
	for settings, key := range map[string]string{
		`{"ouverture":[]}`:                            "ouverture",
		`{"ouvertures":"toutes"}`:                     "ouvertures",
		`{"ouvertures":[{"de":"09:00","a":"12:00"}]}`: "ouvertures[0].jours",
		`{"ouvertures":[{"jours":["lu","lundi"],"de":"09:00","a":"12:00"}]}`:                             "ouvertures[0].jours[1]",
		`{"ouvertures":[{"jours":["lu"],"a":"12:00"}]}`:                                                  "ouvertures[0].de",
		`{"ouvertures":[{"jours":["lu"],"de":"9h","a":"12:00"}]}`:                                        "ouvertures[0].de",
		`{"ouvertures":[{"jours":["lu"],"de":"09:00","a":"25:00"}]}`:                                     "ouvertures[0].a",
		`{"ouvertures":[{"jours":["lu"],"de":"22:00","a":"02:00"}]}`:                                     "ouvertures[0].a",
		`{"ouvertures":[{"jours":["lu"],"de":"09:00","a":"09:00"}]}`:                                     "ouvertures[0].a",
		`{"ouvertures":[{"jours":["lu"],"de":"09:00","a":"12:00","du":"1er mars"}]}`:                     "ouvertures[0].du",
		`{"ouvertures":[{"jours":["lu"],"de":"09:00","a":"12:00","au":"2026-02-30"}]}`:                   "ouvertures[0].au",
		`{"ouvertures":[{"jours":["lu"],"de":"09:00","a":"12:00","du":"2026-03-02","au":"2026-03-01"}]}`: "ouvertures[0].au",
		`{"exceptions":[{"debut":"2026-03-02"},{"fin":"2026-03-02"}]}`:                                   "exceptions[1].debut",
		`{"exceptions":[{"debut":"2026-03-02","fin":"2026-03-01"}]}`:                                     "exceptions[0].fin",
		`{"exceptions":[{"debut":"2026-03-02","fin":"2026-03-02T12:00"}]}`:                               "exceptions[0].fin",
		`{"exceptions":[{"debut":"2026-03-02T12:00"}]}`:                                                  "exceptions[0].fin",
		`{"exceptions":[{"debut":"2026-03-02T12:00","fin":"2026-03-02T12:00"}]}`:                         "exceptions[0].fin",
		`{"exceptions":[{"debut":"2026-03-02T12h","fin":"2026-03-02T12:00"}]}`:                           "exceptions[0].debut",
		`{"exceptions":[{"debut":"2026-03-02","ouvert":true}]}`:                                          "exceptions[0].ouvert",
	} {
		_, err := Connector.Open(connectors.Connection{Settings: json.RawMessage(settings)}, connectors.Env{})
		if connectors.KindOf(err) != connectors.Invalid || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v; want Invalid that names %s", settings, err, key)
		}
	}
}

func TestTheLedgerAloneDecides(t *testing.T) {
	a := mustOpen(t, time.UTC, `{}`)
	if g := connectors.GuaranteeOf(a); g != connectors.Atomic {
		t.Errorf("guarantee = %s", g)
	}
	if c := connectors.CapabilitiesOf(a); c != (connectors.Capabilities{}) {
		t.Errorf("capabilities = %+v", c)
	}
}

func TestAnEndlessWindowIsRefused(t *testing.T) {
	_, err := mustOpen(t, time.UTC, `{}`).Read(t.Context(), connectors.Query{Window: interval.Interval{Start: 0, End: 1 << 40}})
	if connectors.KindOf(err) != connectors.Invalid {
		t.Errorf("err = %v", err)
	}
}

// A long window must say the same as the short ones that it is made of, whatever the clocks do.
func TestAWindowIsTheSumOfItsParts(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	const settings = `{"ouvertures":[{"jours":["lu","me","sa","di"],"de":"00:00","a":"24:00"},{"jours":["ve"],"de":"01:30","a":"02:30"}],
		"exceptions":[{"debut":"2026-10-24"},{"debut":"2026-10-24T23:00","fin":"2026-10-25T02:00","ouvert":true}]}`
	for _, name := range []string{"Europe/Paris", "America/Miquelon", "Pacific/Noumea", "UTC"} {
		a := mustOpen(t, zone(t, name), settings)
		read := func(w interval.Interval) []interval.Interval {
			got, err := a.Read(t.Context(), connectors.Query{Window: w})
			if err != nil {
				t.Fatal(err)
			}
			return got.Open
		}
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		whole := interval.Interval{Start: start, End: start + 366*24*3600}
		var parts []interval.Interval
		for at := whole.Start; at < whole.End; {
			next := min(at+1+r.Int64N(3*24*3600), whole.End)
			parts = append(parts, read(interval.Interval{Start: at, End: next})...)
			at = next
		}
		if got, want := interval.Union(parts), read(whole); !slices.Equal(got, want) {
			t.Errorf("%s: the parts say %d spans, the whole %d", name, len(got), len(want))
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add(`{"ouvertures":[{"jours":["lu"],"de":"09:00","a":"12:00","du":"2026-01-01","au":"2026-12-31"}],"exceptions":[{"debut":"2026-12-24","fin":"2026-12-26"}]}`)
	f.Add(`{"exceptions":[{"debut":"0000-01-01","fin":"9999-12-31"},{"debut":"2026-03-04T14:00","fin":"2026-03-04T16:00","ouvert":true}]}`)
	window := interval.Interval{Start: 1772400000, End: 1773000000}
	f.Fuzz(func(t *testing.T, settings string) {
		a, err := Connector.Open(connectors.Connection{Settings: json.RawMessage(settings)}, connectors.Env{})
		if err != nil {
			if connectors.KindOf(err) != connectors.Invalid {
				t.Fatal(err)
			}
			return
		}
		got, err := a.Read(t.Context(), connectors.Query{Window: window})
		if err != nil || got.Basis == 0 {
			t.Fatalf("Read = %+v, %v", got, err)
		}
		for _, span := range got.Open {
			if !window.Covers(span) {
				t.Fatalf("%v is outside %v", span, window)
			}
		}
	})
}
