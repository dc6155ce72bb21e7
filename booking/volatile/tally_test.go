package volatile_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"passerelle/booking/volatile"
	"passerelle/internal/testservers"
)

// broken is a store that the test breaks, and that remembers what it was asked.
type broken struct {
	volatile.Limiter
	err   error
	asked []string
}

func (b *broken) Allow(ctx context.Context, key string, r volatile.Rate) (volatile.Verdict, error) {
	b.asked = append(b.asked, key)
	if b.err != nil {
		return volatile.Verdict{}, b.err
	}
	return b.Limiter.Allow(ctx, key, r)
}

func TestATallyAlwaysAnswers(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	shared := &broken{Limiter: volatile.NewMemory(clock, volatile.Limits{})}
	var log bytes.Buffer
	tally := volatile.NewTally(shared, []byte("clé"), slog.New(slog.NewTextHandler(&log, nil)), clock)
	rate := volatile.Rate{Count: 2, Per: time.Hour, Burst: 2}
	allowed := func() (n int) {
		for range 5 {
			if tally.Allow(t.Context(), "2001:db8::/64", rate).Allowed {
				n++
			}
		}
		return n
	}
	if n := allowed(); n != 2 || len(shared.asked) != 5 {
		t.Errorf("%d of 5 calls were allowed, of 2; the store was asked %d times", n, len(shared.asked))
	}
	shared.err = errors.New("down")
	for minute := range 3 {
		// The counts of this process begin empty: calls pass, and are limited all the same.
		if n, want := allowed(), max(0, 2-2*minute); n != want {
			t.Errorf("minute %d: %d of 5 calls were allowed while the store is down, want %d", minute, n, want)
		}
		now = now.Add(30 * time.Second)
		allowed()
		now = now.Add(30 * time.Second)
	}
	if lines := strings.Count(log.String(), "\n"); lines != 3 {
		t.Errorf("%d lines in three minutes:\n%s", lines, &log)
	}
	if asked := len(shared.asked) - 5; asked != 6 { // once per failure, not once per call
		t.Errorf("the store was asked %d times while it was down", asked)
	}
	shared.err = nil
	now = now.Add(time.Hour)
	if n := allowed(); n != 2 {
		t.Errorf("%d of 5 calls were allowed when it came back", n)
	}
	for _, key := range shared.asked {
		if strings.Contains(key, "2001") {
			t.Errorf("an address stands in a key: %s", key)
		}
	}
	if strings.Contains(log.String(), "2001") {
		t.Error("an address stands in the log")
	}
	if none := (volatile.Rate{}); !tally.Allow(t.Context(), "x", none).Allowed {
		t.Error("what is no rate refuses")
	}
}

func TestInstancesCountTogetherUntilRedisEnds(t *testing.T) {
	t.Parallel()
	server := testservers.StartRedis(t)
	rate := volatile.Rate{Count: 3, Per: time.Hour, Burst: 3}
	var instances []*volatile.Tally
	for range 2 {
		instances = append(instances, volatile.NewTally(store(t, "redis://"+server.Addr), []byte("clé"), slog.New(slog.DiscardHandler), time.Now).Patiently())
	}
	allowed := func() (n int) {
		for i := range 10 {
			if instances[i%2].Allow(t.Context(), "partenaire", rate).Allowed {
				n++
			}
		}
		return n
	}
	if n := allowed(); n != 3 {
		t.Errorf("two instances allowed %d calls together, want 3", n)
	}
	server.Kill(t)
	if n := allowed(); n != 6 {
		t.Errorf("without Redis they allowed %d calls, want 3 each", n)
	}
}
