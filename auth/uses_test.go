package auth

import (
	"context"
	"sync"
	"time"
)

// uses is a store of ids that forgets each when its time is over; a test makes it fail.
type uses struct {
	now     func() time.Time
	mu      sync.Mutex
	until   map[string]time.Time
	failure error
}

func newUses() *uses { return &uses{now: time.Now, until: make(map[string]time.Time)} }

func (u *uses) Once(_ context.Context, id string, ttl time.Duration) (bool, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.failure != nil {
		return false, u.failure
	}
	if u.now().Before(u.until[id]) {
		return false, nil
	}
	u.until[id] = u.now().Add(ttl)
	return true, nil
}

func (u *uses) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	clear(u.until)
}
