package booking_test

import (
	"context"
	"fmt"
	"sync"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// diary is an agenda of another system that keeps events, loses answers, and has a human in it.
type diary struct {
	mu      sync.Mutex
	events  map[string]connectors.Appointment // ours, by reference
	others  []interval.Interval               // somebody else's
	doubt   []interval.Interval               // nobody understands what is there
	hidden  bool                              // a reading does not show ours, which are there
	weekly  bool                              // a human has made series of ours
	silent  bool                              // whatever is asked, no answer comes
	deaf    bool                              // a write is lost on its way, and no answer comes
	mute    bool                              // a write is applied, and no answer comes
	refuses connectors.Kind                   // a write is refused, for this reason
	version int
	calls   []string
}

var _ interface {
	connectors.Agenda
	connectors.Booker
	connectors.Canceler
	connectors.Finder
	connectors.Guarantor
} = (*diary)(nil)

func (*diary) Guarantee() connectors.Guarantee { return connectors.Verified }

// set changes how it answers.
func (d *diary) set(change func(*diary)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

func (d *diary) called(what string) error {
	d.calls = append(d.calls, what)
	if d.silent {
		return &connectors.Error{Op: what, Kind: connectors.Unavailable, Err: context.DeadlineExceeded}
	}
	return nil
}

func (d *diary) Read(_ context.Context, q connectors.Query) (connectors.Reading, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.called("read"); err != nil {
		return connectors.Reading{}, err
	}
	r := connectors.Reading{Basis: connectors.Busy, Busy: interval.Cut(d.others, q.Window)}
	for _, span := range interval.Cut(d.doubt, q.Window) {
		r.Doubt = append(r.Doubt, connectors.Doubt{Interval: span, Reason: "?"})
	}
	for _, e := range d.events {
		if e.Overlaps(q.Window) && !d.hidden {
			r.Own = append(r.Own, connectors.Own{Reference: e.Reference, Interval: e.Interval, Version: e.Version})
			if d.weekly {
				const week = 7 * 24 * 3600
				r.Own = append(r.Own, connectors.Own{Reference: e.Reference, Interval: interval.Interval{Start: e.Start + week, End: e.End + week}, Version: e.Version})
			}
		}
	}
	return r, nil
}

func (d *diary) Book(_ context.Context, r connectors.Request) (connectors.Appointment, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	lost := &connectors.Error{Op: "book", Kind: connectors.OutcomeUnknown, Err: context.DeadlineExceeded}
	if d.called("book") != nil || d.deaf {
		return connectors.Appointment{}, lost
	}
	if d.refuses != 0 {
		return connectors.Appointment{}, &connectors.Error{Op: "book", Kind: d.refuses}
	}
	a := d.put(r.Reference, r.Slot.Interval)
	if d.mute {
		return connectors.Appointment{}, lost
	}
	return a, nil
}

func (d *diary) put(reference string, at interval.Interval) connectors.Appointment {
	d.version++
	a := connectors.Appointment{Reference: reference, Upstream: "/" + reference, Version: fmt.Sprint(d.version), Interval: at}
	d.events[reference] = a
	return a
}

func (d *diary) Cancel(_ context.Context, a connectors.Appointment) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	lost := &connectors.Error{Op: "cancel", Kind: connectors.OutcomeUnknown, Err: context.DeadlineExceeded}
	if d.called("cancel") != nil || d.deaf {
		return lost
	}
	have, ok := d.events[a.Reference]
	switch {
	case d.refuses != 0:
		return &connectors.Error{Op: "cancel", Kind: d.refuses}
	case !ok:
		return nil // cancelling twice is no error
	case have.Version != a.Version:
		return &connectors.Error{Op: "cancel", Kind: connectors.Changed}
	}
	delete(d.events, a.Reference)
	if d.mute {
		return lost
	}
	return nil
}

func (d *diary) Find(_ context.Context, reference string) (connectors.Appointment, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.called("find"); err != nil {
		return connectors.Appointment{}, err
	}
	a, ok := d.events[reference]
	if !ok {
		return a, &connectors.Error{Op: "find", Kind: connectors.NotFound}
	}
	return a, nil
}
