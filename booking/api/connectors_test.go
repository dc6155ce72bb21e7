package api

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
)

func TestAConnectorSaysHowItsAgendasStand(t *testing.T) {
	d := newDoor(t)
	of := func(name string) map[string]any {
		t.Helper()
		got := d.do(ask{path: "/v1/connecteurs"})
		if strings.Contains(string(got.body), "example.org") {
			t.Errorf("partners see hosts: %s", got.body)
		}
		for _, item := range got.json(t)["items"].([]any) {
			if item := item.(map[string]any); item["nom"] == name {
				return item
			}
		}
		t.Fatalf("there is no %s in %s", name, got.body)
		return nil
	}
	says := func(when, name string, want map[string]any) {
		t.Helper()
		if got := of(name); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	states := func(fresh, stale, unknown float64) map[string]any {
		return map[string]any{"a_jour": fresh, "perime": stale, "inconnu": unknown}
	}
	breakers := func(closed, half, open float64) map[string]any {
		return map[string]any{"ferme": closed, "a_l_essai": half, "ouvert": open}
	}
	says("never read", "amont", map[string]any{
		"nom": "amont", "agendas": 2.0, "etats": states(0, 0, 0), "dernier_succes": nil, "p95_ms": nil, "disjoncteur": breakers(1, 0, 0),
	})
	began := d.now()
	d.diary.read = func(context.Context) (connectors.Reading, error) {
		d.wait(250 * time.Millisecond)
		return connectors.Reading{Basis: connectors.Busy}, nil
	}
	d.do(ask{path: "/v1/lieux/d/creneaux"})
	first := began.UTC().Format(time.RFC3339Nano)
	says("one was read", "amont", map[string]any{
		"nom": "amont", "agendas": 2.0, "etats": states(1, 0, 0), "dernier_succes": first, "p95_ms": 250.0, "disjoncteur": breakers(1, 0, 0),
	})
	d.wait(time.Minute)
	d.left = "amont.example.org"
	d.diary.read = func(context.Context) (connectors.Reading, error) { return connectors.Reading{}, errors.New("down") }
	d.do(ask{path: "/v1/creneaux?lieu_id=d&lieu_id=" + "f%2F%C3%A9%201"})
	says("both have failed", "amont", map[string]any{
		"nom": "amont", "agendas": 2.0, "etats": states(0, 1, 1), "dernier_succes": first, "p95_ms": 250.0, "disjoncteur": breakers(0, 0, 1),
	})
	says("a link is not read", "guichet", map[string]any{
		"nom": "guichet", "agendas": 1.0, "etats": states(0, 0, 0), "dernier_succes": nil, "p95_ms": nil, "disjoncteur": breakers(1, 0, 0),
	})
}
