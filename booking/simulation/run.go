package simulation

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// Outcome is what one seed showed.
type Outcome struct {
	Violation *Violation // nil when every promise was kept
	Steps     int        // gates that were passed
	Digest    string     // of how it ended: the same for the same seed
	reached   map[reached]int
}

// ids are shortened in a trace: six letters tell them apart there.
var ids = regexp.MustCompile(`\b([0-9a-f]{6})[0-9a-f]{26}\b`)

// Run plays one seed. trace, unless nil, is told what happens.
func Run(seed uint64, p Parts, trace func(format string, args ...any)) (Outcome, error) {
	w, err := newWorld(seed, p)
	if err != nil {
		return Outcome{}, err
	}
	if trace != nil {
		w.trace = func(format string, args ...any) {
			what := ids.ReplaceAllString(fmt.Sprintf(format, args...), "$1")
			trace("%s %s", w.now.Format("02 15:04:05.000"), what)
		}
	}
	w.storm()
	for len(w.waiting) > 0 { // whoever is still there is cut off
		w.goOn(0, true)
	}
	if w.judge.violation == nil {
		w.calm()
	}
	return Outcome{w.judge.violation, w.steps, w.digest(), w.judge.reached}, nil
}

func (w *world) digest() string {
	out := fmt.Sprint(w.steps, w.now.UnixNano())
	for _, a := range w.ledger.all(func(booking.Appointment) bool { return true }, func(a, b booking.Appointment) int { return a.Created.Compare(b.Created) }) {
		out += fmt.Sprint(" ", a.ID, a.Status, a.Version)
	}
	return out
}

// storm is the time in which anything may happen.
func (w *world) storm() {
	t := w.temper
	for (t.calls > 0 || len(w.waiting) > 0) && w.judge.violation == nil {
		if w.chance(t.lull) {
			w.pause()
		}
		for _, d := range w.diaries {
			d.ripen(false)
		}
		switch {
		case w.chance(t.out):
			d := w.diaries[w.IntN(len(w.diaries))]
			d.out, d.wasOut = !d.out, true
			w.note("  %s: out is %v", d.id, d.out)
		case w.chance(t.human):
			w.diaries[1+w.IntN(len(w.diaries)-1)].human(w.ours())
		case t.calls > 0 && (len(w.waiting) == 0 || len(w.waiting) < t.beside && w.chance(120)):
			t.calls--
			w.launch()
		case len(w.waiting) > 0:
			i := w.IntN(len(w.waiting))
			if w.chance(500) {
				i = len(w.waiting) - 1 // who came last goes on: bursts
			}
			if w.chance(t.hangUp) {
				w.note("%s: its caller hangs up", w.waiting[i].name)
				w.waiting[i].leave()
			}
			w.goOn(i, w.chance(t.crash))
		}
	}
}

// pause lets time go by: mostly moments, seldom hours.
func (w *world) pause() {
	var d time.Duration
	switch w.pick([]int{60, 24, 14, 2}) {
	case 0:
		d = w.between(50*time.Millisecond, 3*time.Second)
	case 1:
		d = w.between(3*time.Second, 40*time.Second)
	case 2:
		d = w.between(40*time.Second, 12*time.Minute)
	case 3:
		d = w.between(12*time.Minute, 3*time.Hour)
	}
	w.now = w.now.Add(d)
	w.note("%s go by", d)
}

// ours is a time that one of ours has.
func (w *world) ours() interval.Interval {
	if a, ok := w.some(func(a booking.Appointment) bool { return a.Status.Occupies() }); ok {
		return a.Interval
	}
	at := w.time().Unix()
	return interval.Interval{Start: at, End: at + 3600}
}

// launch starts an actor.
func (w *world) launch() {
	switch kind(w.pick(w.temper.kinds[:])) {
	case aBooking:
		in := w.intend(toBook, w.partner())
		in.booking = booking.Booking{SlotID: w.anySlot(w.anyAgenda()), Reference: in.key, Details: w.someone(), Again: w.chance(100)}
		w.call(in)
	case aRepeat:
		if n := len(w.intents); n > 0 {
			w.call(w.intents[max(0, n-1-w.IntN(4))])
		}
	case aHold:
		w.hold()
	case aCancellation:
		w.cancel()
	case aMove:
		w.move()
	case aPresence:
		w.attend()
	case aDecision:
		w.decide()
	case aReconciler:
		w.work("reconcile", func(ctx context.Context) error { _, err := w.Reconcile(ctx); return err })
	case aSweeper:
		w.work("sweep", func(ctx context.Context) error { _, err := w.Sweep(ctx); return err })
	case aWatcher:
		a := w.agendas[1+w.IntN(4)]
		w.work("watch "+a.Agenda, func(ctx context.Context) error { w.watching = a; return w.Watch(ctx) })
	case aRetainer:
		w.work("retain", func(ctx context.Context) error { _, err := w.Retain(ctx); return err })
	}
}

// work is a worker's round; what it could not do is done by the next.
func (w *world) work(name string, do func(context.Context) error) {
	w.spawn(name, false, func(ctx context.Context) {
		if err := do(ctx); err != nil {
			w.note("%s: %v", name, err)
		}
	})
}
