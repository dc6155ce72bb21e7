package availability

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"time"

	"passerelle/booking"
)

// refreshers is how many agendas are read at once although nobody waits for them: half of what may be read, so that there is
// room for those that somebody does wait for.
const refreshers = readings / 2

// Refresh keeps agendas read until ctx ends, so that searches find them known: what people are shown as often as a reading is
// fresh, the others before a reading ends. It looks every so often for what is due; list is asked each time.
func (r *Reader) Refresh(ctx context.Context, every time.Duration, list func() []*booking.Agenda) {
	work := make(chan *diary)
	for range refreshers {
		r.reads.Go(func() {
			own := &term{lasts: r.ReadIn}
			for d := range work {
				r.readInTurn(ctx, d, own)
			}
		})
	}
	if r.Board != nil {
		r.reads.Go(func() {
			if err := r.follow(ctx, list); err != nil && ctx.Err() == nil {
				r.Logger.Error("what other instances read is not followed", "err", err)
			}
		})
	}
	defer close(work)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		hand(ctx, work, r.due(list(), r.Now()), tick.C)
	}
}

// hand gives out what is due until the next tick: something else may be wanted more by then.
func hand(ctx context.Context, work chan<- *diary, due []*diary, tick <-chan time.Time) {
	for _, d := range due {
		select {
		case work <- d:
		case <-tick:
			return
		case <-ctx.Done():
			return
		}
	}
	select {
	case <-tick:
	case <-ctx.Done():
	}
}

// due lists the agendas to be read now: those that people are shown, then those that were never read, then the one that has
// waited the longest.
func (r *Reader) due(agendas []*booking.Agenda, now time.Time) []*diary {
	type turn struct {
		*diary
		wanted bool
		tried  int64 // as of a Unix time, in microseconds; of one that never was, before all others
	}
	var turns []turn
	for _, a := range agendas {
		if !keptRead(a) {
			continue
		}
		d := r.diary(a)
		d.mu.Lock()
		wanted, tried, due := d.isWanted(now, r.Options), d.tried, !d.reading && !d.next(now, r.Options).After(now)
		d.mu.Unlock()
		if due {
			turns = append(turns, turn{d, wanted, tried.UnixMicro()})
		}
	}
	slices.SortFunc(turns, func(a, b turn) int {
		if a.wanted != b.wanted {
			if a.wanted {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.tried, b.tried), cmp.Compare(a.spread, b.spread))
	})
	out := make([]*diary, len(turns))
	for i, t := range turns {
		out[i] = t.diary
	}
	return out
}

// want notes that somebody is shown the agenda.
func (d *diary) want(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = now
}

// isWanted reports whether somebody was shown it so lately that others may be soon.
func (d *diary) isWanted(now time.Time, o Options) bool { return now.Sub(d.wanted) < o.StaleAfter }

// next is when the agenda is to be read again though nobody asks. One that fails is tried ever more rarely. Those that were
// read at the same time are not read again at the same time.
func (d *diary) next(now time.Time, o Options) time.Time {
	if d.tried.IsZero() {
		return now
	}
	seldom := o.StaleAfter * 2 / 3
	every := seldom
	switch {
	case d.failing > 0:
		every = min(seldom, o.FreshFor<<min(d.failing-1, 10))
	case d.isWanted(now, o):
		every = min(seldom, o.FreshFor-o.FreshFor/20) // before somebody who is shown it would wait
	}
	return d.tried.Add(every - every/10*time.Duration(d.spread%100)/100)
}

// spread is a number that an agenda keeps, and that differs from agenda to agenda.
func spread(agenda string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(agenda))
	return h.Sum32()
}
