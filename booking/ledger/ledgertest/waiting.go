package ledgertest

import (
	"context"
	"maps"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/held"
)

// WaitingLedger is a ledger that counts what waits in it.
type WaitingLedger interface {
	WebhooksLedger
	Waiting(ctx context.Context) (booking.Waiting, error)
}

// RunWaiting runs the suite of what is counted.
func RunWaiting(t *testing.T, open func(testing.TB) (WaitingLedger, *held.Clock)) {
	t.Run("messages that wait are counted", func(t *testing.T) { messagesThatWaitAreCounted(t, open) })
	t.Run("what is owed to agendas is counted", func(t *testing.T) { whatIsOwedIsCounted(t, open) })
	t.Run("what webhooks have to be told of is counted", func(t *testing.T) { whatWebhooksAreOwedIsCounted(t, open) })
}

func waiting(t *testing.T, l WaitingLedger) booking.Waiting {
	t.Helper()
	w, err := l.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func messagesThatWaitAreCounted(t *testing.T, open func(testing.TB) (WaitingLedger, *held.Clock)) {
	l, clock := open(t)
	if w := waiting(t, l); len(w.Notices)+len(w.Oldest)+len(w.Doubtful) > 0 || w.Events+w.Failing+w.Debts+w.Overdue > 0 {
		t.Errorf("in an empty ledger: %+v", w)
	}
	reminded(t, l, "a", days5)
	clock.Add(time.Minute)
	reminded(t, l, "b", days5+100)
	clock.Add(time.Minute)
	w := waiting(t, l)
	if !maps.Equal(w.Notices, map[booking.Channel]int{booking.MailChannel: 6}) || !maps.Equal(w.Oldest, map[booking.Channel]time.Duration{booking.MailChannel: 2 * time.Minute}) {
		t.Errorf("two appointments, three people each: %+v", w)
	}
	if told(t, l); len(waiting(t, l).Notices) > 0 {
		t.Errorf("they are told, and %+v waits", waiting(t, l))
	}
	clock.Set(Epoch.Add(3*24*time.Hour + time.Minute)) // the hour of the first reminder
	if w := waiting(t, l); !maps.Equal(w.Notices, map[booking.Channel]int{booking.MailChannel: 1}) || len(w.Oldest) > 0 {
		t.Errorf("at the hour of a reminder: %+v", w)
	}
}

func whatIsOwedIsCounted(t *testing.T, open func(testing.TB) (WaitingLedger, *held.Clock)) {
	l, clock := open(t)
	confirmed(t, l, "kept", "agenda", 0, 30)
	sending(t, l, "sent", 60, 120, 10*time.Second)
	lost := advance(t, l, sending(t, l, "lost", 120, 180, 0), booking.Change{Event: booking.Lose})
	for _, id := range []string{"given up", "given up too"} {
		c := at(id, id, 300, 360)
		c.Change = taking(booking.Send)
		a := advance(t, l, claim(t, l, c), booking.Change{Event: booking.Lose})
		advance(t, l, a, booking.Change{Event: booking.GiveUp})
	}
	want := map[booking.Status]int{booking.Sending: 1, booking.Uncertain: 1, booking.NeedsHuman: 2}
	if w := waiting(t, l); !maps.Equal(w.Doubtful, want) || w.Debts != 4 || w.Overdue != 0 {
		t.Errorf("%+v, want %v and four debts: what people are asked about is still looked for", w, want)
	}
	clock.Add(10 * time.Minute)
	if w := waiting(t, l); w.Overdue != 4 {
		t.Errorf("ten minutes later: %+v", w)
	}
	advance(t, l, lost, booking.Change{Event: booking.Accept})
	delete(want, booking.Uncertain)
	if w := waiting(t, l); !maps.Equal(w.Doubtful, want) || w.Debts != 3 || w.Overdue != 3 {
		t.Errorf("when one is known: %+v", w)
	}
}

func whatWebhooksAreOwedIsCounted(t *testing.T, open func(testing.TB) (WaitingLedger, *held.Clock)) {
	l, clock := open(t)
	confirmed(t, l, "before", "agenda", 0, 30)
	for _, w := range []booking.Webhook{hookOf("p1", "w"), hookOf("p1", "given up"), hookOf("p2", "other")} {
		if err := l.AddWebhook(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	confirmed(t, l, "after", "agenda", 60, 120)
	confirmed(t, l, "later", "agenda", 120, 180)
	taken, err := l.TakeWebhooks(t.Context(), time.Minute, 10)
	if err != nil || len(taken) != 2 {
		t.Fatal(len(taken), err)
	}
	if w := waiting(t, l); w.Events != 4 || w.Failing != 0 {
		t.Errorf("two webhooks, two changes: %+v", w)
	}
	for _, w := range taken {
		w.Position++
		if w.ID == "given up" {
			w.Disabled = clock.Now()
		}
		if err := l.Served(t.Context(), w, booking.Delivery{Position: w.Position, At: clock.Now()}, clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if w := waiting(t, l); w.Events != 1 || w.Failing != 1 {
		t.Errorf("each was told of one, then one was given up: %+v", w)
	}
}
