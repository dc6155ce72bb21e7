package volatile

import (
	"bytes"
	"context"
	"sync"
	"time"
)

// What a Memory keeps when Limits does not say.
const (
	defaultEntries = 100_000
	defaultBytes   = 64 << 20
	entryBytes     = 200 // of a cached value's bookkeeping, roughly
)

// Limits bound what a Memory keeps; beyond them, what expires first is forgotten first.
type Limits struct {
	Entries int // counts, ids, and leases, of each; zero means 100,000
	Bytes   int // of cached values and their keys; zero means 64 MiB
}

// Memory is a Store of one process: its news reach that process alone. It starts no goroutine.
type Memory struct {
	now func() time.Time

	mu      sync.Mutex
	limits  Limits
	closed  bool
	cache   *table[[]byte]
	rates   *table[int64]
	seen    *table[struct{}]
	leases  *table[string]
	follows map[string]map[chan string]struct{} // by topic
}

// NewMemory makes an empty store that goes by the clock.
func NewMemory(now func() time.Time, l Limits) *Memory {
	if l.Entries <= 0 {
		l.Entries = defaultEntries
	}
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	m := &Memory{now: now, limits: l, follows: make(map[string]map[chan string]struct{})}
	m.empty()
	return m
}

func (m *Memory) empty() {
	m.cache = newTable[[]byte](m.limits.Bytes)
	m.rates = newTable[int64](m.limits.Entries)
	m.seen = newTable[struct{}](m.limits.Entries)
	m.leases = newTable[string](m.limits.Entries)
}

// Forget drops all that is kept, as a restart would; who listens goes on listening.
func (m *Memory) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.empty()
}

// lock is refused when the context has ended or the store is closed.
func (m *Memory) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return ErrClosed
	}
	return nil
}

// Get implements Cache.
func (m *Memory) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if err := checkKey("a key", key); err != nil {
		return nil, false, err
	}
	if err := m.lock(ctx); err != nil {
		return nil, false, err
	}
	defer m.mu.Unlock()
	value, ok := m.cache.get(key, m.now())
	return bytes.Clone(value), ok, nil
}

// Set implements Cache.
func (m *Memory) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
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
	if err := m.lock(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	now := m.now()
	m.cache.put(key, append([]byte{}, value...), len(key)+len(value)+entryBytes, now.Add(ttl), now)
	return nil
}

// Allow implements Limiter.
func (m *Memory) Allow(ctx context.Context, key string, r Rate) (Verdict, error) {
	if err := checkKey("a key", key); err != nil {
		return Verdict{}, err
	}
	each, err := r.interval()
	if err != nil {
		return Verdict{}, err
	}
	if err := m.lock(ctx); err != nil {
		return Verdict{}, err
	}
	defer m.mu.Unlock()
	now := m.now()
	busyUntil, _ := m.rates.get(key, now)
	busyUntil, v := take(busyUntil, now.UnixMicro(), each, int64(r.Burst))
	if v.Allowed {
		m.rates.put(key, busyUntil, 1, now.Add(v.ResetAfter+keptLonger), now)
	}
	return v, nil
}

// Once implements Replays. When there is no room it is ErrFull: an id that was forgotten too soon would pass again.
func (m *Memory) Once(ctx context.Context, id string, ttl time.Duration) (bool, error) {
	if err := checkKey("an id", id); err != nil {
		return false, err
	}
	ttl, err := checkTTL(ttl)
	if err != nil {
		return false, err
	}
	if err := m.lock(ctx); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	now := m.now()
	if _, known := m.seen.get(id, now); known {
		return false, nil
	}
	if m.seen.full(now) {
		return false, ErrFull
	}
	m.seen.put(id, struct{}{}, 1, now.Add(ttl), now)
	return true, nil
}

// Lease implements Leases.
func (m *Memory) Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	ttl, err := checkLease(name, holder, ttl)
	if err != nil {
		return false, err
	}
	if err := m.lock(ctx); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	now := m.now()
	if of, held := m.leases.get(name, now); held && of != holder {
		return false, nil
	}
	m.leases.put(name, holder, 1, now.Add(ttl), now)
	return true, nil
}

// Release implements Leases.
func (m *Memory) Release(ctx context.Context, name, holder string) error {
	if _, err := checkLease(name, holder, time.Second); err != nil {
		return err
	}
	if err := m.lock(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if of, held := m.leases.get(name, m.now()); held && of == holder {
		m.leases.drop(name)
	}
	return nil
}

func checkLease(name, holder string, ttl time.Duration) (time.Duration, error) {
	if err := checkKey("a name", name); err != nil {
		return 0, err
	}
	if err := checkKey("a holder", holder); err != nil {
		return 0, err
	}
	return checkTTL(ttl)
}
