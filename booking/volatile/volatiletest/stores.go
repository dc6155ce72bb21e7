package volatiletest

import (
	"testing"
	"time"

	"passerelle/booking/volatile"
	"passerelle/internal/held"
)

const defaultGuard = 20 * time.Second

// InMemory is a fixture of volatile.Memory with a held clock.
func InMemory(t testing.TB) Fixture {
	t.Helper()
	clock := held.NewClock(time.Date(2026, time.November, 23, 9, 0, 0, 123_456_789, time.UTC)) // no whole second
	m := volatile.NewMemory(clock.Now, volatile.Limits{})
	t.Cleanup(func() { _ = m.Close() })
	return Fixture{Store: m, Other: m, Now: clock.Now, Advance: clock.Add, Forget: m.Forget, Guard: defaultGuard}
}

// Shared is a fixture of two clients of one store somewhere else, where time passes by itself.
func Shared(t testing.TB, first, second volatile.Store, forget func()) Fixture {
	t.Helper()
	t.Cleanup(func() { _, _ = first.Close(), second.Close() })
	return Fixture{
		Store: first, Other: second, Now: time.Now, Forget: forget, Guard: defaultGuard,
		// Redis counts in milliseconds, and a key is there until its last one is over.
		Advance: func(d time.Duration) { <-time.After(d + 2*time.Millisecond) },
	}
}
