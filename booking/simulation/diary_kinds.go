package simulation

import (
	"context"
	"slices"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// An agenda's capabilities are found by type: each kind of diary is a type of its own.
type (
	reading   struct{ *diary }    // it can only be read
	native    struct{ reading }   // the ledger is the diary
	taking    struct{ reading }   // it takes bookings, and cannot be told of their end
	freeing   struct{ taking }    // it is told, but knows no reference of ours
	searching struct{ freeing }   // it recognises our reference, and can be looked into
	keeping   struct{ searching } // … and refuses an overlap itself
)

var (
	_ connectors.Agenda    = reading{}
	_ connectors.Guarantor = native{}
	_ connectors.Booker    = taking{}
	_ connectors.Canceler  = freeing{}
	_ connectors.Finder    = searching{}
	_ connectors.Guarantor = keeping{}
)

// Guarantee: the ledger, which refuses every overlap, is the only diary.
func (native) Guarantee() connectors.Guarantee { return connectors.Atomic }

// Guarantee: a clash with somebody else is found.
func (searching) Guarantee() connectors.Guarantee { return connectors.Verified }

// Guarantee: the agenda refuses a clash.
func (keeping) Guarantee() connectors.Guarantee { return connectors.Atomic }

// Read lists what is taken. An agenda that knows no reference of ours shows our events as any other.
func (a reading) Read(ctx context.Context, q connectors.Query) (connectors.Reading, error) {
	d := a.diary
	r := connectors.Reading{Basis: connectors.Busy}
	err := d.ask(ctx, "read", "", func() error {
		if d.unreachable() {
			return d.failed("read", connectors.Unavailable)
		}
		var busy []interval.Interval
		for _, e := range d.events {
			switch {
			case !e.Overlaps(q.Window), d.now.Before(e.shown):
			case e.Reference != "" && d.identity:
				r.Own = append(r.Own, connectors.Own{Reference: e.Reference, Interval: e.Interval, Version: e.Version})
			default:
				busy = append(busy, e.Interval)
			}
		}
		r.Busy = interval.Union(busy)
		if !d.honest && d.chance(20) {
			r.Doubt = []connectors.Doubt{{Interval: q.Window, Reason: "illisible"}}
		}
		return nil
	})
	if err == nil {
		d.crowd(r)
	}
	return r, readError(err)
}

// crowd keeps which of the references that were found a reading shows beside another event.
func (d *diary) crowd(r connectors.Reading) {
	for reference, span := range d.found {
		other := func(o connectors.Own) bool { return o.Reference != reference && o.Overlaps(span) }
		if slices.ContainsFunc(r.Busy, span.Overlaps) || slices.ContainsFunc(r.Own, other) {
			d.crowded[reference] = true
		}
	}
}

// readError: a question that nobody answered is no write.
func readError(err error) error {
	if err != nil && connectors.KindOf(err) == connectors.OutcomeUnknown {
		return &connectors.Error{Op: "read", Kind: connectors.Unavailable, Err: context.DeadlineExceeded}
	}
	return err
}

// Book implements connectors.Booker.
func (a taking) Book(ctx context.Context, r connectors.Request) (out connectors.Appointment, err error) {
	d := a.diary
	err = d.ask(ctx, "book", r.Reference, func() error {
		no := []connectors.Kind{connectors.SlotTaken, connectors.Invalid, connectors.Refused, connectors.Misconfigured}[d.IntN(4)]
		return d.write("book", r.Reference, func() error { return d.put(r, &out) }, no)
	})
	if err != nil {
		return connectors.Appointment{}, err
	}
	return out, nil
}

// Cancel implements connectors.Canceler.
func (a freeing) Cancel(ctx context.Context, ours connectors.Appointment) error {
	d := a.diary
	err := d.ask(ctx, "cancel", ours.Reference, func() error {
		no := []connectors.Kind{connectors.RateLimited, connectors.Misconfigured}[d.IntN(2)]
		if d.has(ours) && d.chance(700) { // it refuses to let go of what it has only
			no = connectors.Refused
		}
		return d.write("cancel", ours.Reference, func() error { return d.remove(ours) }, no)
	})
	d.kept[ours.Reference] = d.kept[ours.Reference] || err != nil && connectors.KindOf(err) == connectors.Refused
	return err
}

// Find implements connectors.Finder.
func (a searching) Find(ctx context.Context, reference string) (out connectors.Appointment, err error) {
	d := a.diary
	err = d.ask(ctx, "find", reference, func() error {
		if d.unreachable() {
			return d.failed("find", connectors.Unavailable)
		}
		i := d.at(reference)
		if i < 0 || d.now.Before(d.events[i].shown) {
			return d.failed("find", connectors.NotFound)
		}
		out = d.events[i].Appointment
		d.note("  %s: find %s finds it at %s", d.id, reference, out.Interval)
		return nil
	})
	if err == nil {
		d.found[reference] = out.Interval
	} else if connectors.KindOf(err) == connectors.NotFound {
		d.absences[reference] = append(d.absences[reference], d.now)
	}
	return out, readError(err)
}
