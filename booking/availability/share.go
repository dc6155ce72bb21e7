package availability

import (
	"context"
	"fmt"
	"sync"
	"time"

	"passerelle/booking"
)

// Board is where instances show each other what they have read. It promises nothing: what it gives may be old, or somebody else's,
// or nothing at all.
type Board interface {
	// Put shows a reading of an agenda for a while.
	Put(ctx context.Context, agenda string, reading []byte, ttl time.Duration) error
	// Get gives the last that was put; nil where there is none.
	Get(ctx context.Context, agenda string) ([]byte, error)
	// Follow returns a channel of the agendas of which a reading is put; "" where it may be any. It is closed when ctx ends.
	Follow(ctx context.Context) (<-chan string, error)
}

// Turns let one of several instances read an agenda. They are no locks: a turn may end, or be another's too, at any time.
type Turns interface {
	// Take reports whether it is this instance's turn, for a while.
	Take(ctx context.Context, agenda string, ttl time.Duration) (bool, error)
	// Give ends it.
	Give(ctx context.Context, agenda string) error
}

const (
	shareIn   = 200 * time.Millisecond // a call to what is shared waits no longer
	shareRest = time.Second            // after one that failed this instance goes on alone for so long
)

// alone is when an instance asks the others nothing.
type alone struct {
	mu    sync.Mutex
	until time.Time
}

// together asks what instances share; false where there is nothing shared, or it did not answer: then this one goes on alone.
func (r *Reader) together(ctx context.Context, what string, ask func(context.Context) error) bool {
	if r.Board == nil {
		return false
	}
	now := r.Now()
	r.alone.mu.Lock()
	rests := now.Before(r.alone.until)
	r.alone.mu.Unlock()
	if rests {
		return false
	}
	within, cancel := context.WithTimeout(ctx, shareIn)
	defer cancel()
	err := ask(within)
	if err != nil && ctx.Err() == nil {
		r.Logger.Debug("what instances share does not answer: this one reads for itself", "travail", what, "err", err)
		r.alone.mu.Lock()
		r.alone.until = now.Add(shareRest)
		r.alone.mu.Unlock()
	}
	return err == nil
}

// readInTurn reads an agenda that is due, unless another instance has, or does: that one's reading is heard of.
func (r *Reader) readInTurn(ctx context.Context, d *diary, own *term) {
	now := r.Now()
	if !r.turn(ctx, d, now) {
		return
	}
	defer r.together(ctx, "give", func(ctx context.Context) error { return r.Turns.Give(ctx, d.agenda.Agenda) })
	if r.look(ctx, d, now) && !d.isDue(now, r.Options) {
		return
	}
	ended, ours := d.begin(now, false)
	if !ours {
		<-ended
		return
	}
	r.carryOut(own.from(ctx), d, now) // here: a goroutine of its own for each would have to grow its stack each time
}

func (d *diary) isDue(now time.Time, o Options) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.next(now, o).After(now)
}

// turn reports whether this instance is to read the agenda now. A turn lasts longer than a reading may; who has waited
// longer than that for somebody else's believes in it no more.
func (r *Reader) turn(ctx context.Context, d *diary, now time.Time) bool {
	mine := true
	asked := r.together(ctx, "take", func(ctx context.Context) (err error) {
		mine, err = r.Turns.Take(ctx, d.agenda.Agenda, r.ReadIn*3/2)
		return err
	})
	return mine || !asked || d.waits(now) > 2*r.ReadIn
}

// waits is for how long others have been about to read it; it begins with the first question.
func (d *diary) waits(now time.Time) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting.IsZero() {
		d.waiting = now
	}
	return now.Sub(d.waiting)
}

// look takes in what another instance has read since, and reports whether it has.
func (r *Reader) look(ctx context.Context, d *diary, now time.Time) bool {
	var sealed []byte
	if !r.together(ctx, "get", func(ctx context.Context) (err error) {
		sealed, err = r.Board.Get(ctx, d.agenda.Agenda)
		return err
	}) || sealed == nil {
		return false
	}
	kept, err := r.Seal.open(boardOf+d.agenda.Agenda, sealed)
	return err == nil && r.believe(d, kept, now)
}

// boardOf is what a reading on the board is sealed as, with its agenda.
const boardOf = "reading "

// show puts a reading that was made here before the others.
func (r *Reader) show(ctx context.Context, d *diary, got reading) {
	if r.Board == nil || got.err != nil {
		return
	}
	kept, err := encode(nil, d.label, got)
	if err != nil {
		r.Logger.Warn("a reading is not shown to the other instances", "agenda", d.agenda.Agenda, "err", err)
		return
	}
	r.together(ctx, "put", func(ctx context.Context) error {
		return r.Board.Put(ctx, d.agenda.Agenda, r.Seal.close(nil, boardOf+d.agenda.Agenda, kept), r.StaleAfter)
	})
}

// follow takes in what others read, until ctx ends.
func (r *Reader) follow(ctx context.Context, list func() []*booking.Agenda) error {
	news, err := r.Board.Follow(ctx)
	if err != nil {
		return fmt.Errorf("availability: %w", err)
	}
	for agenda := range news {
		for _, a := range list() {
			if (agenda == "" || a.Agenda == agenda) && keptRead(a) {
				r.look(ctx, r.diary(a), r.Now())
			}
		}
	}
	return nil
}

// keptRead reports whether an agenda is read though nobody asks.
func keptRead(a *booking.Agenda) bool { return !a.Draft && a.Readable() }
