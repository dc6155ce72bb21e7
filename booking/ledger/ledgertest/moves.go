package ledgertest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// move is a claim that is to take the place of an appointment.
func move(id, of, agenda string, from, to int) booking.Claim {
	c := at(id, agenda, from, to)
	c.Appointment.Replaces = of
	return c
}

// confirmed takes a slot for a person at once.
func confirmed(t *testing.T, l Ledger, id, agenda string, from, to int) booking.Appointment {
	t.Helper()
	c := at(id, agenda, from, to)
	c.Change = taking(booking.Keep)
	return claim(t, l, c)
}

func aMoveIsOneStep(t *testing.T, open Open) {
	l, _ := start(t, open)
	old := confirmed(t, l, "old", "agenda", 60, 120)
	c := move("new", "old", "autre", 300, 360)
	c.Change = taking(booking.Keep)
	made := claim(t, l, c)
	if made.Status != booking.Confirmed || made.Chain != "old" || made.Replaces != "old" || made.Replacing || made.Version <= old.Version {
		t.Errorf("the new one: %+v", made)
	}
	if len(made.Notices) != 3 || made.Notices[0].About != booking.AboutMove {
		t.Errorf("people are told %+v", made.Notices)
	}
	before, err := l.Appointment(t.Context(), "p1", "old")
	if err != nil || before.Status != booking.Moved || before.ReplacedBy != "new" {
		t.Errorf("the old one: %s by %q, %v", before.Status, before.ReplacedBy, err)
	}
	claim(t, l, at("next", "agenda", 60, 120))
}

func aMoveMayOverlapWhatItLeaves(t *testing.T, open Open) {
	l, _ := start(t, open)
	confirmed(t, l, "old", "agenda", 60, 120)
	confirmed(t, l, "other", "agenda", 150, 180)
	c := move("new", "old", "agenda", 90, 150)
	made := claim(t, l, c)
	_, err := l.Claim(t.Context(), at("stranger", "agenda", 60, 90))
	wantKind(t, err, connectors.SlotTaken) // both are kept until it is settled
	if _, err := l.Claim(t.Context(), move("far", "old", "agenda", 140, 170)); err == nil {
		t.Error("a move may overlap others than what it leaves")
	}
	if _, err := l.Advance(t.Context(), "new", made.Version, *taking(booking.Keep)); err != nil {
		t.Fatal(err)
	}
	claim(t, l, at("next", "agenda", 60, 90))
	_, err = l.Claim(t.Context(), at("late", "agenda", 90, 100))
	wantKind(t, err, connectors.SlotTaken)
}

func aMoveUnderWayLetsNothingElseHappen(t *testing.T, open Open) {
	l, _ := start(t, open)
	old := confirmed(t, l, "old", "agenda", 60, 120)
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id := string(rune('a' + i))
			if _, err := l.Claim(context.Background(), move(id, "old", "agenda "+id, 300, 360)); err == nil {
				won.Add(1)
			} else if connectors.KindOf(err) != connectors.Refused {
				t.Errorf("a second move: %v", err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d moves of one appointment were begun", won.Load())
	}
	if _, err := l.Advance(t.Context(), "old", old.Version, booking.Change{Event: booking.Cancel}); connectors.KindOf(err) != connectors.Refused {
		t.Errorf("it was cancelled while it moves: %v", err)
	}
	for i := range 8 {
		id := string(rune('a' + i))
		if held, err := l.Appointment(t.Context(), "p1", id); err == nil {
			if _, err := l.Advance(t.Context(), id, held.Version, booking.Change{Event: booking.Lapse}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := l.Advance(t.Context(), "old", old.Version, booking.Change{Event: booking.Cancel}); err != nil {
		t.Errorf("once the move is given up: %v", err)
	}
}

func person(c *booking.Change, digest string) *booking.Change {
	c.Person.Digest = []byte(digest)
	return c
}

func aPersonIsExpectedOnceAtATime(t *testing.T, open Open) {
	l, _ := start(t, open)
	c := at("a", "agenda", 60, 120)
	c.Change = person(taking(booking.Keep), "x")
	first := claim(t, l, c)
	c = at("b", "autre", 90, 150)
	c.Change = person(taking(booking.Keep), "x")
	_, err := l.Claim(t.Context(), c)
	e, ok := err.(*booking.Error)
	if !ok || e.Code != "rendez_vous_double" || e.Appointment != "a" {
		t.Fatalf("got %v, want rendez_vous_double with the first one's id", err)
	}
	if _, err := l.Claim(t.Context(), at("hold", "autre", 90, 150)); err != nil {
		t.Errorf("a hold is for nobody: %v", err)
	}
	c = at("c", "tiers", 90, 150)
	c.Change = person(taking(booking.Keep), "x")
	c.Change.Person.Again = true
	claim(t, l, c)
	c = move("moved", "a", "agenda", 90, 150)
	c.Change = person(taking(booking.Keep), "x")
	claim(t, l, c) // its own move is no second one
	if got, _ := l.Appointment(t.Context(), "p1", "a"); got.Status != booking.Moved || first.Status != booking.Confirmed {
		t.Errorf("the first is %s", got.Status)
	}
	c = at("d", "quart", 155, 170)
	c.Change = person(taking(booking.Keep), "x")
	claim(t, l, c) // another time
}

func anotherPartnersPersonIsNeverCompared(t *testing.T, open Open) {
	l, _ := start(t, open)
	for i, partner := range []string{"p1", "p2"} {
		c := at(partner, "agenda "+partner, 60+i, 120)
		c.Appointment.Partner = partner
		c.Change = person(taking(booking.Keep), "x")
		claim(t, l, c)
	}
}

func seatsAreGivenOnceUnderContention(t *testing.T, open Open) {
	f := open(t)
	const capacity, callers = 20, 60
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			c := at("", "agenda", 60, 120)
			c.Appointment.ID = string(rune('A'+i/26)) + string(rune('a'+i%26))
			c.Session, c.Capacity = "atelier", capacity
			_, err := f.Claim(context.Background(), c)
			switch {
			case err == nil:
				won.Add(1)
			case connectors.KindOf(err) != connectors.SlotTaken:
				t.Errorf("claim: %v", err)
			}
		})
	}
	wg.Wait()
	seats := f.Count(t, "SELECT count(*) FROM claims")
	if won.Load() != capacity || seats != capacity {
		t.Errorf("%d callers got one of %d seats, %d are taken", won.Load(), capacity, seats)
	}
	got, err := f.Claimed(t.Context(), "agenda", interval.Of(Epoch, Epoch.AddDate(0, 0, 1)), "")
	if err != nil || len(got) != 1 || got[0].Seats != capacity || len(got[0].Appointments) != capacity {
		t.Errorf("Claimed = %+v, %v", got, err)
	}
}
