package volatiletest

import (
	"testing"
	"time"

	"passerelle/booking/volatile"
)

func wantLease(t testing.TB, s volatile.Store, lease, holder string, ttl time.Duration, want bool) {
	t.Helper()
	held, err := s.Lease(t.Context(), lease, holder, ttl)
	fine(t, err)
	if held != want {
		t.Errorf("Lease for %s says %v, want %v", holder, held, want)
	}
}

func leaseIsExclusive(t testing.TB, f Fixture) {
	wantLease(t, f.Store, t.Name(), "first", long, true)
	wantLease(t, f.Other, t.Name(), "second", long, false)
	wantLease(t, f.Store, t.Name(), "second", long, false)
	wantLease(t, f.Other, t.Name(), "first", long, true)
	wantLease(t, f.Other, t.Name()+"-other", "second", long, true)
}

func leaseAmongMany(t testing.TB, f Fixture) {
	for i := range 20 {
		lease := name(t, i)
		held := together(t, many, func(i int) (bool, error) {
			return f.either(i).Lease(t.Context(), lease, name(t, i), long)
		})
		if held != 1 {
			t.Errorf("a lease was taken by %d of %d concurrent holders", held, many)
		}
	}
}

func leaseExpires(t testing.TB, f Fixture) {
	wantLease(t, f.Store, t.Name(), "first", brief, true)
	wantLease(t, f.Store, t.Name()+"-renewed", "first", brief, true)
	wantLease(t, f.Store, t.Name()+"-renewed", "first", long, true)
	f.Advance(brief)
	wantLease(t, f.Other, t.Name(), "second", long, true)
	wantLease(t, f.Store, t.Name(), "first", long, false)
	wantLease(t, f.Other, t.Name()+"-renewed", "second", long, false)
}

func leaseIsReleasedByItsHolder(t testing.TB, f Fixture) {
	fine(t, f.Store.Release(t.Context(), t.Name(), "first")) // of nobody's
	wantLease(t, f.Store, t.Name(), "first", long, true)
	fine(t, f.Other.Release(t.Context(), t.Name(), "second"))
	wantLease(t, f.Other, t.Name(), "second", long, false)
	fine(t, f.Other.Release(t.Context(), t.Name(), "first"))
	wantLease(t, f.Store, t.Name(), "second", long, true)
}
