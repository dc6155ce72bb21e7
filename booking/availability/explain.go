package availability

import (
	"cmp"
	"context"
	"slices"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// Explain implements booking.Availability: the same reading, the same hours and the same claims that slots are cut from.
func (r *Reader) Explain(ctx context.Context, q booking.AvailabilityQuery) ([]booking.Stretch, error) {
	d := r.diary(q.Agenda)
	read, state := r.read(ctx, d, r.Now(), true, false)
	if state == booking.Unknown {
		return nil, read.err
	}
	q.Live = true
	f, err := r.free(ctx, d, q, read.said, r.Now())
	if err != nil {
		return nil, err
	}
	open := interval.Union(f.open)
	if f.native {
		for _, x := range f.ready {
			open = append(open, x.Interval)
		}
		open = interval.Union(open)
	}
	var claimed []interval.Interval
	for _, c := range f.claims {
		claimed = append(claimed, c.Interval)
	}
	claimed = interval.Union(claimed)
	busy := interval.Minus(f.taken, f.doubt)
	free := interval.Minus(interval.Minus(open, f.taken), claimed)
	var out []booking.Stretch
	for _, of := range []struct {
		why   booking.Why
		spans []interval.Interval
	}{{booking.Free, free}, {booking.Reserved, claimed}, {booking.Busy, interval.Minus(busy, claimed)}, {booking.Doubtful, interval.Minus(f.doubt, claimed)}} {
		for _, span := range interval.Cut(of.spans, q.Window) {
			out = append(out, booking.Stretch{Interval: span, Why: of.why})
		}
	}
	slices.SortFunc(out, func(a, b booking.Stretch) int { return cmp.Compare(a.Start, b.Start) })
	return out, nil
}
