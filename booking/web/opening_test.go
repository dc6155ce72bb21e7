package web

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestOpeningsAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"9h-12h": "9h-12h", "9h-12h, 14h-17h30": "9h-12h, 14h-17h30", "09:00-12:00;14:00-17:30": "9h-12h, 14h-17h30", "9 h 00 – 12 h": "9h-12h", "9h à 12h30": "9h-12h30",
		"9-12": "9h-12h", "0h-24h": "0h-24h", "": "", "fermé": "", " , ": "", "8H30-9H": "8h30-9h",
	} {
		got, err := readOpenings(text)
		if err != nil || words(got) != want {
			t.Errorf("%q: %q, %v; want %q", text, words(got), err, want)
		}
		if again, err := readOpenings(words(got)); err != nil || words(again) != want {
			t.Errorf("%q: written %q, read %q, %v", text, want, words(again), err)
		}
	}
	for text, want := range map[string]error{
		"matin": errSpan, "9h": errSpan, "12h-9h": errOrder, "9h-12h, 11h-13h": errOrder, "9h-25h": errOrder, "9h75-10h": errOrder, "22h-2h": errOrder, "9h-12h 14h-17h": errSpan, "9h-9h": errOrder,
	} {
		if got, err := readOpenings(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestAWeekIsWrittenAndReadBack(t *testing.T) {
	var w weekHours
	w[0], _ = readOpenings("9h-12h, 14h-17h30")
	w[6], _ = readOpenings("10h-24h")
	if got := w.osm(); got != "Mo 09:00-12:00,14:00-17:30; Su 10:00-24:00" {
		t.Errorf("OSM: %q", got)
	}
	if back, ok := openingsOfOSM(w.osm()); !ok || back.osm() != w.osm() {
		t.Errorf("read back: %v %v", back, ok)
	}
	for _, foreign := range []string{"Mo-Fr 09:00-12:00", "24/7", "x"} {
		if _, ok := openingsOfOSM(foreign); ok {
			t.Errorf("%q is taken for one of ours", foreign)
		}
	}
	settings, err := json.Marshal(nativeSettings{Weekly: w.weekly()})
	if err != nil {
		t.Fatal(err)
	}
	if _, back, ok := openingsOfNative(settings); !ok || back.osm() != w.osm() {
		t.Errorf("settings %s read back: %v %v", settings, back, ok)
	}
	if _, _, ok := openingsOfNative(json.RawMessage(`{"ouvertures":[{"jours":["lu"],"de":"09:00","a":"12:00","du":"2026-01-01"}]}`)); ok {
		t.Error("a season is forgotten")
	}
	if _, w, ok := openingsOfNative(json.RawMessage(`{"ouvertures":[{"jours":["lu"],"de":"14:00","a":"17:00"},{"jours":["lu"],"de":"09:00","a":"12:00"}]}`)); !ok || words(w[0]) != "9h-12h, 14h-17h" {
		t.Errorf("openings out of order: %v %v", w, ok)
	}
	if _, _, ok := openingsOfNative(json.RawMessage(`{"ouvertures":[{"jours":["lu"],"de":"09:00","a":"12:00"},{"jours":["lu"],"de":"11:00","a":"13:00"}]}`)); ok {
		t.Error("openings that overlap would be refused when they are sent back")
	}
}

func FuzzOpenings(f *testing.F) {
	for _, s := range []string{"9h-12h, 14h-17h30", "09:00 - 12:00", "fermé", "24h-0h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := readOpenings(text)
		if err != nil {
			return
		}
		var w weekHours
		w[3] = got
		if back, ok := openingsOfOSM(w.osm()); len(got) > 0 && (!ok || words(back[3]) != words(got)) {
			t.Errorf("%q: %v is written %q and read %v", text, got, w.osm(), back[3])
		}
	})
}
