package availability

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// book is a ledger that changes, and counts what it is asked.
type book struct {
	mu     sync.Mutex
	now    func() time.Time
	claims []booking.Claimed
	hears  func(string)
	asked  int
	during func() // while it answers
}

func (b *book) OnClaims(f func(string)) { b.hears = f }

func (b *book) Claimed(_ context.Context, _ string, _ interval.Interval, except string) (out []booking.Claimed, _ error) {
	b.mu.Lock()
	b.asked++
	for _, c := range b.claims {
		if c.Until.IsZero() || b.now().Before(c.Until) {
			out = append(out, c)
		}
	}
	during := b.during
	b.mu.Unlock()
	if during != nil {
		during()
	}
	return out, nil
}

func (*book) Known(context.Context, string, []connectors.Own) ([]connectors.Own, error) {
	return nil, nil
}

func (b *book) claim(list ...booking.Claimed) {
	b.mu.Lock()
	b.claims = list
	b.mu.Unlock()
}

// newBook is a ledger with a reader that asks it, and a question.
func newBook(t *testing.T, now *time.Time) (*book, *Reader, booking.AvailabilityQuery) {
	t.Helper()
	clock := func() time.Time { return *now }
	b := &book{now: clock}
	r := New(Options{Claims: b, Logger: slog.New(slog.DiscardHandler), Now: clock})
	t.Cleanup(r.Close)
	return b, r, ask{diary: busy()}.query()
}

// What was worked out is kept for as long as what it was worked out from, and not until somebody asks again.
func TestWhatWasWorkedOutGoesWithTheReading(t *testing.T) {
	tn, r := newTown("one")
	defer r.Close()
	tn.round(t.Context(), r)
	tn.show(t.Context(), r, 0, true)
	d := r.diary(tn.list[0])
	again := d.last
	again.at = again.at.Add(time.Second)
	d.keep(again)
	if len(d.shelf.free) != 1 {
		t.Errorf("after a reading that found nothing new %d free times are kept, want 1", len(d.shelf.free))
	}
	for name, take := range map[string]func(reading){"made here": d.keep, "of another instance": func(other reading) { d.adopt(other) }} {
		tn.show(t.Context(), r, 0, true)
		other := *d.last.said
		other.main.Version += "+"
		again.at, again.said = d.last.at.Add(time.Second), &other
		if take(again); len(d.shelf.free) != 0 {
			t.Errorf("after another, %s, %d free times are kept", name, len(d.shelf.free))
		}
	}
}

// What is known is answered from memory; what the ledger says has changed is not believed, whenever it says so.
func TestTheLedgerIsAskedAgainWhenItHasChanged(t *testing.T) {
	now := monday
	b, r, q := newBook(t, &now)
	nine := booking.Claimed{Interval: span(23, "9:00", "10:00"), Session: "s", Seats: 1}
	shows := func(step, want string, asked int) {
		t.Helper()
		if got := show(r.Of(t.Context(), q)); got != want || b.asked != asked {
			t.Errorf("%s: %q after %d questions, want %q after %d", step, got, b.asked, want, asked)
		}
	}
	shows("at first", "09:00 10:00 11:00", 1)
	shows("again", "09:00 10:00 11:00", 1)
	b.claim(nine)
	b.hears("another agenda")
	shows("another agenda's time", "09:00 10:00 11:00", 1)
	b.hears("agenda")
	shows("taken", "10:00 11:00", 2)
	b.claim()
	b.hears("")
	shows("any may have changed", "09:00 10:00 11:00", 3)

	held := nine
	held.Until = monday.Add(10 * time.Second)
	b.claim(held)
	b.hears("agenda")
	shows("held", "10:00 11:00", 4)
	now = held.Until.Add(-time.Millisecond)
	shows("still held", "10:00 11:00", 4)
	now = held.Until
	shows("held no longer", "09:00 10:00 11:00", 5)

	b.claim()
	b.hears("agenda")
	b.during = func() { b.during = nil; b.claim(nine); b.hears("agenda") }
	shows("taken while it was asked", "09:00 10:00 11:00", 6)
	shows("and asked again", "10:00 11:00", 7)
}

// A question about one appointment, and one that reads the agenda now, do without what is kept.
func TestABookingAsksTheLedgerItself(t *testing.T) {
	now := monday
	b, r, q := newBook(t, &now)
	r.Of(t.Context(), q)
	b.claim(booking.Claimed{Interval: span(23, "9:00", "10:00"), Session: "s", Seats: 1}) // nobody has said so yet
	for name, ask := range map[string]booking.AvailabilityQuery{"live": {Live: true}, "except": {Except: "x"}} {
		ask.Agenda, ask.Place, ask.Motifs, ask.Window = q.Agenda, q.Place, q.Motifs, q.Window
		if got := show(r.Of(t.Context(), ask)); got != "10:00 11:00" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
