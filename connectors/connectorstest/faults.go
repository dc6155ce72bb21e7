package connectorstest

import (
	"context"
	"fmt"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

func faulty(h Harness) bool { return h.Fault != nil && h.Basis != 0 }

func faultyWrites(h Harness) bool { return h.Fault != nil && h.Want.Book }

// behind opens an agenda behind a proxy.
func (w *world) behind(free ...interval.Interval) (connectors.Agenda, *Proxy) {
	w.Helper()
	p := &Proxy{}
	return w.Fault(w, w.env, p, free...), p
}

// brief is a context that ends soon, for calls that no answer comes to; not before a busy machine has answered what it
// does answer.
func (w *world) brief() context.Context { return w.within(1500 * time.Millisecond) }

func (w *world) within(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(w.context(), d)
	w.Cleanup(cancel)
	return ctx
}

// statuses is what an answer means for a reading.
var statuses = map[int]connectors.Kind{
	401: connectors.Misconfigured, 403: connectors.Misconfigured,
	429: connectors.RateLimited,
	500: connectors.Unavailable, 502: connectors.Unavailable, 503: connectors.Unavailable,
}

// page is what a server answers that is something else.
var page = []byte("<!DOCTYPE html><html><body><form action=/login><p>Connexion</p></form></body></html>")

var faults = []check{
	{"Faults/ReadStatuses", faulty, func(w *world) {
		a, p := w.behind(slot(900))
		for status, want := range statuses {
			p.Set(Fault{Status: status})
			_, err := a.Read(w.context(), connectors.Query{Window: day})
			w.kind(fmt.Sprint("Read with ", status), err, want)
			if e, ok := err.(*connectors.Error); want == connectors.RateLimited && (!ok || e.RetryAfter != 7*time.Second) {
				w.Errorf("the answer said when to come back: %v", err)
			}
		}
		p.Set(Fault{})
		w.isFree(a, day, slot(900))
	}},
	{"Faults/ReadAfterGoodOnes", faulty, func(w *world) { // what was read well does not hide a failure
		a, p := w.behind(slot(900))
		first := w.read(a, day)
		p.Set(Fault{Status: 500})
		_, err := a.Read(w.context(), connectors.Query{Window: day, Known: first.Version})
		w.kind("Read", err, connectors.Unavailable)
	}},
	{"Faults/ReadHangs", faulty, func(w *world) {
		a, p := w.behind(slot(900))
		p.Set(Fault{Hang: true})
		_, err := a.Read(w.brief(), connectors.Query{Window: day})
		w.kind("Read", err, connectors.Unavailable)
		p.Set(Fault{})
		w.isFree(a, day, slot(900))
	}},
	{"Faults/ReadIsNoReading", faulty, func(w *world) {
		for name, f := range map[string]Fault{"a page": {Body: page}, "nothing": {Body: []byte{}}, "garbage": {Body: []byte("\x00\xff\x1f{\"\"")}, "the first half": {Truncate: true}} {
			a, p := w.behind(slot(900))
			p.Set(f)
			r, err := a.Read(w.context(), connectors.Query{Window: day})
			if err != nil {
				if k := connectors.KindOf(err); k == connectors.Internal || k == connectors.OutcomeUnknown {
					w.Errorf("%s: %v", name, err)
				}
				continue
			}
			for _, f := range free(r, day) {
				if !slot(900).Covers(f) {
					w.Errorf("%s: %v is free", name, f)
				}
			}
			if len(r.Doubt) == 0 {
				w.Errorf("%s is read without doubt: %+v", name, r)
			}
		}
	}},
	{"Faults/WriteStatuses", faultyWrites, func(w *world) {
		a, p := w.behind(slot(900))
		asked := w.request(a, "rdv_1", slot(900))
		for status, want := range statuses {
			if want == connectors.Unavailable {
				want = connectors.OutcomeUnknown // it may have been applied
			}
			p.Set(Fault{Status: status, Writes: true})
			_, err := a.(connectors.Booker).Book(w.context(), asked)
			w.kind(fmt.Sprint("Book with ", status), err, want)
		}
		p.Set(Fault{})
		w.isFree(a, day, slot(900))
	}},
	{"Faults/WriteHangs", faultyWrites, func(w *world) {
		a, p := w.behind(slot(900))
		w.isFree(a, day, slot(900)) // what must be found out once is
		asked := w.request(a, "rdv_1", slot(900))
		p.Set(Fault{Hang: true, Writes: true})
		_, err := a.(connectors.Booker).Book(w.brief(), asked)
		w.kind("Book", err, connectors.OutcomeUnknown)
	}},
	{"Faults/WriteIsLost", faultyWrites, lost},
	{"Faults/WhatCannotBeAskedIsNotAbsent", func(h Harness) bool { return h.Fault != nil && h.Want.Find }, func(w *world) {
		a, p := w.behind(slot(900))
		w.book(a, "rdv_1", slot(900))
		for _, f := range []Fault{{Status: 401}, {Status: 403}, {Status: 404}, {Status: 500}, {Body: page}, {Body: []byte{}}, {Truncate: true}, {Hang: true}} {
			p.Set(f)
			_, err := a.(connectors.Finder).Find(w.brief(), "rdv_1")
			if err == nil || connectors.KindOf(err) == connectors.NotFound {
				w.Errorf("with %+v: %v", f, err)
			}
		}
		p.Set(Fault{})
		if _, err := a.(connectors.Finder).Find(w.context(), "rdv_1"); err != nil {
			w.Error(err)
		}
	}},
	{"Faults/WhatCannotBeAskedIsNotCancelled", func(h Harness) bool { return h.Fault != nil && cancels(h) }, func(w *world) {
		a, p := w.behind(slot(900))
		made := w.book(a, "rdv_1", slot(900))
		for _, f := range []Fault{{Status: 401}, {Status: 403}, {Status: 404}, {Status: 500}, {Body: page}} {
			p.Set(f)
			if err := a.(connectors.Canceler).Cancel(w.brief(), made); err == nil {
				w.Errorf("with %+v it is cancelled", f)
			}
		}
		p.Set(Fault{})
		w.isFree(a, day)
	}},
	{"Faults/CancelIsLost", func(h Harness) bool { return h.Fault != nil && cancels(h) }, func(w *world) {
		for name, f := range map[string]Fault{"done": {Lost: true, Writes: true}, "not done": {Hang: true, Writes: true}, "refused for now": {Status: 500, Writes: true}} {
			a, p := w.behind(slot(900))
			made := w.book(a, "rdv_1", slot(900))
			p.Set(f)
			err := a.(connectors.Canceler).Cancel(w.brief(), made)
			w.kind("Cancel, "+name, err, connectors.OutcomeUnknown)
			p.Set(Fault{})
			w.cancel(w.context(), a, made)
			w.isFree(a, day, slot(900))
		}
	}},
}

// lost: the answer to a write never came. What became of it can be found out, and a retry makes no second one.
func lost(w *world) {
	a, p := w.behind(slot(900))
	w.isFree(a, day, slot(900))
	asked := w.request(a, "rdv_1", slot(900))
	p.Set(Fault{Lost: true, Writes: true})
	_, err := a.(connectors.Booker).Book(w.brief(), asked)
	w.kind("Book", err, connectors.OutcomeUnknown)
	p.Set(Fault{})
	w.isFree(a, day)
	if !knows(w.Harness) {
		return
	}
	found, err := a.(connectors.Finder).Find(w.context(), "rdv_1")
	if err != nil || found.Interval != slot(900) {
		w.Fatalf("Find = %+v, %v", found, err)
	}
	if again := w.book(a, "rdv_1", slot(900)); again != found {
		w.Errorf("the retry is %+v, found was %+v", again, found)
	}
	if got := w.own(a, "rdv_1"); len(got) != 1 {
		w.Errorf("own = %+v", got)
	}
}
