package booking_test

import (
	"context"
	"testing"

	"passerelle/booking"
	"passerelle/connectors"
)

// heard is an availability that says of each agenda what the test wrote.
type heard struct {
	booking.Availability
	of map[string]booking.Availabilities
}

func (h heard) Of(_ context.Context, q booking.AvailabilityQuery) booking.Availabilities {
	return h.of[q.Agenda.Agenda]
}

// An empty list means "none" only when every agenda of the place was read; slots of one are true whatever the other says.
func TestAPlaceWithTwoAgendas(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"un", "deux"} {
		c := booking.Connection{Connection: connectors.Connection{Connector: "native", Zone: paris}, Agenda: id, Places: []string{"b"}, Notice: "b@example.org"}
		if _, err := w.set.Put(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	slots := func() []booking.Slot {
		return []booking.Slot{{PlacedMotif: &booking.PlacedMotif{Motif: &booking.Motif{}}, Seats: 1}}
	}
	full := booking.Availabilities{State: booking.Fresh, Empty: booking.Full}
	closed := booking.Availabilities{State: booking.Fresh, Empty: booking.Closed}
	unknown := booking.Availabilities{State: booking.Unknown, Empty: booking.SourceFailed}
	for _, c := range []struct {
		name     string
		un, deux booking.Availabilities
		state    booking.State
		empty    booking.EmptyReason
		slots    int
	}{
		{"both are read", full, closed, booking.Fresh, booking.Full, 0},
		{"one is not known", full, unknown, booking.Unknown, booking.SourceFailed, 0},
		{"neither is known", unknown, unknown, booking.Unknown, booking.SourceFailed, 0},
		{"one is out of date", closed, booking.Availabilities{State: booking.Stale, Empty: booking.Full}, booking.Stale, booking.Full, 0},
		{"slots beside what is not known", booking.Availabilities{State: booking.Fresh, Slots: slots()}, unknown, booking.Fresh, "", 1},
		{"slots out of date beside none", booking.Availabilities{State: booking.Stale, Slots: slots()}, full, booking.Stale, "", 1},
		{"slots, and slots out of date", booking.Availabilities{State: booking.Stale, Slots: slots()}, booking.Availabilities{State: booking.Fresh, Slots: slots()}, booking.Stale, "", 1},
	} {
		for _, said := range []map[string]booking.Availabilities{{"un": c.un, "deux": c.deux}, {"un": c.deux, "deux": c.un}} {
			w.Availability = heard{w.reader, said}
			if o := w.offer(t, "b"); o.State != c.state || o.Empty != c.empty || len(o.Slots) != c.slots {
				t.Errorf("%s: %s %q with %d slots, want %s %q with %d", c.name, o.State, o.Empty, len(o.Slots), c.state, c.empty, c.slots)
			}
		}
	}
}
