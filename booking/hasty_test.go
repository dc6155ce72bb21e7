package booking_test

import (
	"testing"
	"time"

	"passerelle/booking"
)

// A page of several places does not wait for an agenda that had failed; who looks at a place alone waits, and is shown that it
// answers again.
func TestWhoLooksAtOnePlaceWaitsForItsAgenda(t *testing.T) {
	w := newWorld(t)
	w.AnswerIn = time.Minute
	state := func() booking.State {
		l, err := w.Place(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		return l.State
	}
	if got := state(); got != booking.Fresh {
		t.Fatalf("at first it is %s", got)
	}
	feed := w.feed.Load()
	w.feed.Store("")
	w.now.Add(2 * 60)
	if got := state(); got != booking.Stale {
		t.Fatalf("failing it is %s", got)
	}
	w.feed.Store(feed)
	w.now.Add(60)
	if got := state(); got != booking.Fresh {
		t.Errorf("answering again it is %s", got)
	}
}
