package connectorstest

import (
	"net/url"
	"strings"

	"passerelle/connectors"
)

func cancels(h Harness) bool { return h.Want.Book && h.Want.Cancel }

func touches(h Harness) bool { return cancels(h) && h.Touch != nil }

var cancelling = []check{
	{"Cancel/TheSlotComesBack", cancels, func(w *world) {
		a := w.open(slot(900), slot(1000))
		made := w.book(a, "rdv_1", slot(900))
		w.cancel(w.context(), a, made)
		w.isFree(a, day, slot(900), slot(1000))
	}},
	{"Cancel/Twice", cancels, func(w *world) {
		a := w.open(slot(900))
		made := w.book(a, "rdv_1", slot(900))
		w.cancel(w.context(), a, made)
		w.cancel(w.context(), a, made)
	}},
	{"Cancel/OnlyThatOne", cancels, func(w *world) {
		a := w.open(slot(900), slot(1000))
		made := w.book(a, "rdv_1", slot(900))
		w.book(a, "rdv_2", slot(1000))
		w.cancel(w.context(), a, made)
		w.isFree(a, day, slot(900))
	}},
	{"Cancel/WhatAHumanMovedStays", touches, func(w *world) {
		a := w.open(slot(900), slot(1000))
		made := w.book(a, "rdv_1", slot(900))
		w.Touch(w, a, made, slot(1000))
		w.kind("Cancel", a.(connectors.Canceler).Cancel(w.context(), made), connectors.Changed)
		if got := w.own(a, "rdv_1"); len(got) != 1 || got[0].Interval != slot(1000) {
			w.Errorf("own = %+v", got)
		}
	}},
}

var moving = []check{
	{"Move/Moves", func(h Harness) bool { return h.Want.Move }, func(w *world) {
		a := w.open(slot(900), slot(1000))
		made := w.book(a, "rdv_1", slot(900))
		moved, err := a.(connectors.Mover).Move(w.context(), made, connectors.Slot{Interval: slot(1000), Seats: 1})
		if err != nil || moved.Interval != slot(1000) || moved.Reference != "rdv_1" {
			w.Fatalf("Move = %+v, %v", moved, err)
		}
		w.isFree(a, day, slot(900))
	}},
	{"Move/ToWhatIsTaken", func(h Harness) bool { return h.Want.Move && h.Take != nil }, func(w *world) {
		a := w.open(slot(900), slot(1000))
		made := w.book(a, "rdv_1", slot(900))
		w.Take(w, a, slot(1000))
		_, err := a.(connectors.Mover).Move(w.context(), made, connectors.Slot{Interval: slot(1000), Seats: 1})
		w.kind("Move", err, connectors.SlotTaken)
		if got := w.own(a, "rdv_1"); len(got) != 1 || got[0].Interval != slot(900) {
			w.Errorf("own = %+v: it is not where it was", got)
		}
	}},
}

var finding = []check{
	{"Find/WhatWasNeverBooked", func(h Harness) bool { return h.Want.Find }, func(w *world) {
		_, err := w.open(slot(900)).(connectors.Finder).Find(w.context(), "rdv_unknown")
		w.kind("Find", err, connectors.NotFound)
	}},
	{"Find/WhatWasBooked", knows, func(w *world) {
		a := w.open(slot(900))
		made := w.book(a, "rdv_1", slot(900))
		if found, err := a.(connectors.Finder).Find(w.context(), "rdv_1"); err != nil || found != made {
			w.Errorf("Find = %+v, %v; booked %+v", found, err, made)
		}
	}},
	{"Find/WhatWasCancelled", func(h Harness) bool { return knows(h) && h.Want.Cancel }, func(w *world) {
		a := w.open(slot(900))
		w.cancel(w.context(), a, w.book(a, "rdv_1", slot(900)))
		w.gone(a, "rdv_1")
	}},
	{"Find/WhatAHumanMoved", func(h Harness) bool { return knows(h) && h.Touch != nil }, func(w *world) {
		a := w.open(slot(900), slot(1000))
		made := w.book(a, "rdv_1", slot(900))
		w.Touch(w, a, made, slot(1000))
		found, err := a.(connectors.Finder).Find(w.context(), "rdv_1")
		if err != nil || found.Interval != slot(1000) || found.Version == made.Version {
			w.Errorf("Find = %+v, %v", found, err)
		}
	}},
}

func handsOff(h Harness) bool { return h.Want.Handoff }

var handing = []check{
	{"Handoff/APage", handsOff, func(w *world) {
		for _, r := range []connectors.HandoffRequest{{Reference: "rdv_1"}, {Reference: "rdv_1", Prescriber: true}, {Reference: "rdv_1", Motif: "12"}} {
			link, err := w.open().(connectors.Handoffer).Handoff(w.context(), r)
			if err != nil {
				w.Fatalf("%+v: %v", r, err)
			}
			u, err := url.Parse(link.URL)
			if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
				w.Errorf("%+v: the link is %q", r, link.URL)
			}
			if !link.ExpiresAt.IsZero() && !link.ExpiresAt.After(Now) {
				w.Errorf("%+v: the link has expired", r)
			}
			if strings.Contains(link.URL, "rdv_1") {
				w.Errorf("%+v: the reference of the appointment is in %q", r, link.URL)
			}
		}
	}},
}
