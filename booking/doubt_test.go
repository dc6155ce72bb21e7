package booking_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// goOn moves the clock in steps, and reconciles at each.
func (w *world) goOn(t *testing.T, steps int, each time.Duration) {
	t.Helper()
	for range steps {
		w.now.Add(int64(each.Seconds()))
		if _, err := w.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) status(t *testing.T, id string) booking.Status {
	t.Helper()
	a, err := w.ledger.AnyAppointment(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a.Status
}

// doubtful books in the diary while it does not answer.
func (w *world) doubtful(t *testing.T, how func(*diary)) booking.Appointment {
	t.Helper()
	id := w.slot(t, "d", "journal", "09:00")
	w.diary.set(how)
	r, err := w.book(t, "k1", id)
	if err != nil || r.Status != http.StatusAccepted || r.Appointment.Status != booking.Uncertain {
		t.Fatalf("Book = %d %s, %v", r.Status, r.Appointment.Status, err)
	}
	return r.Appointment
}

func TestABookingThatWasAppliedIsFound(t *testing.T) {
	w := newWorld(t)
	a := w.doubtful(t, func(d *diary) { d.mute = true })
	w.diary.set(func(d *diary) { d.mute = false })
	w.goOn(t, 1, 9*time.Second)
	got, err := w.Appointment(t.Context(), "p1", a.ID)
	if err != nil || got.Status != booking.Confirmed || got.Upstream.Version == "" {
		t.Fatalf("it is %s, %v", got.Status, err)
	}
	if again, err := w.book(t, "k1", "x"); err != nil || again.Status != http.StatusCreated || again.Appointment.ID != a.ID {
		t.Errorf("the same key: %d, %v", again.Status, err)
	}
}

// One absence proves nothing: the write may still be on its way. Two, apart, do; and if it comes after all, it is taken
// back.
func TestABookingThatWasLostIsReleasedAfterTwoAbsences(t *testing.T) {
	w := newWorld(t)
	a := w.doubtful(t, func(d *diary) { d.deaf = true })
	w.diary.set(func(d *diary) { d.deaf = false })
	w.goOn(t, 1, 7*time.Second)
	if slices.Contains(w.diary.calls, "find") {
		t.Error("it is looked for while the write may still be under way")
	}
	w.goOn(t, 1, 2*time.Second)
	if got := w.status(t, a.ID); got != booking.Uncertain {
		t.Fatalf("after one absence it is %s", got)
	}
	w.goOn(t, 1, 59*time.Second)
	if got := w.status(t, a.ID); got != booking.Uncertain {
		t.Fatalf("after a second look too soon it is %s", got)
	}
	w.goOn(t, 1, 2*time.Second)
	if got := w.status(t, a.ID); got != booking.Refused {
		t.Fatalf("after two absences it is %s", got)
	}
	if w.slot(t, "d", "journal", "09:00") == "" {
		t.Error("the slot did not come back")
	}
	w.diary.set(func(d *diary) { d.put(a.ID, a.Interval) }) // late
	w.goOn(t, 2, 2*time.Minute)
	if len(w.diary.events) != 0 {
		t.Error("what was refused came late, and stays in the agenda")
	}
}

func TestWhatNobodyCanFindOutIsForPeople(t *testing.T) {
	w := newWorld(t)
	a := w.doubtful(t, func(d *diary) { d.deaf = true })
	w.diary.set(func(d *diary) { d.silent = true })
	w.goOn(t, 30, 35*time.Second)
	if got := w.status(t, a.ID); got != booking.NeedsHuman {
		t.Fatalf("after a quarter of an hour it is %s", got)
	}
	todo, err := w.ledger.Todo(t.Context())
	if err != nil || len(todo) != 1 || todo[0].ID != a.ID {
		t.Errorf("Todo = %d, %v", len(todo), err)
	}
	if w.slot(t, "d", "journal", "09:00") != "" {
		t.Error("its slot is shown free")
	}
	w.diary.set(func(d *diary) { d.silent, d.deaf = false, false; d.put(a.ID, a.Interval) })
	w.goOn(t, 2, 16*time.Minute)
	if got := w.status(t, a.ID); got != booking.Confirmed {
		t.Errorf("once the agenda answers it is %s", got)
	}
}

// It is refused before it is taken out: the answer to that may be lost, and by the next look the clash be gone.
func TestALateClashIsUndoneOnlyIfTheEventIsAsWeWroteIt(t *testing.T) {
	for _, touched := range []bool{false, true} {
		w := newWorld(t)
		a := w.doubtful(t, func(d *diary) { d.mute = true })
		w.diary.set(func(d *diary) {
			d.mute = false
			d.others = []interval.Interval{a.Interval}
			if touched {
				d.put(a.ID, interval.Interval{Start: a.Start, End: a.End + 900})
			}
		})
		want, left := booking.Refused, 0
		if touched {
			want, left = booking.NeedsHuman, 1
		}
		w.goOn(t, 1, 9*time.Second)
		if got := w.status(t, a.ID); got != want || len(w.diary.events) != 1 {
			t.Errorf("touched %v: it is %s, %d events are left", touched, got, len(w.diary.events))
		}
		w.diary.set(func(d *diary) { d.others = nil })
		w.goOn(t, 1, 9*time.Second)
		if got := w.status(t, a.ID); got != want || len(w.diary.events) != left {
			t.Errorf("touched %v, and the clash is gone: it is %s, %d events are left", touched, got, len(w.diary.events))
		}
	}
}

// Whether somebody else is there too is not known where the agenda is not understood: nothing is confirmed meanwhile.
func TestABookingUnderWhatNobodyUnderstandsIsNotConfirmed(t *testing.T) {
	w := newWorld(t)
	a := w.doubtful(t, func(d *diary) { d.mute = true })
	w.diary.set(func(d *diary) {
		d.mute, d.doubt = false, []interval.Interval{{Start: a.Start + 60, End: a.Start + 120}}
	})
	w.goOn(t, 3, 30*time.Second)
	if got := w.status(t, a.ID); got != booking.Uncertain || len(w.diary.events) != 1 {
		t.Errorf("it is %s, with %d events", got, len(w.diary.events))
	}
	w.diary.set(func(d *diary) { d.doubt = nil })
	w.goOn(t, 2, 2*time.Minute)
	if got := w.status(t, a.ID); got != booking.Confirmed {
		t.Errorf("once it is understood it is %s", got)
	}
}

// A process that ends while it writes leaves `sending` behind: that means "perhaps", never "not sent".
func TestASenderThatIsGone(t *testing.T) {
	w := newWorld(t)
	w.extra.between = func() { panic(crash{}) }
	slot := w.slot(t, "d", "envoi", "09:00")
	r, err := w.book(t, "k1", slot)
	if err != nil || r.Appointment.Status != booking.Uncertain {
		t.Fatalf("a connector that panics: %s, %v", r.Appointment.Status, err)
	}
	w.goOn(t, 1, 10*time.Second) // this agenda cannot be searched
	if got := w.status(t, r.Appointment.ID); got != booking.NeedsHuman {
		t.Errorf("what cannot be looked for is %s", got)
	}
}

type crash struct{}

func TestACancellationWithoutAnAnswerIsRepeated(t *testing.T) {
	w := newWorld(t)
	r, err := w.book(t, "k1", w.slot(t, "d", "journal", "09:00"))
	if err != nil || r.Appointment.Status != booking.Confirmed {
		t.Fatalf("%s, %v", r.Appointment.Status, err)
	}
	w.diary.set(func(d *diary) { d.mute = true })
	done, err := w.Cancel(t.Context(), call("k2"), r.Appointment.ID, booking.Ending{By: booking.TheBeneficiary, Reason: "empêchement"})
	if err != nil || done.Status != http.StatusAccepted || done.Appointment.Status != booking.Cancelling {
		t.Fatalf("Cancel = %d %s, %v", done.Status, done.Appointment.Status, err)
	}
	if w.slot(t, "d", "journal", "09:00") != "" {
		t.Error("the slot is free before the agenda has said so")
	}
	w.diary.set(func(d *diary) { d.mute = false })
	w.goOn(t, 1, 2*time.Minute)
	a, err := w.Appointment(t.Context(), "p1", r.Appointment.ID)
	if err != nil || a.Status != booking.Cancelled || a.Ended.By != booking.TheBeneficiary || len(w.diary.events) != 0 {
		t.Errorf("it is %s %+v, %v", a.Status, a.Ended, err)
	}
}

func TestAYesOfTheStructureIsWrittenToItsAgenda(t *testing.T) {
	w := newWorld(t)
	r, err := w.book(t, "k1", w.slot(t, "d", "valide", "09:00"))
	if err != nil || r.Appointment.Status != booking.Requested || len(w.diary.events) != 0 {
		t.Fatalf("%s, %v", r.Appointment.Status, err)
	}
	a, err := w.Decide(t.Context(), r.Appointment.ID, true, "")
	if err != nil || a.Status != booking.Confirmed || len(w.diary.events) != 1 || a.Upstream.Reference != a.ID {
		t.Errorf("Decide = %s, %v; %d events", a.Status, err, len(w.diary.events))
	}
}

func TestARequestEndsWithinAWorkingDay(t *testing.T) {
	w := newWorld(t) // a Sunday
	w.put(t, "asked", func(c *booking.Connection) { c.Motifs[0].HorizonDays = 30 })
	from := booking.Bound{At: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), Day: true}
	to := booking.Bound{At: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Day: true}
	o, err := w.SlotsOf(t.Context(), "d", &from, &to, "accompagnement")
	if err != nil || len(o.Slots) == 0 {
		t.Fatal(len(o.Slots), err)
	}
	r, err := w.book(t, "k1", o.Slots[0].ID())
	if want := time.Date(2026, 11, 24, 0, 0, 0, 0, paris); err != nil || !r.Appointment.Expires.Equal(want) {
		t.Errorf("it expires %s, want %s (%v)", r.Appointment.Expires.In(paris), want, err)
	}
}

func TestWhoIsToldByTheAgendasOwnSoftware(t *testing.T) {
	w := newWorld(t)
	w.put(t, "diary", func(c *booking.Connection) { c.Tells = booking.SourceTells })
	r, err := w.book(t, "k1", w.slot(t, "d", "journal", "09:00"))
	if err != nil {
		t.Fatal(err)
	}
	channels := make(map[booking.Actor]booking.Channel)
	for _, n := range r.Appointment.Notices {
		channels[n.To] = n.Channel
	}
	if channels[booking.TheStructure] != booking.SourceChannel || channels[booking.TheBeneficiary] != booking.SourceChannel || channels[booking.ThePrescriber] == booking.SourceChannel {
		t.Errorf("%v", channels)
	}
}

func TestAKindThatNobodyKnowsIsNoDefiniteNo(t *testing.T) {
	for _, k := range connectors.Kinds() {
		w := newWorld(t)
		w.extra.book = &connectors.Error{Op: "book", Kind: k}
		_, err := w.book(t, "k1", w.slot(t, "d", "envoi", "09:00"))
		doubt := k == connectors.Internal || k == connectors.Unavailable || k == connectors.OutcomeUnknown
		if (err == nil) != doubt {
			t.Errorf("%s: %v", k, err)
		}
	}
}

// That our calls are too many says nothing of the event: it is still there, or still gone.
func TestARefusalOfUsSettlesNothing(t *testing.T) {
	for _, kind := range []connectors.Kind{connectors.RateLimited, connectors.Misconfigured} {
		w := newWorld(t)
		a := w.confirmed(t, "k1", "d", "journal", "09:00")
		w.diary.set(func(d *diary) { d.mute = true })
		if _, err := w.Cancel(t.Context(), call("k2"), a.ID, booking.Ending{By: booking.TheBeneficiary}); err != nil {
			t.Fatal(err)
		}
		w.diary.set(func(d *diary) { d.mute, d.refuses = false, kind })
		w.goOn(t, 3, 70*time.Second)
		if got := w.status(t, a.ID); got != booking.Cancelling {
			t.Errorf("%s: it is %s", kind, got)
		}
		w.diary.set(func(d *diary) { d.refuses = 0 })
		w.goOn(t, 3, 4*time.Minute)
		if got := w.status(t, a.ID); got != booking.Cancelled {
			t.Errorf("%s: then it is %s", kind, got)
		}
	}
}

func TestAYesThatTheAgendaRefusesIsTold(t *testing.T) {
	w := newWorld(t)
	r, err := w.book(t, "k1", w.slot(t, "d", "valide", "09:00"))
	if err != nil {
		t.Fatal(err)
	}
	w.diary.set(func(d *diary) { d.refuses = connectors.SlotTaken })
	if _, err := w.Decide(t.Context(), r.Appointment.ID, true, ""); connectors.KindOf(err) != connectors.SlotTaken {
		t.Errorf("Decide: %v", err)
	}
	a, err := w.Appointment(t.Context(), "p1", r.Appointment.ID)
	if err != nil || a.Status != booking.Refused {
		t.Fatalf("it is %s, %v", a.Status, err)
	}
	if last := a.Notices[len(a.Notices)-1]; last.About != booking.AboutRefusal {
		t.Errorf("the last that people hear: %+v", last)
	}
}

// A key of the same appointment that is repeated while a write is under way does not throw that write into doubt.
func TestAnOlderKeyLeavesAWriteAlone(t *testing.T) {
	w := newWorld(t)
	held, err := w.Hold(t.Context(), call("k1"), w.slot(t, "d", "envoi", "09:00"))
	if err != nil {
		t.Fatal(err)
	}
	w.extra.between = func() {
		if _, err := w.Hold(t.Context(), call("k1"), "x"); err != nil {
			t.Errorf("the hold's key again: %v", err)
		}
		if got := w.status(t, held.Appointment.ID); got != booking.Sending {
			t.Errorf("meanwhile it is %s", got)
		}
	}
	r, err := w.Book(t.Context(), call("k2"), booking.Booking{HoldID: held.Appointment.ID})
	if err != nil || r.Appointment.Status != booking.Confirmed {
		t.Errorf("Book = %s, %v", r.Appointment.Status, err)
	}
}

// What a human has moved is the human's, even if it came late.
func TestALateEventThatAHumanMovedIsLeft(t *testing.T) {
	w := newWorld(t)
	a := w.doubtful(t, func(d *diary) { d.deaf = true })
	w.diary.set(func(d *diary) { d.deaf = false })
	w.goOn(t, 4, 40*time.Second)
	if got := w.status(t, a.ID); got != booking.Refused {
		t.Fatalf("it is %s", got)
	}
	w.diary.set(func(d *diary) { d.put(a.ID, interval.Interval{Start: a.Start + 86400, End: a.End + 86400}) })
	w.goOn(t, 5, 2*time.Minute)
	if len(w.diary.events) != 1 {
		t.Error("what the structure keeps was deleted")
	}
}

func TestAMovedEventThatAHumanHasChangedIsLeft(t *testing.T) {
	for _, changed := range []bool{false, true} {
		w := newWorld(t)
		old := w.confirmed(t, "k1", "d", "journal", "09:00")
		if _, err := w.Move(t.Context(), call("k2"), old.ID, w.slot(t, "d", "journal", "11:00")); err != nil {
			t.Fatal(err)
		}
		if changed {
			w.diary.set(func(d *diary) { d.put(old.ID, old.Interval) })
		}
		w.goOn(t, 3, 5*time.Minute)
		if _, there := w.diary.events[old.ID]; there != changed {
			t.Errorf("changed %t: the old event is there: %t", changed, there)
		}
	}
}

func TestWhileAnAgendaCannotBeOpenedNothingIsConfirmedInIt(t *testing.T) {
	w := newWorld(t)
	r, err := w.book(t, "k1", w.slot(t, "d", "valide", "09:00"))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := w.set.ByID("diary")
	c := a.Connection
	c.Name = "touched by another instance"
	if err := w.ledger.PutConnection(t.Context(), c, "journal https://journal.example.org/1"); err != nil {
		t.Fatal(err)
	}
	w.broken.Store(true)
	if err := w.set.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.set.ByID("diary"); ok {
		t.Fatal("the agenda could be opened")
	}
	wantError(t, second(w.Decide(t.Context(), r.Appointment.ID, true, "")), connectors.Unavailable, "source_en_echec")
}
