package booking_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

func (w *world) confirmed(t *testing.T, key, place, motif, hour string) booking.Appointment {
	t.Helper()
	r, err := w.Book(t.Context(), call(key), booking.Booking{SlotID: w.slot(t, place, motif, hour), Details: booking.Details{
		Beneficiary: booking.Beneficiary{FirstName: "Prénom", LastName: booking.Name("Nom-" + key), Phone: "+33639980001"},
	}})
	if err != nil || r.Appointment.Status != booking.Confirmed {
		t.Fatalf("Book = %s, %v", r.Appointment.Status, err)
	}
	return r.Appointment
}

func TestAMove(t *testing.T) {
	for _, c := range []struct{ name, place, motif string }{{"the ledger is the only diary", "a", ""}, {"another diary keeps it", "d", "journal"}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			old := w.confirmed(t, "k1", c.place, c.motif, "09:00")
			r, err := w.Move(t.Context(), call("k2"), old.ID, w.slot(t, c.place, c.motif, "11:00"))
			if err != nil || r.Status != http.StatusCreated || r.Appointment.Status != booking.Confirmed || r.Appointment.Replaces != old.ID || r.Appointment.Details.Beneficiary.LastName != "Nom-k1" {
				t.Fatalf("Move = %+v, %v", r, err)
			}
			again, err := w.Move(t.Context(), call("k2"), old.ID, w.slot(t, c.place, c.motif, "10:00"))
			if err != nil || again.Appointment.ID != r.Appointment.ID {
				t.Errorf("the same key moved it twice: %v", err)
			}
			before, err := w.Appointment(t.Context(), "p1", old.ID)
			if err != nil || before.Status != booking.Moved || before.ReplacedBy != r.Appointment.ID {
				t.Errorf("the old one is %s, %v", before.Status, err)
			}
			w.goOn(t, 2, 31*time.Second) // and what was read before is not fresh any more
			if w.slot(t, c.place, c.motif, "09:00") == "" || w.slot(t, c.place, c.motif, "11:00") != "" {
				t.Error("the old slot did not come back, or the new one is shown")
			}
			if _, there := w.diary.events[old.ID]; there {
				t.Error("the old event is still in its agenda")
			}
		})
	}
}

// While the agenda does not say yes to the new one, the old one holds.
func TestAMoveWithoutAnAnswerLeavesTheOldOne(t *testing.T) {
	w := newWorld(t)
	old := w.confirmed(t, "k1", "d", "journal", "09:00")
	next := w.slot(t, "d", "journal", "11:00")
	w.diary.set(func(d *diary) { d.deaf = true })
	r, err := w.Move(t.Context(), call("k2"), old.ID, next)
	if err != nil || r.Status != http.StatusAccepted {
		t.Fatalf("Move = %d, %v", r.Status, err)
	}
	if got := w.status(t, old.ID); got != booking.Confirmed {
		t.Fatalf("the old one is %s", got)
	}
	wantError(t, second(w.Cancel(t.Context(), call("k3"), old.ID, booking.Ending{By: booking.TheBeneficiary})), connectors.Refused, "deplacement_en_cours")
	wantError(t, second(w.Move(t.Context(), call("k4"), old.ID, next)), connectors.SlotTaken, "creneau_pris")
	w.diary.set(func(d *diary) { d.deaf = false })
	w.goOn(t, 4, 30*time.Second)
	if got := w.status(t, r.Appointment.ID); got != booking.Refused {
		t.Fatalf("the new one is %s", got)
	}
	if _, err := w.Cancel(t.Context(), call("k5"), old.ID, booking.Ending{By: booking.TheBeneficiary}); err != nil {
		t.Errorf("once the move has failed: %v", err)
	}
}

func TestWhatCannotBeMoved(t *testing.T) {
	w := newWorld(t)
	a := w.confirmed(t, "k1", "a", "", "09:00")
	next := w.slot(t, "a", "", "11:00")
	other := booking.Call{Partner: "p2", Key: "k"}
	wantError(t, second(w.Move(t.Context(), other, a.ID, next)), connectors.NotFound, "rendez_vous_inconnu")
	w.put(t, "shared", func(c *booking.Connection) { c.Motifs[0].CancelUntil = 48 * time.Hour })
	b := w.confirmed(t, "k2", "a", "", "11:00")
	wantError(t, second(w.Move(t.Context(), call("k3"), b.ID, w.slotOn(t, "a", 24))), connectors.Refused, "trop_tard")
	if _, err := w.Cancel(t.Context(), call("k4"), a.ID, booking.Ending{By: booking.TheBeneficiary}); err != nil {
		t.Fatal(err)
	}
	wantError(t, second(w.Move(t.Context(), call("k5"), a.ID, w.slotOn(t, "a", 24))), connectors.Refused, "etape_impossible")
}

// slotOn is the first slot of a place on a day of November.
func (w *world) slotOn(t *testing.T, place string, day int) string {
	t.Helper()
	from := booking.Bound{At: time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC), Day: true}
	to := booking.Bound{At: time.Date(2026, 11, day+1, 0, 0, 0, 0, time.UTC), Day: true}
	o, err := w.SlotsOf(t.Context(), place, &from, &to, "")
	if err != nil || len(o.Slots) == 0 {
		t.Fatalf("%d slots, %v", len(o.Slots), err)
	}
	return o.Slots[0].ID()
}

func TestAttendance(t *testing.T) {
	w := newWorld(t)
	a := w.confirmed(t, "k1", "a", "", "09:00")
	wantError(t, second(w.Attend(t.Context(), call("k2"), a.ID, booking.Honoured)), connectors.Refused, "trop_tot")
	w.now.Store(a.Start)
	for i, said := range []booking.Status{booking.Missed, booking.Honoured, booking.Honoured, booking.Excused} {
		r, err := w.Attend(t.Context(), call("p"+string(rune('a'+i))), a.ID, said)
		if err != nil || r.Appointment.Status != said {
			t.Errorf("%s: %s, %v", said, r.Appointment.Status, err)
		}
	}
	wantError(t, second(w.Attend(t.Context(), call("k3"), a.ID, booking.Cancelled)), connectors.Invalid, "champ_invalide")
}

// doubled books for the same person as others do.
func (w *world) doubled(key, slot string, b booking.Beneficiary, again bool) error {
	_, err := w.Book(context.Background(), call(key), booking.Booking{SlotID: slot, Again: again, Details: booking.Details{Beneficiary: b}})
	return err
}

func TestOnePersonTwiceAtTheSameTime(t *testing.T) {
	w := newWorld(t)
	marie := booking.Beneficiary{FirstName: "Marie", LastName: "Le Goff", Phone: "+33639980001"}
	spelled := booking.Beneficiary{FirstName: "marie", LastName: "LE-GOFF", Phone: "+33639980001"}
	first := w.slot(t, "a", "", "09:00")
	if err := w.doubled("k1", first, marie, false); err != nil {
		t.Fatal(err)
	}
	elsewhere := w.slot(t, "d", "journal", "09:00")
	e := wantError(t, w.doubled("k2", elsewhere, spelled, false), connectors.Refused, "rendez_vous_double")
	if a, err := w.Appointment(t.Context(), "p1", e.Appointment); err != nil || a.Place != "a" {
		t.Errorf("the first one's id: %q, %v", e.Appointment, err)
	}
	for name, other := range map[string]booking.Beneficiary{
		"another person":           {FirstName: "Jeanne", LastName: "Le Goff", Phone: "+33639980001"},
		"no telephone":             {FirstName: "Marie", LastName: "Le Goff"},
		"another of the same name": {FirstName: "Marie", LastName: "Le Goff", Phone: "+33639980002"},
		"the partner's own name":   {FirstName: "Marie", LastName: "Le Goff", Phone: "+33639980001", Reference: "usager-1"},
	} {
		w := newWorld(t)
		if err := w.doubled("k1", w.slot(t, "a", "", "09:00"), marie, false); err != nil {
			t.Fatal(err)
		}
		if err := w.doubled("k2", w.slot(t, "d", "journal", "09:00"), other, false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.doubled("k3", elsewhere, spelled, true); err != nil {
		t.Errorf("a second one that is meant: %v", err)
	}
	if _, err := w.Book(t.Context(), booking.Call{Partner: "p2", Key: "k"}, booking.Booking{
		SlotID: w.slot(t, "d", "envoi", "09:00"), Details: booking.Details{Beneficiary: marie},
	}); err != nil {
		t.Errorf("another partner's person was compared: %v", err)
	}
}

func TestWhatAHumanDoesInTheAgenda(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*diary, booking.Appointment)
		want   booking.Status
		next   int // hours later: where it went
	}{
		{"deletes it", func(d *diary, a booking.Appointment) { delete(d.events, a.ID) }, booking.Cancelled, 0},
		{"moves it", func(d *diary, a booking.Appointment) {
			d.put(a.ID, interval.Interval{Start: a.Start + 7200, End: a.End + 7200})
		}, booking.Moved, 2},
		{"makes of it what nobody understands", func(d *diary, a booking.Appointment) {
			delete(d.events, a.ID)
			d.doubt = []interval.Interval{{Start: a.End - 60, End: a.End + 3600}}
		}, booking.Confirmed, 0},
		{"hides it", func(d *diary, _ booking.Appointment) { d.hidden = true }, booking.Confirmed, 0},
		{"makes a series of it", func(d *diary, a booking.Appointment) { d.weekly = true }, booking.Confirmed, 0},
		{"changes its title", func(d *diary, a booking.Appointment) { d.put(a.ID, a.Interval) }, booking.Confirmed, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			a := w.confirmed(t, "k1", "d", "journal", "09:00")
			w.diary.set(func(d *diary) { c.change(d, a) })
			for i := range 3 {
				if err := w.Watch(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := w.status(t, a.ID); i < 2 && got != booking.Confirmed {
					t.Fatalf("believed at reading %d", i+1)
				}
				w.now.Add(170)
			}
			got, err := w.Appointment(t.Context(), "p1", a.ID)
			if err != nil || got.Status != c.want {
				t.Fatalf("it is %s, want %s (%v)", got.Status, c.want, err)
			}
			if c.want == booking.Cancelled && got.Ended.By != booking.TheStructure {
				t.Errorf("ended by %s", got.Ended.By)
			}
			if c.want == booking.Moved {
				next, err := w.Appointment(t.Context(), "p1", got.ReplacedBy)
				if err != nil || next.Status != booking.Confirmed || next.Start != a.Start+7200 || next.Details.Beneficiary.LastName != "Nom-k1" {
					t.Fatalf("the new one: %+v, %v", next, err)
				}
				w.goOn(t, 3, 5*time.Minute)
				if len(w.diary.events) != 1 {
					t.Error("the event that the human moved was deleted")
				}
				if w.slot(t, "d", "journal", "09:00") == "" || w.slot(t, "d", "journal", "11:00") != "" {
					t.Error("the slots do not follow")
				}
				if _, err := w.Cancel(t.Context(), call("k9"), next.ID, booking.Ending{By: booking.TheBeneficiary}); err != nil || len(w.diary.events) != 0 {
					t.Errorf("cancelling what was moved: %v, %d events left", err, len(w.diary.events))
				}
			}
		})
	}
}

// An event of the structure's own that comes to lie over an appointment does not end it: those who can mend it are told,
// once for as long as it lasts.
func TestAnEventOverAnAppointmentIsTold(t *testing.T) {
	w := newWorld(t)
	a := w.confirmed(t, "k1", "d", "journal", "09:00")
	watch := func(times int) (told []booking.Actor) {
		t.Helper()
		for range times {
			if err := w.Watch(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.now.Add(170)
		}
		got, err := w.Appointment(t.Context(), "p1", a.ID)
		if err != nil || got.Status != booking.Confirmed {
			t.Fatalf("it is %s, %v", got.Status, err)
		}
		for _, n := range got.Notices {
			if n.About == booking.AboutClash {
				told = append(told, n.To)
			}
		}
		return told
	}
	over := []interval.Interval{{Start: a.End - 600, End: a.End + 600}}
	w.diary.set(func(d *diary) { d.others = over })
	if told := watch(2); len(told) > 0 {
		t.Errorf("told at once: %v", told)
	}
	once := []booking.Actor{booking.TheStructure, booking.ThePrescriber}
	if told := watch(1); !slices.Equal(told, once) {
		t.Errorf("told: %v, want %v", told, once)
	}
	if told := watch(5); !slices.Equal(told, once) {
		t.Errorf("told again of the same: %v", told)
	}
	w.diary.set(func(d *diary) { d.others = []interval.Interval{{Start: a.End, End: a.End + 600}} })
	if told := watch(4); !slices.Equal(told, once) {
		t.Errorf("told of what only touches: %v", told)
	}
	w.diary.set(func(d *diary) { d.others = over })
	if told := watch(4); len(told) != 4 {
		t.Errorf("not told of a new one: %v", told)
	}
}

// A reading that is not complete says nothing of what it does not show.
func TestAnAgendaThatIsNotReadDeletesNothing(t *testing.T) {
	w := newWorld(t)
	a := w.confirmed(t, "k1", "d", "journal", "09:00")
	w.diary.set(func(d *diary) { delete(d.events, a.ID); d.silent = true })
	for range 4 {
		if err := w.Watch(t.Context()); err == nil {
			t.Error("a failed reading is no error")
		}
		w.now.Add(600)
	}
	if got := w.status(t, a.ID); got != booking.Confirmed {
		t.Errorf("it is %s", got)
	}
}

func TestPersonalDataEndsByItself(t *testing.T) {
	w := newWorld(t)
	kept := w.confirmed(t, "k1", "a", "", "09:00")
	asked, err := w.book(t, "k2", w.slot(t, "d", "accompagnement", "09:00"))
	if err != nil {
		t.Fatal(err)
	}
	stands := w.confirmed(t, "k3", "d", "journal", "10:00") // although a move of it was refused
	asks, err := w.Move(t.Context(), call("k4"), stands.ID, w.slot(t, "d", "accompagnement", "11:00"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{asked.Appointment.ID, asks.Appointment.ID} {
		if _, err := w.Decide(t.Context(), id, false, "complet"); err != nil {
			t.Fatal(err)
		}
	}
	moved, err := w.Move(t.Context(), call("k5"), w.confirmed(t, "k6", "a", "", "11:00").ID, w.slotOn(t, "a", 30)) // a week later
	if err != nil {
		t.Fatal(err)
	}
	named := func() (out [4]bool) {
		for i, id := range []string{kept.ID, asked.Appointment.ID, stands.ID, moved.Appointment.ID} {
			a, err := w.Appointment(t.Context(), "p1", id)
			if err != nil {
				t.Fatal(err)
			}
			out[i] = a.Details != nil
		}
		return out
	}
	for _, c := range []struct {
		days int
		want [4]bool
	}{
		{6, [4]bool{true, true, true, true}},
		{8, [4]bool{true, false, true, true}},
		{32, [4]bool{false, false, false, true}},
		{39, [4]bool{false, false, false, false}},
	} {
		w.now.Store(sunday.AddDate(0, 0, c.days).Unix())
		if _, err := w.Retain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := named(); got != c.want {
			t.Errorf("after %d days: %v, want %v", c.days, got, c.want)
		}
	}
}

// An agenda that does not know our events when it shows them cannot tell that one of them is gone.
func TestAnAgendaWithoutIdentityIsNotWatched(t *testing.T) {
	w := newWorld(t)
	a := w.confirmed(t, "k1", "d", "envoi", "09:00")
	for range 4 {
		if err := w.Watch(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now.Add(600)
	}
	if got := w.status(t, a.ID); got != booking.Confirmed {
		t.Errorf("it is %s", got)
	}
}

// watched is a ledger that notes of which agendas it is asked what they keep.
type watched struct {
	booking.Ledger
	mu    sync.Mutex
	asked []string
}

func (l *watched) Kept(ctx context.Context, agenda string, from time.Time) ([]booking.Appointment, error) {
	l.mu.Lock()
	l.asked = append(l.asked, agenda)
	l.mu.Unlock()
	return l.Ledger.Kept(ctx, agenda, from)
}

// Thousands of agendas are kept here: nobody else can change what stands in them.
func TestOnlyDiariesOfOthersAreWatched(t *testing.T) {
	w := newWorld(t)
	l := &watched{Ledger: w.Ledger}
	w.Ledger = l
	if err := w.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, agenda := range l.asked {
		if a, ok := w.Agendas.ByID(agenda); !ok || a.Connector == "native" {
			t.Errorf("%s is watched", agenda)
		}
	}
	if len(l.asked) == 0 || len(l.asked) == len(w.Agendas.All()) {
		t.Errorf("of %d agendas %q are watched", len(w.Agendas.All()), l.asked)
	}
}
