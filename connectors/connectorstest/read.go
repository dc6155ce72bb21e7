package connectorstest

import (
	"context"
	"reflect"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

var declared = []check{
	{"Declared/Capabilities", nil, func(w *world) {
		if got := connectors.CapabilitiesOf(w.open()); got != w.Want {
			w.Errorf("capabilities = %+v, want %+v", got, w.Want)
		}
	}},
	{"Declared/Guarantee", nil, func(w *world) {
		if got := connectors.GuaranteeOf(w.open()); got != w.Guarantee {
			w.Errorf("guarantee = %q, want %q", got, w.Guarantee)
		}
	}},
	{"Declared/ListsNothing", func(h Harness) bool { return h.Basis == 0 }, func(w *world) {
		_, err := w.open().Read(w.context(), connectors.Query{Window: day})
		w.kind("Read", err, connectors.Unsupported)
	}},
}

func reads(h Harness) bool { return h.Basis != 0 }

func others(h Harness) bool { return h.Basis != 0 && h.Take != nil }

func spoils(h Harness) bool { return h.Spoil != nil }

var reading = []check{
	{"Read/NothingIsFree", reads, func(w *world) { w.isFree(w.open(), day) }},
	{"Read/WhatIsFree", reads, func(w *world) {
		free := []interval.Interval{slot(900), slot(1100), slot(1130), slot(2330)}
		w.isFree(w.open(free...), day, free...)
	}},
	{"Read/WindowsAreHalfOpen", reads, func(w *world) {
		a := w.open(slot(900), slot(1000))
		w.isFree(a, slot(930))
		w.isFree(a, slot(1000), slot(1000))
	}},
	{"Read/OverlapIsNotContainment", reads, func(w *world) {
		a := w.open(slot(900))
		inside := slot(1200)
		inside.Start += 600
		inside.End -= 600
		w.isFree(a, inside) // what is taken began before the window and ends after it
		around := slot(830)
		around.End = slot(930).End
		w.isFree(a, around, slot(900))
	}},
	{"Read/BothClockChanges", reads, func(w *world) {
		half := func(year int, month time.Month, day, hour, minute int) interval.Interval {
			start := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
			return interval.Of(start, start.Add(30*time.Minute))
		}
		spring := []interval.Interval{half(2026, 3, 29, 0, 30), half(2026, 3, 29, 1, 0), half(2026, 3, 29, 9, 0)}
		autumn := []interval.Interval{half(2026, 10, 25, 0, 0), half(2026, 10, 25, 1, 0), half(2026, 10, 25, 9, 0)} // the first two are at the same time on the wall
		a := w.open(append(spring, autumn...)...)
		w.isFree(a, interval.Interval{Start: spring[0].Start - 9000, End: spring[2].End + 9000}, spring...)
		w.isFree(a, interval.Interval{Start: autumn[0].Start - 9000, End: autumn[2].End + 9000}, autumn...)
	}},
	{"Read/AFullDiary", reads, func(w *world) {
		var free []interval.Interval
		for at := Now.Add(3 * time.Hour); at.Before(Frame.EndTime()); at = at.Add(48 * time.Hour) { // what is past need not be listed
			free = append(free, interval.Of(at, at.Add(30*time.Minute)))
		}
		w.isFree(w.open(free...), Frame, free...)
	}},
	{"Read/TakenByOthers", others, func(w *world) {
		a := w.open(slot(900), slot(1000))
		w.isFree(a, day, slot(900), slot(1000))
		w.Take(w, a, slot(900))
		w.isFree(a, day, slot(1000))
	}},
	{"Read/Unchanged", reads, unchanged},
	{"Read/AContextThatEnded", func(h Harness) bool { return h.Basis != 0 && h.Fault != nil }, func(w *world) {
		ctx, cancel := context.WithCancel(w.context())
		cancel()
		a := w.open(slot(900))
		_, err := a.Read(ctx, connectors.Query{Window: day})
		w.kind("Read", err, connectors.Unavailable)
		w.isFree(a, day, slot(900)) // and the next caller reads
	}},
	{"Read/WhatIsNotUnderstoodIsNotFree", spoils, func(w *world) {
		a := w.open(slot(900), slot(1000))
		w.Spoil(w, a, slot(900))
		r, err := a.Read(w.context(), connectors.Query{Window: day})
		if err != nil {
			w.kind("Read", err, connectors.Unavailable)
			return
		}
		for _, f := range free(r, day) {
			if f.Overlaps(slot(900)) {
				w.Errorf("%v is free", f)
			}
		}
		if len(r.Doubt) == 0 {
			w.Error("nothing is in doubt")
		}
		for _, d := range r.Doubt {
			if d.Reason == "" {
				w.Error("a doubt has no reason")
			}
		}
	}},
}

// unchanged: a reading that the caller holds may be said to hold still, but only that one, of that window, and only as
// long as nothing changed.
func unchanged(w *world) {
	a := w.open(slot(900), slot(1000))
	first := w.read(a, day)
	if first.Unchanged {
		w.Fatal("unchanged since nothing")
	}
	again, err := a.Read(w.context(), connectors.Query{Window: day, Known: first.Version})
	switch {
	case err != nil:
		w.Fatal(err)
	case again.Unchanged && first.Version == "":
		w.Error("unchanged without a version")
	case !again.Unchanged && !reflect.DeepEqual(free(again, day), free(first, day)):
		w.Errorf("the same diary reads %v, then %v", free(first, day), free(again, day))
	}
	other, err := a.Read(w.context(), connectors.Query{Window: slot(930), Known: first.Version})
	if err != nil || other.Unchanged {
		w.Errorf("another window: unchanged = %v, %v", other.Unchanged, err)
	}
	if w.Take == nil {
		return
	}
	w.Take(w, a, slot(900))
	after, err := a.Read(w.context(), connectors.Query{Window: day, Known: first.Version})
	if err != nil || after.Unchanged {
		w.Fatalf("after a change: unchanged = %v, %v", after.Unchanged, err)
	}
	if first.Version != "" && after.Version == first.Version {
		w.Error("two readings, one version")
	}
}
