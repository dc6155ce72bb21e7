package availability

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// free is an agenda at one place with everything known of it, ready to be cut. It never changes, but for what was cut of it.
type free struct {
	said   *said
	open   []interval.Interval // sorted, disjoint, none over a midnight of the place
	taken  []interval.Interval // busy or doubtful: sorted, disjoint
	doubt  []interval.Interval // sorted, disjoint
	ready  []connectors.Slot   // of an agenda that cuts its own; then open is not used
	native bool                // ready speaks
	claims []booking.Claimed   // by start
	over   []int64             // when claims up to each have ended
	signer *booking.SlotSigner // may be nil
	heads  atomic.Pointer[head]
	motifs atomic.Pointer[signerOf]
}

// free gives the free time of an agenda at a place, as it was worked out last where that still stands. A question that is
// about one appointment is worked out for itself.
func (r *Reader) free(ctx context.Context, d *diary, q booking.AvailabilityQuery, of *said, now time.Time) (*free, error) {
	if q.Live || q.Except != "" {
		return r.workOut(ctx, q, of, around(q, of.window))
	}
	f, change := d.shelf.take(q.Place, of, now)
	if f != nil {
		return f, nil
	}
	f, err := r.workOut(ctx, q, of, of.window)
	if err == nil {
		d.shelf.put(q.Place, f, change)
	}
	return f, err
}

// workOut joins what the agenda said with the opening hours and with what the ledger claims within w.
func (r *Reader) workOut(ctx context.Context, q booking.AvailabilityQuery, of *said, w interval.Interval) (*free, error) {
	f := &free{said: of, signer: r.Slots}
	var err error // claims first: what is replaced in between is then in one of the two, never in none
	if f.claims, err = r.Claims.Claimed(ctx, q.Agenda.Agenda, w, q.Except); err != nil {
		return nil, fmt.Errorf("availability: %w", err)
	}
	f.over = over(f.claims)
	own, busy, doubt := slices.Clone(of.main.Own), slices.Clone(of.main.Busy), connectors.SpansOf(of.main.Doubt)
	for _, b := range of.beside {
		own, busy, doubt = append(own, b.Own...), append(busy, b.Busy...), append(doubt, connectors.SpansOf(b.Doubt)...)
	}
	foreign, err := r.foreign(ctx, q.Agenda.Agenda, own)
	if err != nil {
		return nil, err
	}
	busy = append(busy, foreign...)
	switch of.main.Basis {
	case connectors.Open:
		f.open = at(q.Place, of.main)
	case connectors.Slots:
		f.native, f.ready = true, of.main.Slots
	default:
		open, unknown, err := r.openHours(q, of.window)
		if err != nil {
			return nil, &connectors.Error{Op: "read", Kind: connectors.Misconfigured, Err: err}
		}
		f.open, doubt = open, append(doubt, unknown...)
	}
	f.open = days(f.open, q.Place.Zone)
	f.doubt = interval.Union(doubt)
	f.taken = interval.Union(append(busy, f.doubt...))
	return f, nil
}

// at is the time that an agenda offers at a place. Where it goes from place to place, that is its stops there.
func at(p *booking.Place, r connectors.Reading) []interval.Interval {
	if len(r.Stops) == 0 {
		return r.Open
	}
	var here []interval.Interval
	for _, s := range r.Stops {
		if s.Place == p.ID || slices.Contains(p.Aliases, s.Place) {
			here = append(here, s.Interval)
		}
	}
	return interval.Union(here)
}

// around is the time in which claims matter to the slots that start in the window.
func around(q booking.AvailabilityQuery, within interval.Interval) interval.Interval {
	longest := time.Duration(0)
	for _, m := range q.Motifs {
		longest = max(longest, m.Duration+m.Buffer)
	}
	return interval.Interval{Start: q.Window.Start, End: q.Window.End + int64(longest.Seconds())}.Clip(within)
}

// foreign is the time of events that bear our reference but that the ledger does not know: they are busy like any
// other. Those that it knows are in its claims.
func (r *Reader) foreign(ctx context.Context, agenda string, own []connectors.Own) ([]interval.Interval, error) {
	if len(own) == 0 {
		return nil, nil
	}
	known, err := r.Claims.Known(ctx, agenda, own)
	if err != nil {
		return nil, fmt.Errorf("availability: %w", err)
	}
	var out []interval.Interval
	for _, o := range own {
		if !slices.Contains(known, o) {
			out = append(out, o.Interval)
		}
	}
	return out, nil
}
