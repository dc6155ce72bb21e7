package ledgertest

import (
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// handOn is an orientation of an agenda, which knows it as upstream.
func handOn(id, agenda, upstream string) booking.Claim {
	c := at(id, agenda, 0, 0)
	c.Appointment.Interval, c.Footprint, c.Appointment.Guarantee = interval.Interval{}, interval.Interval{}, connectors.Handoff
	c.Appointment.Upstream.Upstream = upstream
	c.Change = taking(booking.HandOn)
	c.Change.Expires = Epoch.Add(24 * time.Hour)
	return c
}

func anOrientationTakesNoTime(t *testing.T, open Open) {
	l, c := start(t, open)
	claim(t, l, at("a", "agenda", 60, 120))
	first, second := claim(t, l, handOn("b", "agenda", "")), claim(t, l, handOn("c", "agenda", ""))
	if first.Status != booking.HandedOff || !first.Interval.Empty() {
		t.Errorf("it is %s at %v", first.Status, first.Interval)
	}
	at := interval.Of(Epoch.Add(time.Hour), Epoch.Add(2*time.Hour)) // as a's
	done, err := l.Advance(t.Context(), first.ID, first.Version, booking.Change{Event: booking.Accept, During: at})
	if err != nil || done.Status != booking.Confirmed || done.Interval != at {
		t.Fatalf("it is %s at %v, %v", done.Status, done.Interval, err)
	}
	if kept, err := l.AnyAppointment(t.Context(), first.ID); err != nil || kept.Interval != at {
		t.Errorf("its time is not kept: %v, %v", kept.Interval, err)
	}
	if taken, err := l.Claimed(t.Context(), "agenda", at, ""); err != nil || len(taken) != 1 {
		t.Errorf("%+v is taken, %v", taken, err)
	}
	lapsed := func() (ids []string) {
		list, err := l.Lapsed(t.Context(), c.Now(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			if a.Status == booking.HandedOff {
				ids = append(ids, a.ID)
			}
		}
		return ids
	}
	if early := lapsed(); len(early) != 0 {
		t.Errorf("%v ended before their time", early)
	}
	c.Set(second.Expires)
	if late := lapsed(); len(late) != 1 || late[0] != second.ID {
		t.Errorf("%v ended; want what nobody finished", late)
	}
}

func anOrientationIsFollowed(t *testing.T, open Open) {
	l, c := start(t, open)
	step := func(a booking.Appointment, events ...booking.Event) {
		for _, e := range events {
			var err error
			if a, err = l.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: e}); err != nil {
				t.Fatal(err)
			}
		}
	}
	claim(t, l, handOn("nobody knows it there", "agenda", ""))
	claim(t, l, handOn("elsewhere", "autre", "u0"))
	claim(t, l, handOn("waits", "agenda", "u1"))
	step(claim(t, l, handOn("stands", "agenda", "u2")), booking.Accept)
	step(claim(t, l, handOn("took place", "agenda", "u3")), booking.Accept, booking.Attend)
	step(claim(t, l, handOn("did not", "agenda", "u4")), booking.Accept, booking.Miss)
	step(claim(t, l, handOn("over", "agenda", "u5")), booking.Lapse)
	step(claim(t, l, handOn("cancelled", "agenda", "u6")), booking.Accept, booking.Cancel)
	c.Add(time.Hour)
	claim(t, l, handOn("later", "agenda", "u7"))
	for since, want := range map[time.Time]int{Epoch: 5, Epoch.Add(time.Second): 1, c.Now(): 1, c.Now().Add(time.Second): 0} {
		got, err := l.HandedOn(t.Context(), "agenda", since)
		if err != nil || len(got) != want {
			t.Errorf("since %v: %d, %v; want %d", since, len(got), err, want)
		}
		for i, a := range got {
			if a.Upstream.Upstream == "" || a.Details == nil || i > 0 && a.Created.Before(got[i-1].Created) {
				t.Errorf("%+v", a)
			}
		}
	}
}
