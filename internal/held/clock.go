package held

import (
	"sync"
	"time"
)

// Clock stands still but when a test moves it.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock stands at an instant.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// Now is where it stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Set moves it, forwards or backwards.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// Add moves it on.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
