package volatiletest

import (
	"context"
	"sync"
	"time"

	"passerelle/booking/volatile"
)

// Fault is a way to break a store, and the check that sees it.
type Fault struct {
	Name  string
	Check string
	Break func(volatile.Store) volatile.Store
}

// Faults are the stores that must not pass.
func Faults() []Fault {
	return []Fault{
		{"nothing expires", "AValueIsKeptUntilItExpires", func(s volatile.Store) volatile.Store { return eternal{s} }},
		{"ids never expire", "AnIdIsNewAgainAfterItsTime", func(s volatile.Store) volatile.Store { return eternal{s} }},
		{"leases never expire", "ALeaseEnds", func(s volatile.Store) volatile.Store { return eternal{s} }},
		{"any holder renews a lease", "ALeaseIsExclusiveAndRenewedByItsHolder", func(s volatile.Store) volatile.Store { return anyHolder{s} }},
		{"any holder releases a lease", "ALeaseIsReleasedByItsHolderOnly", func(s volatile.Store) volatile.Store { return anyHolder{s} }},
		{"an id is new twice", "AnIdIsNewOnce", func(s volatile.Store) volatile.Store { return &twice{Store: s} }},
		{"an id is new to two at once", "AnIdIsNewToOneOfSixtyFourConcurrentCallers", func(s volatile.Store) volatile.Store { return &twice{Store: s} }},
		{"one call more than the burst", "ABurstAndThenOneCallPerInterval", func(s volatile.Store) volatile.Store { return generous{s} }},
		{"one call more, concurrently", "ConcurrentCallersNeverExceedTheRate", func(s volatile.Store) volatile.Store { return generous{s} }},
		{"a rate that is not refilled", "ABurstAndThenOneCallPerInterval", func(s volatile.Store) volatile.Store { return stingy{s} }},
		{"news that go nowhere", "NewsArriveAtEveryClientInOrder", func(s volatile.Store) volatile.Store { return mute{s} }},
		{"a context that is not looked at", "ACancelledContextIsRefused", func(s volatile.Store) volatile.Store { return patient{s} }},
	}
}

// eternal forgets to expire.
type eternal struct{ volatile.Store }

func (e eternal) Set(ctx context.Context, key string, value []byte, _ time.Duration) error {
	return e.Store.Set(ctx, key, value, long)
}

func (e eternal) Once(ctx context.Context, id string, _ time.Duration) (bool, error) {
	return e.Store.Once(ctx, id, long)
}

func (e eternal) Lease(ctx context.Context, name, holder string, _ time.Duration) (bool, error) {
	return e.Store.Lease(ctx, name, holder, long)
}

// anyHolder does not look at who holds a lease.
type anyHolder struct{ volatile.Store }

func (a anyHolder) Lease(ctx context.Context, name, _ string, ttl time.Duration) (bool, error) {
	return a.Store.Lease(ctx, name, "anybody", ttl)
}

func (a anyHolder) Release(ctx context.Context, name, _ string) error {
	return a.Store.Release(ctx, name, "anybody")
}

// twice answers every second caller that the id is new.
type twice struct {
	volatile.Store
	mu   sync.Mutex
	seen map[string]int
}

func (o *twice) Once(ctx context.Context, id string, ttl time.Duration) (bool, error) {
	first, err := o.Store.Once(ctx, id, ttl)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen == nil {
		o.seen = make(map[string]int)
	}
	o.seen[id]++
	return first || o.seen[id]%2 == 0, err
}

// generous lets one more through than it should.
type generous struct{ volatile.Store }

func (g generous) Allow(ctx context.Context, key string, r volatile.Rate) (volatile.Verdict, error) {
	r.Burst++
	return g.Store.Allow(ctx, key, r)
}

// stingy counts with an interval ten times as long, and says the right one.
type stingy struct{ volatile.Store }

func (s stingy) Allow(ctx context.Context, key string, r volatile.Rate) (volatile.Verdict, error) {
	interval := r.Per / time.Duration(max(1, r.Count))
	r.Per *= 10
	v, err := s.Store.Allow(ctx, key, r)
	v.RetryAfter, v.ResetAfter = min(v.RetryAfter, interval), min(v.ResetAfter, time.Duration(r.Burst)*interval)
	return v, err
}

// patient goes on although its caller has gone.
type patient struct{ volatile.Store }

func (p patient) Once(ctx context.Context, id string, ttl time.Duration) (bool, error) {
	return p.Store.Once(context.WithoutCancel(ctx), id, ttl)
}
