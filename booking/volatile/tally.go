package volatile

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"log/slog"
	"sync"
	"time"
)

// What a Tally does about a shared store that does not answer.
const (
	tallyWait = 100 * time.Millisecond // a call waits no longer for it
	tallyRest = time.Second            // after a failure it is left alone that long
	tallySays = time.Minute            // between two lines about it
)

// Tally counts calls and always answers, so that nobody is refused because a store is silent: it asks the shared store,
// and while that one does not answer it counts in this process alone. What it counts by may be the address of a person's
// machine: the store sees a keyed digest of it.
type Tally struct {
	shared Limiter // nil: there is none
	own    *Memory
	macs   sync.Pool // of hash.Hash, each ready with the key
	logger *slog.Logger
	now    func() time.Time
	wait   time.Duration

	mu     sync.Mutex
	resume time.Time // the shared store is asked again from then on
	said   time.Time // the last line about it
}

// NewTally counts in the shared store, by digests under the key. One that is this process's own always answers: it is not waited for.
func NewTally(shared Limiter, key []byte, logger *slog.Logger, now func() time.Time) *Tally {
	t := &Tally{
		shared: shared, own: NewMemory(now, Limits{}), logger: logger, now: now, wait: tallyWait,
		macs: sync.Pool{New: func() any { return hmac.New(sha256.New, key) }},
	}
	if _, alone := shared.(*Memory); alone {
		t.shared = nil
	}
	return t
}

// Allow takes one call from the rate of what is counted. A rate that is none, and a caller who has left, are allowed.
func (t *Tally) Allow(ctx context.Context, what string, r Rate) Verdict {
	name := t.digest(what)
	if t.shared != nil && t.asks() {
		short, cancel := context.WithTimeout(ctx, t.wait)
		v, err := t.shared.Allow(short, name, r)
		cancel()
		if err == nil {
			return v
		}
		if ctx.Err() == nil {
			t.failed(err)
		}
	}
	v, err := t.own.Allow(ctx, name, r)
	if err != nil {
		return Verdict{Allowed: true}
	}
	return v
}

// digest is what the store sees of what is counted.
func (t *Tally) digest(what string) string {
	mac := t.macs.Get().(hash.Hash)
	defer t.macs.Put(mac)
	mac.Reset()
	_, _ = io.WriteString(mac, what)
	var sum [sha256.Size]byte
	return hex.EncodeToString(mac.Sum(sum[:0]))
}

// asks reports whether the shared store is worth a try.
func (t *Tally) asks() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.now().Before(t.resume)
}

func (t *Tally) failed(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.resume = now.Add(tallyRest)
	if t.said.IsZero() || now.Sub(t.said) >= tallySays {
		t.said = now
		t.logger.Warn("the shared counts of calls do not answer: this instance counts alone", "err", err)
	}
}
