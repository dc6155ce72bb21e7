package api

import (
	"testing"
)

// An answer without a slot says why, and what to do next; one with slots says neither.
func TestAnEmptyAnswerSaysWhyAndWhatNext(t *testing.T) {
	d := newDoor(t)
	d.do(ask{path: "/v1/creneaux?code_departement=26"}) // every agenda is read
	next := func(path string, at ...any) map[string]any {
		t.Helper()
		got := d.do(ask{path: path})
		if got.status != 200 {
			t.Fatalf("%s: %d %s", path, got.status, got.body)
		}
		answer := got.json(t)
		if len(at) > 0 {
			answer = answer["items"].([]any)[at[0].(int)].(map[string]any)
		}
		return answer
	}
	full := next("/v1/lieux/a/creneaux?debut=2026-11-23&fin=2026-11-24")
	if full["ensuite"] != nil || full["motif_vide"] != nil || len(full["creneaux"].([]any)) == 0 {
		t.Errorf("with slots: %v", full)
	}
	closed := next("/v1/lieux/a/creneaux?debut=2026-11-28&fin=2026-11-30")
	after := closed["ensuite"].(map[string]any)
	if closed["motif_vide"] != "ferme" || after["prochain_creneau"] != "2026-11-30T09:00:00+01:00" || after["telephone"] != "+33465710001" || after["lieu_proche"] != nil {
		t.Errorf("closed: %v", closed)
	}
	none := next("/v1/lieux/c/creneaux?debut=2026-11-23&fin=2026-11-24")
	after = none["ensuite"].(map[string]any)
	elsewhere, _ := after["lieu_proche"].(map[string]any)
	if none["etat"] != "sans_agenda" || none["motif_vide"] != "sans_agenda" || after["prochain_creneau"] != nil || after["telephone"] != "+33465710003" ||
		elsewhere["lieu_id"] != "a" || elsewhere["nom"] != "Lieu A" || elsewhere["commune"] != "Crest" || elsewhere["distance_km"] != 14.1 || elsewhere["prochain_creneau"] != "2026-11-23T09:00:00+01:00" {
		t.Errorf("without an agenda: %v", none)
	}

	const search = "/v1/creneaux?debut=2026-11-28&fin=2026-11-30&lieu_id=a&lieu_id=nulle-part&lieu_id=c"
	for i, want := range []struct{ why, later, phone any }{{"ferme", "2026-11-30T09:00:00+01:00", "+33465710001"}, {}, {"sans_agenda", nil, "+33465710003"}} {
		item := next(search, i)
		after, _ := item["ensuite"].(map[string]any)
		if item["motif_vide"] != want.why || after["prochain_creneau"] != want.later || after["telephone"] != want.phone || (after == nil) != (item["lieu"] == nil) {
			t.Errorf("answer %d: %v", i, item)
		}
		if _, has := after["lieu_proche"]; has {
			t.Errorf("answer %d, of a list of places, sends to another", i)
		}
	}
	if got := next(search)["ensuite"]; got != nil {
		t.Errorf("nobody is free on that weekend: %v", got)
	}
	around := next("/v1/creneaux?lieu_id=c&debut=2026-11-23&fin=2026-11-24")
	if got := around["ensuite"].(map[string]any)["lieu_proche"].(map[string]any); got["lieu_id"] != "a" {
		t.Errorf("none of those asked for has a slot: %v", got)
	}
	if got := next("/v1/creneaux?code_departement=26&debut=2026-11-23&fin=2026-11-24")["ensuite"]; got != nil {
		t.Errorf("some are free: %v", got)
	}
}
