package auth

import (
	"context"
	"time"
)

const (
	maxAge      = 10 * time.Second // how long what the store said is taken to be so
	maxPartners = 1024             // remembered
)

// recentPartners asks the store for a partner once in ten seconds: so long at most may a revocation be unknown here.
type recentPartners struct {
	from  Partners
	now   func() time.Time
	known *bounded[string, aged[Partner]]
}

// aged is what was read at an instant.
type aged[T any] struct {
	value T
	read  time.Time
}

// fresh is false too for what was read in the future: then the clock has gone back.
func (a aged[T]) fresh(now time.Time) bool {
	age := now.Sub(a.read)
	return age >= 0 && age < maxAge
}

func newRecentPartners(s Settings) *recentPartners {
	return &recentPartners{s.Partners, s.Now, newBounded[string, aged[Partner]](maxPartners)}
}

// Partner implements Partners. An ID that nobody has is not remembered, nor is a failure.
func (r *recentPartners) Partner(ctx context.Context, id string) (Partner, error) {
	now := r.now()
	if found, ok := r.known.get(id); ok && found.fresh(now) {
		return found.value, nil
	}
	p, err := r.from.Partner(ctx, id)
	if err == nil {
		r.known.set(id, aged[Partner]{p, now})
	}
	return p, err
}
