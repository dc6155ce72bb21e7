package availability

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// diary is what is known of one agenda.
type diary struct {
	reader  *Reader // whose it is
	agenda  *booking.Agenda
	gate    gate     // of readings of it
	horizon int      // of the agenda
	motifs  []string // the agenda's own names of them
	spread  uint32   // a number that it keeps, and that differs from agenda to agenda
	label   label    // what its kept readings begin with
	shelf   shelf

	mu      sync.Mutex
	last    reading       // the last that succeeded
	failed  error         // of the last attempt; nil if it succeeded
	tried   time.Time     // when the last attempt began
	failing int           // attempts since one succeeded
	wanted  time.Time     // when somebody was shown it last
	waiting time.Time     // since then another instance is about to read it; zero: none is
	reading bool          // one is under way
	ended   chan struct{} // closed when it ends; nil while nobody waits for that
	asked   time.Time     // when it began
}

// reading is an answer of an agenda and of those beside it, at one time.
type reading struct {
	at       time.Time
	sourceAt time.Time
	window   interval.Interval // that it was asked for, as said has it: this is looked at each time
	said     *said             // nil where there is none
	err      error
}

// said is what they answered. It never changes; where they answer that nothing has changed, it is the same.
type said struct {
	window interval.Interval
	main   connectors.Reading
	beside []connectors.Reading
}

// readFor reads as far as a question allows.
func (r *Reader) readFor(ctx context.Context, d *diary, q booking.AvailabilityQuery, now time.Time) (reading, booking.State) {
	if q.Shown {
		d.want(now)
	}
	if !q.Known {
		return r.read(ctx, d, now, q.Live, q.Hasty)
	}
	last, state := d.state(now, r.Options)
	switch {
	case state == booking.NoAgenda:
		state = booking.Unknown
	case state == booking.Fresh && !last.upToDate(state, d, now):
		state = booking.Stale
	}
	return last, state
}

// read gives the last reading, after a new one if that is not fresh; live always reads, and believes nothing else. Who is hasty
// does not wait for an agenda that hangs.
func (r *Reader) read(ctx context.Context, d *diary, now time.Time, live, hasty bool) (reading, booking.State) {
	if live {
		return r.readNow(connectors.Urgently(ctx, now), d, now)
	}
	if last, state := d.state(now, r.Options); last.upToDate(state, d, now) || d.resting(now, r.FreshFor) {
		return last, state
	}
	if r.look(ctx, d, now) {
		if last, state := d.state(now, r.Options); last.upToDate(state, d, now) {
			return last, state
		}
	}
	if ctx.Err() == nil {
		waits := !hasty || !d.hangs(now)
		done := r.refresh(ctx, d, now)
		if waits {
			select {
			case <-done:
			case <-ctx.Done(): // the reading goes on for the next caller
			}
		}
	}
	last, state := d.state(now, r.Options)
	if state == booking.NoAgenda {
		last.err, state = errors.Join(last.err, ctx.Err()), booking.Unknown
	}
	return last, state
}

// upToDate reports whether a reading in this state is used without another: of yesterday, it may lack the last day.
func (r reading) upToDate(state booking.State, of *diary, now time.Time) bool {
	return state == booking.Fresh && r.window.Covers(window(of.horizon, now))
}

// readNow believes nothing but a reading that begins now.
func (r *Reader) readNow(ctx context.Context, d *diary, now time.Time) (reading, booking.State) {
	within, cancel := context.WithTimeout(ctx, r.ReadIn)
	defer cancel()
	got := r.ask(within, d, now)
	if ctx.Err() == nil { // that a caller left says nothing of the agenda
		d.keep(got)
	}
	if got.err != nil {
		return got, booking.Unknown
	}
	return got, booking.Fresh
}

func (r *Reader) diary(a *booking.Agenda) *diary {
	if d, ok := a.Known.Load().(*diary); ok && d.reader == r {
		return d
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.diaries[a.Agenda]
	if d == nil || d.agenda != a { // opened again: what was read through the old connection is not believed
		d = &diary{
			reader: r, agenda: a, gate: make(gate, readingsOfOne), spread: spread(a.Agenda), horizon: horizon(a),
			motifs: upstream(a), label: labelOf(a, r.Build),
		}
		r.diaries[a.Agenda] = d
	}
	a.Known.Store(d)
	return d
}

// refresh joins the reading under way or starts one.
func (r *Reader) refresh(ctx context.Context, d *diary, now time.Time) <-chan struct{} {
	done, ours := d.begin(now, true)
	if ours {
		r.reads.Go(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.ReadIn)
			defer cancel()
			r.carryOut(ctx, d, now)
		})
	}
	return done
}

// begin joins the reading under way, or begins one: then it is ours to carry out. Who waits for its end, or joins, is told of it.
func (d *diary) begin(now time.Time, wait bool) (ended <-chan struct{}, ours bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ours = !d.reading; ours {
		d.reading, d.asked = true, now
	}
	if d.ended == nil && (wait || !ours) {
		d.ended = make(chan struct{})
	}
	return d.ended, ours
}

// carryOut makes a reading that has begun.
func (r *Reader) carryOut(ctx context.Context, d *diary, now time.Time) {
	got := r.ask(ctx, d, now)
	d.keep(got)
	r.show(context.WithoutCancel(ctx), d, got) // it may have taken all its time
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended != nil {
		close(d.ended)
	}
	d.reading, d.ended = false, nil
}

// keep remembers a reading, or that it failed.
func (d *diary) keep(got reading) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed, d.tried, d.waiting = got.err, got.at, time.Time{}
	d.failing++
	if got.err == nil {
		d.failing = 0
	}
	if got.err == nil && !got.at.Before(d.last.at) {
		d.last = got
		d.shelf.outdate(got.said)
	}
}

// resting reports whether the last attempt failed so lately that another would only add to the trouble.
func (d *diary) resting(now time.Time, freshFor time.Duration) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed != nil && !d.reading && now.Sub(d.tried) < freshFor/4
}

// slow is how long an agenda that was read before may take before somebody hasty shows what it said then.
const slow = 250 * time.Millisecond

// hangs reports whether the agenda did not answer the last time, or seems not to this time.
func (d *diary) hangs(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failing > 0 || d.reading && !d.last.at.IsZero() && now.Sub(d.asked) > slow
}

// state is the last reading and how far it may be believed at now.
func (d *diary) state(now time.Time, o Options) (reading, booking.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	last := d.last
	last.err = d.failed
	age := now.Sub(last.at)
	switch {
	case last.at.IsZero() && d.failed == nil:
		return last, booking.NoAgenda
	case last.at.IsZero() || age >= o.StaleAfter:
		return last, booking.Unknown
	case age >= o.FreshFor || d.failed != nil:
		return last, booking.Stale
	}
	return last, booking.Fresh
}

// window is what is read at now of an agenda that can be booked so many days ahead: whole days (UTC), so that it is the same all day
// long, from yesterday to beyond the farthest slot of its motifs.
func window(horizon int, now time.Time) interval.Interval {
	const day = 24 * 3600
	today := now.Unix() / day
	return interval.Interval{Start: (today - 1) * day, End: (today + int64(horizon) + 3) * day}
}

// horizon is how many days ahead an agenda can be booked at most.
func horizon(a *booking.Agenda) (days int) {
	for i := range a.Motifs { // which are large
		days = max(days, a.Motifs[i].HorizonDays)
	}
	return days
}

// ask reads the agenda and every diary beside it; all must answer, before ctx ends.
func (r *Reader) ask(ctx context.Context, d *diary, now time.Time) reading {
	for _, g := range [...]gate{d.gate, r.gate} {
		if err := g.enter(ctx); err != nil {
			return reading{at: now, err: err}
		}
		defer g.leave()
	}
	d.mu.Lock()
	before := d.last.said
	d.mu.Unlock()
	got := reading{at: now, window: window(d.horizon, now)}
	if before == nil || before.window != got.window {
		before = &said{beside: make([]connectors.Reading, len(d.agenda.Beside))}
	}
	same := true
	hear := func(a connectors.Agenda, at connectors.Connection, motifs []string, known connectors.Reading) connectors.Reading {
		began := r.Now()
		told, unchanged, err := one(ctx, a, got.window, motifs, known)
		r.record.note(ctx, at, r.Now().Sub(began), err)
		got.err, same = errors.Join(got.err, err), same && unchanged
		if got.sourceAt.IsZero() || !told.SourceAt.IsZero() && told.SourceAt.Before(got.sourceAt) {
			got.sourceAt = told.SourceAt
		}
		return told
	}
	main := hear(d.agenda.Diary, d.agenda.Connection.Connection, d.motifs, before.main)
	var others []connectors.Reading
	for i, b := range d.agenda.Beside {
		others = append(others, hear(b, beside(d.agenda, i), nil, before.beside[i]))
	}
	if got.said = before; !same {
		got.said = &said{got.window, main, others}
	}
	if got.err != nil {
		r.Logger.Warn("an agenda was not read", "agenda", d.agenda.Agenda, "kind", connectors.KindOf(got.err).String(), "err", got.err)
	}
	return got
}

// one reads a diary; where it says that nothing changed, what it said before still holds. A diary that panics is one
// that was not read: the others go on.
func one(ctx context.Context, a connectors.Agenda, w interval.Interval, motifs []string, known connectors.Reading) (r connectors.Reading, unchanged bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			r, unchanged, err = connectors.Reading{}, false, &connectors.Error{Op: "read", Kind: connectors.Internal, Err: fmt.Errorf("availability: panic: %v\n%s", v, debug.Stack())}
		}
	}()
	told, err := a.Read(ctx, connectors.Query{Window: w, Motifs: motifs, Known: known.Version})
	if err != nil {
		return connectors.Reading{}, false, err
	}
	if told.Unchanged {
		if known.Version == "" {
			return told, false, &connectors.Error{Op: "read", Kind: connectors.Unavailable, Err: errors.New("availability: unchanged since nothing")}
		}
		if !told.SourceAt.IsZero() {
			known.SourceAt = told.SourceAt
		}
		return known, true, nil
	}
	if told.Basis < connectors.Busy || told.Basis > connectors.Slots {
		return told, false, &connectors.Error{Op: "read", Kind: connectors.Internal, Err: errors.New("availability: the reading has no basis")}
	}
	return told, false, nil
}

func upstream(a *booking.Agenda) []string {
	var names []string
	for _, m := range a.Motifs {
		if m.Upstream != "" {
			names = append(names, m.Upstream)
		}
	}
	return names
}
