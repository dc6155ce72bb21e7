package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/config"
	"passerelle/connectors"
	"passerelle/connectors/interval"
	"passerelle/internal/held"
)

type doubtful struct{}

func (doubtful) Read(context.Context, connectors.Query) (connectors.Reading, error) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	return connectors.Reading{Basis: connectors.Busy, Doubt: []connectors.Doubt{{Interval: interval.Of(at, at.Add(time.Hour)), Reason: "?"}}}, nil
}

// Whoever looks for the event in the agenda looks on its clock.
func TestADoubtIsShownOnTheClockOfTheAgenda(t *testing.T) {
	reunion, err := time.LoadLocation("Indian/Reunion")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		zone *time.Location
		want string
	}{{reunion, "du 23/11 13:00 au 23/11 14:00"}, {nil, "du 23/11 09:00 au 23/11 10:00"}} {
		var out, errs held.Text
		a := &booking.Agenda{Connection: booking.Connection{Connection: connectors.Connection{Connector: "ics", Zone: c.zone}}, Diary: doubtful{}}
		err := newTerminal(t).program(&out, &errs).testAgenda(t.Context(), a)
		if text := out.String(); err != nil || !strings.Contains(text, c.want) || c.zone != nil && !strings.Contains(text, c.zone.String()) {
			t.Errorf("%v: %q, %v", c.zone, text, err)
		}
	}
}

// What the configuration page promises of a motif, the agendas keep.
func TestTheBoundsOfAMotifAreTheRealOnes(t *testing.T) {
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	tried := 0
	for _, f := range reflect.VisibleFields(reflect.TypeFor[config.MotifSeed]()) {
		least, most, bounded := strings.Cut(f.Tag.Get("bounds"), "..")
		if !bounded {
			continue
		}
		for _, value := range []string{least, most} {
			tried++
			motif := fmt.Sprintf("id: m, %s: %s", f.Tag.Get("key"), value)
			if f.Name == "Seats" { // it is of a group
				motif += ", collectif: true"
			}
			x.ok("agenda", "add", x.file("a.yaml", "{id: a, connecteur: native, lieux: [l1], motifs: [{"+motif+"}]}"))
		}
	}
	if tried < 14 {
		t.Errorf("%d bounds were tried", tried)
	}
}
