package volatile

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is a Store that several instances share. Every key begins with its prefix. No command and no script of it has
// more than one key, so each stays in one slot of a Cluster without hash tags.
type Redis struct {
	client redis.UniversalClient
	prefix string

	ctx       context.Context // ends with Close
	cancel    context.CancelFunc
	mu        sync.Mutex // guards closed against followers.Add
	closed    bool
	followers sync.WaitGroup

	// For tests of this package: lets the client send again what must not be sent twice.
	repeat bool
}

// NewRedis makes a store over a client (Connect makes one), which it closes with itself. The prefix keeps the keys of
// this program apart from those of others.
func NewRedis(client redis.UniversalClient, prefix string) (*Redis, error) {
	if err := checkKey("a prefix", prefix); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Redis{client: client, prefix: prefix, ctx: ctx, cancel: cancel}, nil
}

// key is what Redis calls something: "prefix:rate:partner-7".
func (r *Redis) key(kind, name string) string { return r.prefix + ":" + kind + ":" + name }

// Get implements Cache.
func (r *Redis) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if err := checkKey("a key", key); err != nil {
		return nil, false, err
	}
	if err := r.open(ctx); err != nil {
		return nil, false, err
	}
	value, err := r.client.Get(ctx, r.key("cache", key)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("volatile: get: %w", err)
	}
	return value, true, nil
}

// Set implements Cache.
func (r *Redis) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := checkKey("a key", key); err != nil {
		return err
	}
	if err := checkValue(value); err != nil {
		return err
	}
	ttl, err := checkTTL(ttl)
	if err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.client.Set(ctx, r.key("cache", key), value, ttl).Err(); err != nil {
		return fmt.Errorf("volatile: set: %w", err)
	}
	return nil
}

// Allow implements Limiter.
func (r *Redis) Allow(ctx context.Context, key string, rate Rate) (Verdict, error) {
	if err := checkKey("a key", key); err != nil {
		return Verdict{}, err
	}
	each, err := rate.interval()
	if err != nil {
		return Verdict{}, err
	}
	if err := r.open(ctx); err != nil {
		return Verdict{}, err
	}
	n, err := r.run(ctx, allow, r.key("rate", key), each, rate.Burst, keptLonger.Milliseconds()).Int64Slice()
	if err != nil {
		return Verdict{}, fmt.Errorf("volatile: allow: %w", err)
	}
	if len(n) != 4 {
		return Verdict{}, fmt.Errorf("volatile: allow: %d numbers instead of 4", len(n))
	}
	return Verdict{Allowed: n[0] == 1, Remaining: int(n[1]), RetryAfter: micros(n[2]), ResetAfter: micros(n[3])}, nil
}

// Once implements Replays.
func (r *Redis) Once(ctx context.Context, id string, ttl time.Duration) (bool, error) {
	if err := checkKey("an id", id); err != nil {
		return false, err
	}
	ttl, err := checkTTL(ttl)
	if err != nil {
		return false, err
	}
	if err := r.open(ctx); err != nil {
		return false, err
	}
	err = r.send(ctx, "set", r.key("once", id), "", "nx", "px", ttl.Milliseconds()).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("volatile: once: %w", err)
	}
	return true, nil
}

// Lease implements Leases.
func (r *Redis) Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	ttl, err := checkLease(name, holder, ttl)
	if err != nil {
		return false, err
	}
	if err := r.open(ctx); err != nil {
		return false, err
	}
	held, err := r.run(ctx, lease, r.key("lease", name), holder, ttl.Milliseconds()).Int64()
	if err != nil {
		return false, fmt.Errorf("volatile: lease: %w", err)
	}
	return held == 1, nil
}

// Release implements Leases.
func (r *Redis) Release(ctx context.Context, name, holder string) error {
	if _, err := checkLease(name, holder, time.Second); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.run(ctx, release, r.key("lease", name), holder).Err(); err != nil {
		return fmt.Errorf("volatile: release: %w", err)
	}
	return nil
}

// open is refused when the context has ended or the store is closed.
func (r *Redis) open(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.ctx.Err() != nil {
		return ErrClosed
	}
	return nil
}

// Close implements Store.
func (r *Redis) Close() error {
	r.mu.Lock()
	again := r.closed
	r.closed = true
	r.mu.Unlock()
	if again {
		return nil
	}
	r.cancel()
	r.followers.Wait()
	if err := r.client.Close(); err != nil {
		return fmt.Errorf("volatile: close: %w", err)
	}
	return nil
}
