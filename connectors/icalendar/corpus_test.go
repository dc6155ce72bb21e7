package icalendar

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"passerelle/connectors/interval"
)

const corpus = "../../../shared/corpora/ics"

// readOtherwise are the calendars whose agreed answer is wrong, with the sentence of RFC 5545 that says so. At most
// mostOtherwise may stand here.
var readOtherwise = map[string]string{
	// The answer takes Europe/Berlin, America/New_York and America/Argentina/Buenos_Aires for the local time.
	"pyical__issue_313_globally_unique_tzid.ics": `§3.2.19: "The presence of the SOLIDUS character as a prefix, indicates that this "TZID" ` +
		`represents a unique ID in a globally defined time zone registry (when such registry is defined)."`,
}

const mostOtherwise = 3

func TestRealCalendarsGiveTheAgreedOccurrences(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(corpus, "expected.json"))
	if err != nil {
		t.Skip("the corpus of real calendars is not here")
	}
	var expected map[string]struct {
		Window      [2]int64
		Occurrences [][2]int64
	}
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	if len(readOtherwise) > mostOtherwise {
		t.Errorf("%d calendars are read otherwise, more than %d", len(readOtherwise), mostOtherwise)
	}
	exact := 0
	for name, want := range expected {
		data, err := os.ReadFile(filepath.Join(corpus, "files", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(data, interval.Interval{Start: want.Window[0], End: want.Window[1]}, Options{Zone: paris})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		list := [][2]int64{}
		for _, o := range got.Occurrences {
			list = append(list, [2]int64{o.Start, o.End})
		}
		sentence, otherwise := readOtherwise[name]
		switch same := slices.Equal(list, want.Occurrences); {
		case same && otherwise:
			t.Errorf("%s has the agreed answer: it need not be excused", name)
		case same:
			exact++
		case otherwise:
			t.Logf("%s: RFC 5545 %s", name, sentence)
		default:
			missing, extra := difference(want.Occurrences, list), difference(list, want.Occurrences)
			t.Errorf("%s: %d missing %v, %d too many %v; doubt %v", name, len(missing), show(missing), len(extra), show(extra), got.Doubt)
		}
	}
	t.Logf("%d of %d calendars are exact", exact, len(expected))
}

// difference is the multiset a less b.
func difference(a, b [][2]int64) (out [][2]int64) {
	b = slices.Clone(b)
	for _, x := range a {
		if i := slices.Index(b, x); i >= 0 {
			b = slices.Delete(b, i, i+1)
			continue
		}
		out = append(out, x)
	}
	return out
}

func show(spans [][2]int64) (out []interval.Interval) {
	for _, s := range spans[:min(len(spans), 3)] {
		out = append(out, interval.Interval{Start: s[0], End: s[1]})
	}
	return out
}
