package connectorstest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

func books(h Harness) bool { return h.Want.Book }

// knows: events of ours bear our reference in this agenda.
func knows(h Harness) bool {
	return h.Want.Book && h.Want.Find && (h.Guarantee == connectors.Verified || h.Guarantee == connectors.Atomic)
}

var booking = []check{
	{"Book/TakesTheSlot", books, func(w *world) {
		a := w.open(slot(900), slot(1000))
		w.book(a, "rdv_1", slot(900))
		w.isFree(a, day, slot(1000))
	}},
	{"Book/OursStandsApart", knows, func(w *world) {
		a := w.open(slot(900), slot(1000))
		made := w.book(a, "rdv_1", slot(900))
		got := w.own(a, "rdv_1")
		if len(got) != 1 || got[0].Interval != slot(900) || got[0].Version != made.Version {
			w.Fatalf("own = %+v, booked %+v", got, made)
		}
		for _, b := range w.read(a, day).Busy {
			if b.Overlaps(slot(900)) {
				w.Errorf("ours is in the time of others: %v", b)
			}
		}
	}},
	{"Book/NeverFree", books, func(w *world) { w.refused(w.open(slot(1000)), slot(900)) }},
	{"Book/TakenMeanwhile", func(h Harness) bool { return h.Want.Book && h.Take != nil }, func(w *world) {
		a := w.open(slot(900), slot(1000))
		w.read(a, day) // what is remembered of it is not believed
		w.Take(w, a, slot(900))
		w.refused(a, slot(900))
		w.isFree(a, day, slot(1000))
	}},
	{"Book/PartlyTaken", func(h Harness) bool { return h.Want.Book && h.Take != nil && h.Basis != connectors.Slots }, func(w *world) {
		a := w.open(slot(900), slot(930))
		part := slot(900)
		part.Start, part.End = part.End-600, part.End+600
		w.Take(w, a, part)
		w.refused(a, slot(900))
	}},
	{"Book/AtOnceWithOthers", func(h Harness) bool { return knows(h) && h.Take != nil }, func(w *world) {
		for i := range 6 {
			w.besideOthers(fmt.Sprintf("rdv_%d", i))
		}
	}},
	{"Book/TheSameTwice", knows, func(w *world) {
		a := w.open(slot(900))
		first := w.book(a, "rdv_1", slot(900))
		if again := w.book(a, "rdv_1", slot(900)); again != first {
			w.Errorf("again it is %+v, first it was %+v", again, first)
		}
		if got := w.own(a, "rdv_1"); len(got) != 1 {
			w.Errorf("own = %+v", got)
		}
	}},
	{"Book/TheSameAtOnce", knows, sameAtOnce},
	{"Book/OddTexts", books, func(w *world) {
		texts := []string{
			"Atelier; \"CV\", C:\\dossiers\nsuite", "ligne\r\nBEGIN:VEVENT\r\nDTSTART:20260304T100000Z", "Île d’Yeu — ÉŒ 👩‍💻 שלום", "a\u0000b\u001fc", strings.Repeat("très long ", 300), "<b>&amp;</b>]]>",
		}
		var at []interval.Interval
		for i := range texts {
			at = append(at, slot(900+100*i))
		}
		a := w.open(at...)
		for i, text := range texts {
			r := w.request(a, fmt.Sprintf("rdv_%d", i), at[i])
			r.Title, r.Location, r.Person = text, text, connectors.Person{FirstName: text, LastName: text}
			if _, err := a.(connectors.Booker).Book(w.context(), r); err != nil {
				w.Fatalf("%q: %v", text, err)
			}
		}
		w.isFree(a, day)
	}},
}

// refused books a slot that is not to be had: SlotTaken, and nothing of ours stays.
func (w *world) refused(a connectors.Agenda, at interval.Interval) {
	w.Helper()
	_, err := a.(connectors.Booker).Book(w.context(), w.request(a, "rdv_refused", at))
	w.kind("Book", err, connectors.SlotTaken)
	if knows(w.Harness) {
		w.gone(a, "rdv_refused")
	}
}

// gone fails if the agenda shows or finds a reference of ours.
func (w *world) gone(a connectors.Agenda, reference string) {
	w.Helper()
	if got := w.own(a, reference); len(got) > 0 {
		w.Errorf("left in the diary: %+v", got)
	}
	_, err := a.(connectors.Finder).Find(w.context(), reference)
	w.kind("Find", err, connectors.NotFound)
}

// besideOthers books while somebody else takes the same time: either we have it, or nothing of ours is left.
func (w *world) besideOthers(reference string) {
	a := w.open(slot(900))
	var other sync.WaitGroup
	other.Go(func() { w.Take(w, a, slot(900)) })
	_, err := a.(connectors.Booker).Book(w.context(), w.request(a, reference, slot(900)))
	other.Wait()
	switch connectors.KindOf(err) {
	case connectors.SlotTaken:
		w.gone(a, reference)
	default:
		if err != nil {
			w.Fatalf("Book: %v", err)
		}
		if got := w.own(a, reference); len(got) != 1 {
			w.Errorf("booked, and the diary shows %+v", got)
		}
	}
	w.isFree(a, day) // theirs is there, whatever became of ours
}

// sameAtOnce: a retry that runs beside the first try makes no second appointment, nor leaves one when it is cancelled.
func sameAtOnce(w *world) {
	a := w.open(slot(900))
	asked := w.request(a, "rdv_1", slot(900))
	var group sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		group.Go(func() { _, errs[i] = a.(connectors.Booker).Book(w.context(), asked) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil && connectors.KindOf(err) != connectors.OutcomeUnknown {
			w.Fatalf("Book: %v", err)
		}
	}
	if got := w.own(a, "rdv_1"); len(got) != 1 || got[0].Interval != slot(900) {
		w.Fatalf("own = %+v", got)
	}
	if !w.Want.Cancel {
		return
	}
	found, err := a.(connectors.Finder).Find(w.context(), "rdv_1")
	if err != nil {
		w.Fatal(err)
	}
	w.cancel(w.context(), a, found)
	w.gone(a, "rdv_1")
	w.isFree(a, day, slot(900))
}

func (w *world) cancel(ctx context.Context, a connectors.Agenda, made connectors.Appointment) {
	w.Helper()
	if err := a.(connectors.Canceler).Cancel(ctx, made); err != nil {
		w.Fatalf("Cancel: %v", err)
	}
}
