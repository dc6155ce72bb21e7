package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
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
