package volatile

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Cache keeps bytes for a while.
type Cache interface {
	// Get says false when there is nothing, or nothing any more.
	Get(ctx context.Context, key string) ([]byte, bool, error)
	// Set replaces what is there. A value has at most MaxValue bytes; a ttl is rounded up to a millisecond.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

// Limiter counts calls.
type Limiter interface {
	// Allow takes one call from the rate of the key, when one is left. With Redis the clock is the server's, so that
	// instances whose clocks differ count as one. An error says nothing: the call may have been counted or not.
	Allow(ctx context.Context, key string, r Rate) (Verdict, error)
}

// Replays knows the ids that were seen.
type Replays interface {
	// Once is true the first time that an id is seen within the ttl. An error says nothing: the id may have been
	// noted. It is never sent twice on its own, since the second try would then deny the first.
	Once(ctx context.Context, id string, ttl time.Duration) (bool, error)
}

// Leases let one of several do what need not be done by all. They are no locks: a lease may end, or be lost, while its
// holder still works.
type Leases interface {
	// Lease takes a free lease or renews one's own: true when the holder has it now, for the ttl. After an error the
	// holder may have it; asking again tells.
	Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error)
	// Release gives back a lease of this holder; that of another stays.
	Release(ctx context.Context, name, holder string) error
}

// News tell which of many things have changed, and nothing more.
type News interface {
	// Tell tells who follows the topic, at every instance, of something. It may be told twice, or be lost.
	Tell(ctx context.Context, topic, what string) error
	// Follow returns a channel of what is told from now on, in order; and "" where anything may have changed: at first, where
	// something may have been missed, and where so much was told that some was forgotten. The channel is closed when ctx ends and
	// when the store is closed. Each Follow holds a connection.
	Follow(ctx context.Context, topic string) (<-chan string, error)
}

// Store is all of it, for who makes it and for the suite that tests it; others take the part that they need.
type Store interface {
	Cache
	Limiter
	Replays
	Leases
	News
	// Close ends what runs for the store; what is called afterwards fails.
	Close() error
}

// Both implementations.
var (
	_ Store = (*Memory)(nil)
	_ Store = (*Redis)(nil)
)

// Limits of both implementations, so that what passes the one passes the other.
const (
	MaxKey   = 512     // bytes of a key, id, name, holder, topic or piece of news
	MaxValue = 1 << 20 // bytes of a value
	MaxNews  = 10_000  // of a topic that nobody has taken yet; about so many with Redis
)

// ErrClosed is what a store answers after Close.
var ErrClosed = errors.New("volatile: closed")

// ErrFull is what a store answers that would have to forget what it must not.
var ErrFull = errors.New("volatile: full")

// checkKey accepts what both implementations keep. The key is not in the error: it may be long, and it is the caller's.
func checkKey(what, key string) error {
	if key == "" || len(key) > MaxKey {
		return fmt.Errorf("volatile: %s of %d bytes, want 1 to %d", what, len(key), MaxKey)
	}
	return nil
}

// checkTTL rounds up to what Redis counts in: nothing ends before its time.
func checkTTL(ttl time.Duration) (time.Duration, error) {
	if ttl <= 0 {
		return 0, fmt.Errorf("volatile: a ttl of %v", ttl)
	}
	whole := ttl.Truncate(time.Millisecond)
	if whole < ttl {
		whole += time.Millisecond
	}
	return whole, nil
}

func checkValue(value []byte) error {
	if len(value) > MaxValue {
		return fmt.Errorf("volatile: a value of %d bytes, at most %d", len(value), MaxValue)
	}
	return nil
}
