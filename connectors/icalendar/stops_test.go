package icalendar

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"passerelle/connectors/interval"
)

func TestOpeningsAreWhereTheirEventSays(t *testing.T) {
	var s Settings
	if err := json.Unmarshal([]byte(`{"ouvertures":{"resume":"^permanence"},"etapes":{"lieu-crest":["Crest","tournée nord"],"lieu-die":["Die"],"lieu-marche":["marché"]}}`), &s); err != nil {
		t.Fatal(err)
	}
	o, err := s.Options()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, lines, place string }{
		{"a word of the place", "LOCATION:12 rue de la Mairie\\, CREST", "lieu-crest"},
		{"an accent and another case", "LOCATION:Place du MARCHÉ", "lieu-marche"},
		{"a category", "CATEGORIES:Tournée Nord", "lieu-crest"},
		{"a category is no part of one", "CATEGORIES:Diesel", ""},
		{"two places at once", "LOCATION:Marché de Crest", ""},
		{"no place", "DESCRIPTION:à Crest", ""},
		{"an unknown place", "LOCATION:Valence", ""},
	} {
		text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T120000Z\r\nSUMMARY:Permanence\r\n" +
			c.lines + "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260302T140000Z\r\nDTEND:20260302T150000Z\r\nSUMMARY:Réunion\r\nLOCATION:Die\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		w := interval.Interval{Start: 1772409600, End: 1772409600 + 86400}
		calendar, err := Read([]byte(text), w, o)
		if err != nil {
			t.Fatal(err)
		}
		open, stops, nowhere := s.Offered(calendar)
		got := ""
		for _, stop := range stops {
			got += stop.Place
		}
		if got != c.place || len(open) != len(stops) || (c.place == "") != (len(nowhere) == 1) {
			t.Errorf("%s: open %v, stops %v, nowhere %v; want %q", c.name, open, stops, nowhere, c.place)
		}
		if len(calendar.Busy()) != 1 {
			t.Errorf("%s: busy = %v", c.name, calendar.Busy())
		}
	}
}

func TestStopsThatCannotBe(t *testing.T) {
	for _, settings := range []string{`{"etapes":{"a":["b"]}}`, `{"ouvertures":"toutes","etapes":{"a":[]}}`, `{"ouvertures":"toutes","etapes":{"":["b"]}}`, `{"ouvertures":"toutes","etapes":{"a":[""]}}`} {
		var s Settings
		if err := json.Unmarshal([]byte(settings), &s); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Options(); err == nil || !strings.Contains(fmt.Sprint(err), "etapes") {
			t.Errorf("%s: %v", settings, err)
		}
	}
}
