package ledgertest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
)

// sending takes a slot for a person and owes it to the agenda.
func sending(t *testing.T, l Ledger, id string, from, to int, lease time.Duration) booking.Appointment {
	t.Helper()
	c := at(id, "agenda", from, to)
	c.Change = taking(booking.Send)
	c.Change.Lease = lease
	return claim(t, l, c)
}

func aDebtIsCarriedOutByOne(t *testing.T, open Open) {
	l, clock := start(t, open)
	take := func() []booking.Debt {
		t.Helper()
		got, err := l.TakeDebts(t.Context(), time.Minute, 100)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	a := sending(t, l, "a", 60, 120, 10*time.Second)
	if got := take(); len(got) != 0 {
		t.Fatalf("what its caller still carries out was taken: %+v", got)
	}
	clock.Add(10 * time.Second)
	got := take()
	if len(got) != 1 || got[0].Do != booking.Book || got[0].Appointment.ID != "a" || got[0].Appointment.Details == nil {
		t.Fatalf("took %+v", got)
	}
	if again := take(); len(again) != 0 {
		t.Error("taken twice")
	}
	clock.Add(time.Minute)
	second := take()
	if len(second) != 1 {
		t.Fatal("a lease that ran out is not given again")
	}
	if err := l.Forgive(t.Context(), got[0]); err != nil { // by whoever slept
		t.Fatal(err)
	}
	clock.Add(time.Minute)
	if len(take()) != 1 {
		t.Error("whoever lost the lease ended the debt")
	}
	if _, err := l.Advance(t.Context(), "a", a.Version, booking.Change{Event: booking.Accept}); err != nil {
		t.Fatal(err)
	}
	clock.Add(time.Hour)
	if len(take()) != 0 {
		t.Error("a debt outlives its outcome")
	}

	for i := range 40 {
		sending(t, l, fmt.Sprint("n", i), 200+10*i, 210+10*i, 0)
	}
	var mu sync.Mutex
	seen := make(map[string]int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				got, err := l.TakeDebts(context.Background(), time.Hour, 3)
				if err != nil || len(got) == 0 {
					return
				}
				mu.Lock()
				for _, d := range got {
					seen[d.Appointment.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was taken %d times", id, n)
		}
	}
	if rest := take(); len(seen)+len(rest) != 40 {
		t.Errorf("%d of 40 were taken, %d are left", len(seen), len(rest))
	}
}

func aDebtCountsAbsencesInARow(t *testing.T, open Open) {
	l, clock := start(t, open)
	a := sending(t, l, "a", 60, 120, 0)
	if _, err := l.Advance(t.Context(), "a", a.Version, booking.Change{Event: booking.Lose, Lease: 30 * time.Second}); err != nil {
		t.Fatal(err)
	}
	next := func() booking.Debt {
		t.Helper()
		got, err := l.TakeDebts(t.Context(), time.Minute, 1)
		if err != nil || len(got) != 1 {
			t.Fatalf("took %d, %v", len(got), err)
		}
		return got[0]
	}
	clock.Add(30 * time.Second)
	first := clock.Now()
	for i, absent := range []bool{true, true, false, true} {
		d := next()
		if want := []int{0, 1, 2, 0}[i]; d.Absences != want || d.Attempts != i || d.Do != booking.Settle {
			t.Errorf("look %d: %d absences, %d attempts, %s", i, d.Absences, d.Attempts, d.Do)
		}
		if i == 2 && !d.AbsentSince.Equal(first) {
			t.Errorf("absent since %s, want %s", d.AbsentSince, first)
		}
		if err := l.Postpone(t.Context(), d, clock.Now().Add(time.Minute), absent); err != nil {
			t.Fatal(err)
		}
		clock.Add(time.Minute)
	}
}

func messagesGoInOrder(t *testing.T, open Open) {
	l, clock := start(t, open)
	a := confirmed(t, l, "a", "agenda", 60, 120)
	take := func() map[booking.Actor]booking.Told {
		t.Helper()
		got, err := l.TakeNotices(t.Context(), time.Minute, 100)
		if err != nil {
			t.Fatal(err)
		}
		out := make(map[booking.Actor]booking.Told)
		for _, n := range got {
			if _, twice := out[n.To]; twice {
				t.Errorf("two messages to %s at once", n.To)
			}
			out[n.To] = n
		}
		return out
	}
	first := take()
	if len(first) != 2 || first[booking.TheStructure].About != booking.AboutConfirmation || first[booking.TheStructure].Subject.Details == nil {
		t.Fatalf("first %+v", first)
	}
	if _, err := l.Advance(t.Context(), "a", a.Version, booking.Change{Event: booking.Cancel, Telling: taking(booking.Keep).Telling}); err != nil {
		t.Fatal(err)
	}
	if len(take()) != 0 {
		t.Error("a message that is being sent was given again, or overtaken")
	}
	told := func(n booking.Told, state booking.NoticeState, again time.Time) {
		t.Helper()
		if err := l.Tell(t.Context(), n, state, again); err != nil {
			t.Fatal(err)
		}
	}
	told(first[booking.TheStructure], booking.NoticeDue, clock.Now().Add(time.Hour)) // it did not get through, and there is news
	told(first[booking.ThePrescriber], booking.NoticeSent, time.Time{})
	next := take()
	if len(next) != 2 || next[booking.ThePrescriber].About != booking.AboutCancellation || next[booking.TheStructure].About != booking.AboutCancellation {
		t.Errorf("then %+v", next)
	}
	told(next[booking.TheStructure], booking.NoticeDue, clock.Now().Add(time.Hour))
	if len(take()) != 0 {
		t.Error("tried again before its time")
	}
	clock.Add(time.Hour)
	if got := take()[booking.TheStructure]; got.About != booking.AboutCancellation || got.Attempts != 1 {
		t.Errorf("tried again: %+v", got)
	}
	told(next[booking.TheStructure], booking.NoticeFailed, time.Time{}) // by whoever lost the lease
	got, err := l.AnyAppointment(t.Context(), "a")
	if err != nil || got.Notices[0].State != booking.NoticeDropped || got.Notices[3].State != booking.NoticeDue {
		t.Errorf("what became of them: %+v, %v", got.Notices, err)
	}
	b := confirmed(t, l, "b", "autre", 60, 120)
	if _, err := l.Advance(t.Context(), "b", b.Version, booking.Change{Event: booking.Cancel, Telling: taking(booking.Keep).Telling}); err != nil {
		t.Fatal(err)
	}
	if got := take()[booking.TheStructure]; got.Appointment != "b" || got.About != booking.AboutCancellation {
		t.Errorf("old news was told first: %+v", got)
	}
}

func aDoubtIsToldLaterUnlessThereIsNews(t *testing.T, open Open) {
	l, clock := start(t, open)
	give := func(id string, from int) booking.Appointment {
		t.Helper()
		a := sending(t, l, id, from, from+10, 0)
		for _, e := range []booking.Event{booking.Lose, booking.GiveUp} {
			change := booking.Change{Event: e, Telling: booking.Telling{Channels: map[booking.Actor]booking.Channel{
				booking.TheStructure: booking.MailChannel, booking.ThePrescriber: booking.MailChannel, booking.TheOperator: booking.MailChannel,
			}}}
			var err error
			if a, err = l.Advance(t.Context(), id, a.Version, change); err != nil {
				t.Fatal(err)
			}
		}
		return a
	}
	told := func() (out []booking.Actor) {
		t.Helper()
		got, err := l.TakeNotices(t.Context(), time.Hour, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range got {
			out = append(out, n.To)
			if err := l.Tell(t.Context(), n, booking.NoticeSent, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
	give("a", 60)
	b := give("b", 200)
	if got := told(); len(got) != 2 || got[0] != booking.ThePrescriber || got[1] != booking.ThePrescriber {
		t.Errorf("at once: %v", got)
	}
	clock.Add(10 * time.Minute)
	if _, err := l.Advance(t.Context(), "b", b.Version, booking.Change{Event: booking.Accept}); err != nil {
		t.Fatal(err)
	}
	clock.Add(5 * time.Minute)
	if got := told(); len(got) != 1 || got[0] != booking.TheStructure {
		t.Errorf("after a quarter of an hour: %v", got)
	}
	clock.Add(24 * time.Hour)
	if got := told(); len(got) != 1 || got[0] != booking.TheOperator {
		t.Errorf("after a day: %v", got)
	}
}
