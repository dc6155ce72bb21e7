package simulation

import (
	"context"
	"errors"
	"time"
)

// calm is the time after: nothing is lost any more, the clock goes on, and the workers run until they find nothing.
func (w *world) calm() {
	w.note("CALM")
	for _, d := range w.diaries {
		d.honest, d.out = true, false
	}
	w.quiet(15*time.Second, time.Minute, time.Minute+time.Second)
	for _, d := range w.diaries {
		d.ripen(true)
	}
	w.quiet(2*time.Minute, 6*time.Minute, 6*time.Minute, 16*time.Minute, 16*time.Minute, 16*time.Minute, time.Hour, 6*time.Hour, 18*time.Hour, 25*time.Hour)
	if w.judge.violation != nil {
		return
	}
	w.judge.end()
	if w.steps%8 == 0 { // seldom: it is long, and the same
		w.quiet(20*24*time.Hour, 20*24*time.Hour)
		w.judge.forgotten()
	}
}

// quiet lets time go by, and everybody work after each while.
func (w *world) quiet(whiles ...time.Duration) {
	ctx := context.Background()
	for _, d := range whiles {
		w.now = w.now.Add(d)
		w.note("%s go by", d)
		_, err := w.Sweep(ctx)
		for n := 1; n > 0; {
			var e error
			n, e = w.Reconcile(ctx)
			err = errors.Join(err, e)
		}
		for _, a := range w.agendas {
			w.watching = a
			err = errors.Join(err, w.Watch(ctx))
		}
		if _, e := w.Retain(ctx); e != nil || err != nil {
			w.judge.breaks(settled, "a worker fails although nothing is wrong: %v", errors.Join(err, e))
		}
		if w.judge.violation != nil {
			return
		}
	}
}
