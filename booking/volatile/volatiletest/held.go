package volatiletest

import (
	"sync"
	"testing"
	"time"

	"passerelle/booking/volatile"
)

const defaultGuard = 20 * time.Second

// Clock is held: it moves when it is told to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock stands at some instant that is no whole second.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, time.November, 23, 9, 0, 0, 123_456_789, time.UTC)}
}

// Now is where it stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// InMemory is a fixture of volatile.Memory with a held clock.
func InMemory(t testing.TB) Fixture {
	t.Helper()
	clock := NewClock()
	m := volatile.NewMemory(clock.Now, volatile.Limits{})
	t.Cleanup(func() { _ = m.Close() })
	return Fixture{Store: m, Other: m, Now: clock.Now, Advance: clock.Advance, Forget: m.Forget, Guard: defaultGuard}
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
