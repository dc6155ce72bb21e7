package booking_test

import (
	"testing"

	"passerelle/booking"
)

// What every place is said to be is what each says of itself, once it is read; a slot that is only shown is nobody's next one.
func TestOutlooks(t *testing.T) {
	w := newWorld(t)
	outlooks := func() map[string]booking.Outlook {
		t.Helper()
		all, err := w.Outlooks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		of := make(map[string]booking.Outlook)
		for i, o := range all {
			if of[o.Place.ID] = o; i > 0 && all[i-1].Place.ID >= o.Place.ID {
				t.Errorf("%s comes after %s", o.Place.ID, all[i-1].Place.ID)
			}
		}
		return of
	}
	for id, want := range map[string]booking.State{"a": booking.Unknown, "d": booking.Unknown, "c": booking.NoAgenda} {
		if got := outlooks()[id]; got.State != want || !got.First.IsZero() || got.Next == booking.ToBook {
			t.Errorf("%s, before anything is read: %+v", id, got)
		}
	}
	for _, step := range []struct {
		do   func()
		d    booking.ActionType
		free bool
	}{
		{func() {}, booking.ToBook, true},
		{func() { w.put(t, "diary", func(c *booking.Connection) { c.Paused = true }) }, booking.ToBook, true},
		{func() {
			w.put(t, "sent", func(c *booking.Connection) { c.Paused = true })
			w.put(t, "asked", func(c *booking.Connection) { c.Notice = "" })
		}, booking.ToCall, false},
	} {
		step.do()
		want := make(map[string]booking.Listing)
		for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
			l, err := w.Place(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			want[id] = l
		}
		got := outlooks()
		if len(got) != len(want) {
			t.Errorf("%d of %d", len(got), len(want))
		}
		for id, o := range got {
			l := want[id]
			if o.State != l.State || !o.ObservedAt.Equal(l.ObservedAt) || o.Next != l.Next.Type || o.Next == booking.ToBook && !o.First.Equal(l.Next.When) {
				t.Errorf("%s: %+v, want %+v", id, o, l.Next)
			}
		}
		if d := got["d"]; d.Next != step.d || d.First.IsZero() == step.free || d.State != booking.Fresh {
			t.Errorf("d: %+v, want %s", d, step.d)
		}
	}
}
