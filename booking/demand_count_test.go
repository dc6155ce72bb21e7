package booking

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"passerelle/internal/held"
)

// Days are those of the place's calendar: a night is a day further, however short, and the hour that a change of clocks takes
// or gives is none.
func TestWaitsAreWholeDaysOfThePlace(t *testing.T) {
	for _, c := range []struct{ zone, from, to, want string }{
		{"Europe/Paris", "2026-11-23T08:00", "2026-11-23T08:00", "0-1j"},
		{"Europe/Paris", "2026-11-23T23:59", "2026-11-24T23:59", "0-1j"},
		{"Europe/Paris", "2026-11-23T23:59", "2026-11-25T00:00", "2-3j"},
		{"Europe/Paris", "2026-11-23T00:00", "2026-11-24T23:59", "0-1j"},
		{"Europe/Paris", "2026-11-23T09:00", "2026-11-26T17:00", "2-3j"},
		{"Europe/Paris", "2026-11-23T17:00", "2026-11-27T09:00", "4-7j"},
		{"Europe/Paris", "2026-11-23T09:00", "2026-11-30T17:00", "4-7j"},
		{"Europe/Paris", "2026-11-23T17:00", "2026-12-01T09:00", "8-14j"},
		{"Europe/Paris", "2026-11-23T09:00", "2026-12-07T17:00", "8-14j"},
		{"Europe/Paris", "2026-11-23T17:00", "2026-12-08T09:00", "15-30j"},
		{"Europe/Paris", "2026-11-23T09:00", "2026-12-23T17:00", "15-30j"},
		{"Europe/Paris", "2026-11-23T17:00", "2026-12-24T09:00", "31j+"},
		{"Europe/Paris", "2026-03-28T23:30", "2026-03-30T00:00", "2-3j"}, // 23 hours and a half
		{"Europe/Paris", "2026-03-28T00:00", "2026-03-29T23:59", "0-1j"},
		{"Europe/Paris", "2026-10-24T00:00", "2026-10-25T23:59", "0-1j"}, // 48 hours and 59 minutes
		{"Europe/Paris", "2026-10-24T23:59", "2026-10-26T00:00", "2-3j"},
		{"Indian/Reunion", "2026-11-23T23:30", "2026-11-25T00:30", "2-3j"}, // one day in Paris
		{"Indian/Reunion", "2026-11-24T01:00", "2026-11-25T03:00", "0-1j"}, // two in Paris
		{"Pacific/Noumea", "2026-11-24T08:00", "2026-11-25T11:00", "0-1j"}, // two in Paris
		{"Pacific/Noumea", "2026-11-24T10:30", "2026-11-26T08:00", "2-3j"}, // one in Paris
		{"Europe/Paris", "2026-11-23T09:00", "2026-11-22T09:00", "0-1j"},   // it has begun: nobody waits
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		at := func(text string) time.Time {
			v, err := time.ParseInLocation("2006-01-02T15:04", text, zone)
			if err != nil {
				t.Fatal(err)
			}
			return v.UTC()
		}
		if got := waitBetween(at(c.from), at(c.to), zone); got != Wait(c.want) {
			t.Errorf("%s, from %s to %s: %q, want %q", c.zone, c.from, c.to, got, c.want)
		}
	}
}

// counts is a ledger that keeps searches in memory, when it answers.
type counts struct {
	list []Searches
	gone error
}

func (c *counts) AddSearches(_ context.Context, _ string, counted []Searches) error {
	if c.gone == nil {
		c.list = append(c.list, counted...)
	}
	return c.gone
}

func (c *counts) SearchesIn(context.Context, string, string) ([]Searches, error) { return c.list, nil }

// However much is asked, memory stays bounded; what was counted already goes on counting, and the rest is said.
func TestKindsOfSearchesAreBounded(t *testing.T) {
	var kept counts
	var told held.Text
	d, err := NewDemand(DemandOptions{Kept: &kept, Logger: slog.New(slog.NewTextHandler(&told, nil)), Now: time.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	services := make([]string, mostSought)
	for i := range services {
		services[i] = fmt.Sprint(i)
	}
	d.add(services, Sought{})
	d.add([]string{"7", "one more", "and another"}, Sought{})
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(kept.list) != mostSought {
		t.Errorf("%d kinds are counted", len(kept.list))
	}
	for _, s := range kept.list {
		if want := map[bool]int{true: 2, false: 1}[s.Service == "7"]; s.Number != want {
			t.Errorf("%s: %d, want %d", s.Service, s.Number, want)
		}
	}
	if !strings.Contains(told.String(), "rows=2") {
		t.Errorf("what is not counted is not said: %s", told.String())
	}
}

// A ledger that does not answer is waited for with what one flush has taken, and what came since; no more.
func TestMemoryIsBoundedWhileTheLedgerIsGone(t *testing.T) {
	kept := counts{gone: errors.New("gone")}
	d, err := NewDemand(DemandOptions{Kept: &kept, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	for minute := range 5 {
		for i := range mostSought {
			d.add([]string{fmt.Sprint(minute, "-", i)}, Sought{})
		}
		if d.Flush(t.Context()) == nil {
			t.Fatal("what was not kept is said to be")
		}
	}
	kept.gone = nil
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(kept.list) != 2*mostSought {
		t.Errorf("%d were in memory", len(kept.list))
	}
}
