package crash

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// diary is an agenda of another system: it outlives the program. It can end whoever calls it, on either side of a write:
// the goroutine goes, and what it would have done next is not done.
type diary struct {
	mu     sync.Mutex
	events map[string]connectors.Appointment // by reference
	writes map[string]int                    // how often each was written
	before bool                              // the caller ends before the next write…
	after  bool                              // … or after it
	late   bool                              // what is written does not show in a reading yet
}

var _ interface {
	connectors.Agenda
	connectors.Booker
	connectors.Canceler
	connectors.Finder
	connectors.Guarantor
} = (*diary)(nil)

func newDiary() *diary {
	return &diary{events: make(map[string]connectors.Appointment), writes: make(map[string]int)}
}

func (*diary) Guarantee() connectors.Guarantee { return connectors.Verified }

// end says where the next caller ends.
func (d *diary) end(before, after bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.before, d.after = before, after
}

func (d *diary) has(reference string) (event bool, writes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, event = d.events[reference]
	return event, d.writes[reference]
}

func (d *diary) Read(_ context.Context, q connectors.Query) (connectors.Reading, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := connectors.Reading{Basis: connectors.Busy}
	for _, e := range d.events {
		if !d.late && e.Overlaps(q.Window) {
			r.Own = append(r.Own, connectors.Own{Reference: e.Reference, Interval: e.Interval, Version: e.Version})
		}
	}
	return r, nil
}

func (d *diary) Book(_ context.Context, r connectors.Request) (connectors.Appointment, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.before {
		runtime.Goexit()
	}
	a := d.put(r.Reference, r.Slot.Interval)
	if d.after {
		runtime.Goexit()
	}
	return a, nil
}

func (d *diary) put(reference string, at interval.Interval) connectors.Appointment {
	d.writes[reference]++
	a := connectors.Appointment{Reference: reference, Upstream: "/" + reference, Version: fmt.Sprint(d.writes[reference]), Interval: at}
	d.events[reference] = a
	return a
}

func (d *diary) Cancel(_ context.Context, a connectors.Appointment) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.before {
		runtime.Goexit()
	}
	delete(d.events, a.Reference)
	if d.after {
		runtime.Goexit()
	}
	return nil
}

func (d *diary) Find(_ context.Context, reference string) (connectors.Appointment, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := d.events[reference]
	if !ok {
		return a, &connectors.Error{Op: "find", Kind: connectors.NotFound}
	}
	return a, nil
}
