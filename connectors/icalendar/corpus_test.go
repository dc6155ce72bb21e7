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

// The floor is what the reader reached when it was written: it may only rise.
const corpusFloor = 130

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
	exact := 0
	// Read otherwise than most engines do, and why.
	otherwise := map[string]string{
		// "The presence of the SOLIDUS character as a prefix, indicates that this TZID represents a unique ID in a
		// globally defined time zone registry": Europe/Berlin in one of them is a zone, not the local time.
		"pyical__issue_313_globally_unique_tzid.ics": "RFC 5545 §3.2.19",
	}
	for name, want := range expected {
		data, err := os.ReadFile(filepath.Join(corpus, "files", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(data, interval.Interval{Start: want.Window[0], End: want.Window[1]}, Options{Zone: paris})
		if err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		list := [][2]int64{}
		for _, o := range got.Occurrences {
			list = append(list, [2]int64{o.Start, o.End})
		}
		if slices.Equal(list, want.Occurrences) {
			exact++
			continue
		}
		if reason, known := otherwise[name]; known {
			t.Logf("%s: read otherwise, %s", name, reason)
			continue
		}
		missing, extra := difference(want.Occurrences, list), difference(list, want.Occurrences)
		t.Logf("%s: %d missing %v, %d too many %v; doubt %v", name, len(missing), show(missing), len(extra), show(extra), got.Doubt)
	}
	t.Logf("%d of %d calendars are exact", exact, len(expected))
	if exact < corpusFloor {
		t.Errorf("%d of %d calendars are exact, %d were", exact, len(expected), corpusFloor)
	}
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
