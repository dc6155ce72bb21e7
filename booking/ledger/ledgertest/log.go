package ledgertest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
)

// Whoever follows the log while many write sees every change once, in an order in which no appointment goes backwards.
func theLogHasNoGapUnderContention(t *testing.T, open Open) {
	l, _ := start(t, open)
	const writers, each = 8, 12
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%d", w, i)
				c := at(id, fmt.Sprint("agenda", w), 10*i, 10*i+10)
				c.Change = taking(booking.Keep)
				a, err := l.Claim(ctx, c)
				if err == nil {
					_, err = l.Advance(ctx, id, a.Version, booking.Change{Event: booking.Cancel})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	versions, last, seen := make(map[string]int), int64(0), 0
	follow := func() {
		got, err := l.Entries(ctx, "p1", last, 7)
		if err != nil {
			t.Error(err)
			cancel()
			return
		}
		for _, e := range got {
			if e.Position != last+1 || e.Version <= versions[e.Appointment] {
				t.Errorf("%+v comes after position %d and version %d", e, last, versions[e.Appointment])
			}
			last, versions[e.Appointment] = e.Position, e.Version
			seen++
		}
	}
	for writing := true; writing && ctx.Err() == nil; {
		select {
		case <-done:
			writing = false
		default:
		}
		follow()
	}
	for before := -1; before != seen && ctx.Err() == nil; {
		before = seen
		follow()
	}
	if seen != 2*writers*each {
		t.Errorf("%d changes were seen of %d", seen, 2*writers*each)
	}
}

func theLogShowsNoHoldAndNoOtherPartner(t *testing.T, open Open) {
	l, _ := start(t, open)
	claim(t, l, at("hold", "agenda", 60, 120))
	c := at("other", "autre", 60, 120)
	c.Appointment.Partner, c.Change = "p2", taking(booking.Keep)
	claim(t, l, c)
	confirmed(t, l, "mine", "tiers", 60, 120)
	got, err := l.Entries(t.Context(), "p1", 0, 10)
	if err != nil || len(got) != 1 || got[0].Appointment != "mine" || got[0].Status != booking.Confirmed {
		t.Errorf("Entries = %+v, %v", got, err)
	}
}

func erasedIsErased(t *testing.T, open Open) {
	f := open(t)
	confirmed(t, f, "a", "agenda", 60, 120)
	confirmed(t, f, "b", "agenda", 60*24, 60*24+60)
	asked := at("c", "agenda", 60*48, 60*49)
	asked.Change = taking(booking.Ask)
	asked.Change.Expires = Epoch.Add(time.Hour)
	c := claim(t, f, asked)
	if _, err := f.Advance(t.Context(), "c", c.Version, booking.Change{Event: booking.Refuse}); err != nil {
		t.Fatal(err)
	}
	f.Clock.Add(10 * 24 * time.Hour)
	due := func(over, never time.Time) []string {
		t.Helper()
		ids, err := f.Erasable(t.Context(), over, never, 10)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	if got := due(Epoch, f.Clock.Now().Add(-7*24*time.Hour)); len(got) != 1 || got[0] != "c" {
		t.Errorf("refused a week ago: %v", got)
	}
	if got := due(Epoch.Add(3*time.Hour), Epoch); len(got) != 1 || got[0] != "a" {
		t.Errorf("over: %v", got)
	}
	for range 2 {
		if err := f.Erase(t.Context(), "a", string(booking.TheGateway)); err != nil {
			t.Fatal(err)
		}
	}
	a, err := f.Appointment(t.Context(), "p1", "a")
	if err != nil || a.Details != nil || a.Status != booking.Confirmed {
		t.Errorf("after: %+v, %v", a.Details, err)
	}
	if n := f.Count(t, "SELECT count(*) FROM details WHERE appointment = 'a'"); n != 0 {
		t.Error("the sealed details are still there")
	}
	if got := due(Epoch.Add(3*time.Hour), Epoch); len(got) != 0 {
		t.Errorf("to be erased again: %v", got)
	}
	log, err := f.Entries(t.Context(), "p1", 0, 100)
	if err != nil || !log[len(log)-1].Erased || log[len(log)-1].Appointment != "a" {
		t.Errorf("the log does not say it: %+v, %v", log, err)
	}
	if b, err := f.Appointment(t.Context(), "p1", "b"); err != nil || b.Details == nil {
		t.Errorf("another's went too: %v", err)
	}
}

func whatWasKeptForATimeGoes(t *testing.T, open Open) {
	f := open(t)
	c := at("a", "agenda", 60, 120)
	c.Key, c.Change = key("k", "r"), taking(booking.Keep)
	claim(t, f, c)
	c = at("b", "agenda", 60*24*40, 60*24*40+60)
	c.Key, c.Change = key("later", "r"), taking(booking.Keep)
	claim(t, f, c)
	claim(t, f, at("hold", "autre", 60, 120))
	if err := f.Erase(t.Context(), "a", string(booking.TheGateway)); err != nil {
		t.Fatal(err)
	}
	f.Clock.Add(31 * 24 * time.Hour)
	if err := f.Purge(t.Context(), f.Clock.Now().Add(-30*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, found, err := f.ByKey(t.Context(), *key("k", "r")); err != nil || found {
		t.Errorf("the key of an appointment that is over is kept: %v", err)
	}
	if _, found, err := f.ByKey(t.Context(), *key("later", "r")); err != nil || !found {
		t.Errorf("the key of an appointment to come is gone: %v", err)
	}
	log, err := f.Entries(t.Context(), "p1", 0, 100)
	if err != nil || len(log) != 1 || log[0].Appointment != "b" {
		t.Errorf("left in the log: %+v, %v", log, err)
	}
	if n := f.Count(t, "SELECT count(*) FROM audit"); n == 0 {
		t.Error("the audit is kept for a year")
	}
	f.Clock.Add(335 * 24 * time.Hour) // a year and a day since
	if err := f.Purge(t.Context(), f.Clock.Now().Add(-30*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := f.Count(t, "SELECT count(*) FROM audit"); n != 0 {
		t.Errorf("%d audit rows are kept for more than a year", n)
	}
}
