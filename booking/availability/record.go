package availability

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// lastReadings is of how many readings of a connector it is known how long they took.
const lastReadings = 256

// record is what became of readings of diaries: those of other agendas' sides count for their own connector and host.
type record struct {
	mu        sync.Mutex
	succeeded map[string]*successes // by connector
	failed    map[failure]uint64
}

// successes are the readings of a connector that succeeded.
type successes struct {
	count uint64
	took  [lastReadings]time.Duration // the last; the oldest is replaced first
}

type failure struct {
	connector, host string
	kind            connectors.Kind
}

// note adds a reading. One whose caller left says nothing of the diary.
func (r *record) note(ctx context.Context, of connectors.Connection, took time.Duration, err error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		if r.failed == nil {
			r.failed = make(map[failure]uint64)
		}
		r.failed[failure{of.Connector, booking.Host(of), connectors.KindOf(err)}]++
		return
	}
	s := r.succeeded[of.Connector]
	if s == nil {
		if r.succeeded == nil {
			r.succeeded = make(map[string]*successes)
		}
		s = &successes{}
		r.succeeded[of.Connector] = s
	}
	s.took[s.count%lastReadings] = took
	s.count++
}

// of adds what is kept of a connector.
func (r *record) of(connector string, into *booking.Reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.succeeded[connector]; s != nil {
		into.Readings = s.count
		into.Took = slices.Sorted(slices.Values(s.took[:min(s.count, lastReadings)]))
	}
	for f, n := range r.failed {
		if f.connector == connector {
			into.Failures = append(into.Failures, booking.Failure{Host: f.host, Kind: f.kind, Count: n})
		}
	}
	slices.SortFunc(into.Failures, func(a, b booking.Failure) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Kind, b.Kind))
	})
}

// forget drops the failures at hosts that are not among these, which are sorted: whoever may declare an agenda could otherwise
// declare one host after another.
func (r *record) forget(hosts []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.failed, func(f failure, _ uint64) bool {
		_, declared := slices.BinarySearch(hosts, f.host)
		return !declared && f.host != ""
	})
}

// beside is how the i-th diary beside an agenda is reached.
func beside(a *booking.Agenda, i int) connectors.Connection {
	if i < len(a.Connection.Beside) {
		return a.Connection.Beside[i]
	}
	return connectors.Connection{}
}
