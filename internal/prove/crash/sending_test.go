package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/prove"
)

// undying runs do on a goroutine that may end in the middle, and reports whether it did.
func undying(do func()) (ended bool) {
	over := make(chan bool, 1)
	go func() {
		finished := false
		defer func() { over <- !finished }()
		do()
		finished = true
	}()
	return <-over
}

func call(key string) booking.Call {
	return booking.Call{Partner: "p", Key: key, Request: []byte("POST /v1/rendez-vous " + key)}
}

// settled goes on until nothing is in doubt any more: reconciling, with time, and the caller repeating its call whenever
// chance says so. What each repetition said is checked on the way.
func (w *world) settled(t *testing.T, l *life, random *rand.Rand, id string, again func() (booking.Result, error)) booking.Appointment {
	t.Helper()
	for range 40 {
		if random.IntN(2) == 0 {
			r, err := again()
			if err == nil && r.Appointment.ID != id {
				t.Fatalf("the key answers %s, and the appointment is %s", r.Appointment.ID, id)
			}
			if e, ok := err.(*booking.Error); err != nil && (!ok || e.Code != "demande_en_cours") {
				t.Fatalf("the key answers %v", err)
			}
		}
		if _, err := l.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(10 * time.Second)
	}
	a, err := l.ledger.AnyAppointment(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// one is the only appointment of the partner that bears the reference.
func one(t *testing.T, l *life, reference string) booking.Appointment {
	t.Helper()
	found, _, err := l.ledger.Appointments(t.Context(), "p", booking.AppointmentFilter{Reference: reference, Limit: 10})
	if err != nil || len(found) != 1 {
		t.Fatalf("%s has %d appointments, %v", reference, len(found), err)
	}
	return found[0]
}

// A process ends between the commit of `sending` and the agenda's write, or between that write and its outcome: in the
// first case nothing is in the agenda and the slot comes back, in the second the appointment is confirmed; never are
// there two, here or there.
func TestABookingThatIsCutOffAroundTheAgendasWrite(t *testing.T) {
	seed := rand.Uint64()
	rounds := prove.Size(6, 60)
	t.Logf("seed %d, %d rounds", seed, rounds)
	random := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t)
	l := w.begin(t, nil)
	for n := range rounds {
		written := n%2 == 1
		key, slot := fmt.Sprint("k", n), freeSlot(t, l, n)
		book := func(l *life) func() (booking.Result, error) {
			return func() (booking.Result, error) {
				return l.Book(context.Background(), call(key), booking.Booking{SlotID: slot, Reference: key, Details: booking.Details{
					Beneficiary: booking.Beneficiary{FirstName: "P", LastName: "N", Phone: booking.Phone(fmt.Sprintf("+336%08d", n))},
				}})
			}
		}
		w.diary.late = random.IntN(2) == 0
		w.diary.end(!written, written)
		if !undying(func() { _, _ = book(l)() }) {
			t.Fatal("it was not cut off")
		}
		w.diary.end(false, false)
		l = w.goOn(t, l)
		a := one(t, l, key)
		if a.Status != booking.Sending || a.Details == nil || a.Details.Beneficiary.FirstName != "P" {
			t.Fatalf("round %d: after the crash it is %s", n, a.Status)
		}
		got := w.settled(t, l, random, a.ID, book(l))
		want := booking.Refused
		if written {
			want = booking.Confirmed
		}
		if event, writes := w.diary.has(a.ID); got.Status != want || event != written || writes > 1 {
			t.Fatalf("round %d: written %v; it is %s, in the agenda %v, written %d times", n, written, got.Status, event, writes)
		}
		one(t, l, key)
		if written {
			w.cancelled(t, &l, random, got, n%4 == 1)
		}
		if _, err := l.ledger.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// cancelled cuts a cancellation off around the agenda's write: it happens once, and the event is gone.
func (w *world) cancelled(t *testing.T, l **life, random *rand.Rand, a booking.Appointment, written bool) {
	t.Helper()
	cancel := func(l *life) func() (booking.Result, error) {
		return func() (booking.Result, error) {
			return l.Cancel(context.Background(), call("annuler "+a.ID), a.ID, booking.Ending{By: booking.ThePrescriber, Reason: "empêchement"})
		}
	}
	w.diary.end(!written, written)
	if !undying(func() { _, _ = cancel(*l)() }) {
		t.Fatal("the cancellation was not cut off")
	}
	w.diary.end(false, false)
	*l = w.goOn(t, *l)
	got := w.settled(t, *l, random, a.ID, cancel(*l))
	if event, _ := w.diary.has(a.ID); got.Status != booking.Cancelled || event {
		t.Fatalf("a cancellation, written %v: it is %s, in the agenda %v", written, got.Status, event)
	}
}

// freeSlot is one that is free, of the days to come.
func freeSlot(t *testing.T, l *life, n int) string {
	t.Helper()
	o, err := l.SlotsOf(t.Context(), "d", nil, nil, "")
	if err != nil || len(o.Slots) < 20 {
		t.Fatalf("%d slots, %v", len(o.Slots), err)
	}
	return o.Slots[len(o.Slots)-1-n%10].ID()
}

// Planted fault: a process that begins on what the disk held before `sending` and its key were kept, as if the first byte
// had left before them. The repeated call writes a second event.
func TestASecondWriteAfterACrashIsSeen(t *testing.T) {
	w := newWorld(t)
	w.diary.late = true
	l := w.begin(t, nil)
	forgetful := w.begin(t, l)
	slot := freeSlot(t, l, 0)
	book := func(l *life) {
		_, _ = l.Book(context.Background(), call("k"), booking.Booking{SlotID: slot, Reference: "k"})
	}
	w.diary.end(false, true)
	if !undying(func() { book(l) }) {
		t.Fatal("it was not cut off")
	}
	w.diary.end(false, false)
	book(forgetful)
	if len(w.diary.events) != 2 {
		t.Errorf("planted fault: %d events", len(w.diary.events))
	}
}
