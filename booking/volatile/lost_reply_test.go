package volatile

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"passerelle/internal/prove"
	"passerelle/internal/testservers"
)

// hang is a guard: what is tested ends much earlier, or never.
const hang = 30 * time.Second

// over makes a store over a client with our settings, changed for the test.
func over(t *testing.T, address string, change func(*redis.UniversalOptions, *Redis)) *Redis {
	t.Helper()
	o, err := options(address)
	if err != nil {
		t.Fatal(err)
	}
	s := &Redis{}
	change(o, s)
	made, err := NewRedis(redis.NewUniversalClient(o), "test")
	if err != nil {
		t.Fatal(err)
	}
	made.repeat = s.repeat
	if s.quiet > 0 {
		made.quiet = s.quiet
	}
	t.Cleanup(func() { _ = made.Close() })
	return made
}

// TestALostAnswerIsUnknownAndNeverADenial cuts connections after Redis has carried a command out. With our settings the
// caller gets an error; with those of go-redis, where it sends the command again, the second answer denies the first.
func TestALostAnswerIsUnknownAndNeverADenial(t *testing.T) {
	t.Parallel()
	const seed = 20261123
	t.Logf("seed %d", seed)
	server := testservers.StartRedis(t).Addr
	nodes := testservers.StartRedisCluster(t)
	alone, cluster := "redis://"+server, "redis+cluster://"+strings.Join(nodes, ",")
	cases := []struct {
		name, address string
		servers       []string
		change        func(*redis.UniversalOptions, *Redis)
		right         bool
	}{
		{"ours", alone, []string{server}, func(*redis.UniversalOptions, *Redis) {}, true},
		{"ours in a Cluster", cluster, nodes, func(*redis.UniversalOptions, *Redis) {}, true},
		{"what go-redis does by itself", alone, []string{server}, func(_ *redis.UniversalOptions, s *Redis) { s.repeat = true }, false},
		{"the same in a Cluster", cluster, nodes, func(_ *redis.UniversalOptions, s *Redis) { s.repeat = true }, false},
		{"a Cluster with MaxRetries -1 alone", cluster, nodes, func(o *redis.UniversalOptions, s *Redis) {
			s.repeat, o.MaxRetries = true, -1
		}, false},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var cutters []*cutter
			for n, s := range c.servers {
				cutters = append(cutters, newCutter(t, s, seed+uint64(n), 0.2))
			}
			cut := over(t, c.address, func(o *redis.UniversalOptions, s *Redis) {
				c.change(o, s)
				o.Dialer = through(cutters...)
			})
			direct := over(t, c.address, func(o *redis.UniversalOptions, _ *Redis) { patient(o) })
			got := loseAnswers(t, cut, direct, fmt.Sprint("case-", i))
			t.Logf("%+v", got)
			if got.unknown == 0 || got.appliedUnknown == 0 {
				t.Errorf("no answer was lost: %+v", got)
			}
			if wrong := got.denied > 0 || got.taken > got.calls; wrong == c.right {
				t.Errorf("want right %v, got %+v", c.right, got)
			}
		})
	}
}

// tally is what came of the calls through the cutter.
type tally struct {
	calls          int
	denied         int // ids that were new, and of which Once said that they are not
	unknown        int // errors
	appliedUnknown int // of which the id was noted all the same
	taken          int // calls that the rate has counted; one each at most is right
}

func loseAnswers(t *testing.T, cut, direct *Redis, name string) tally {
	t.Helper()
	ctx := t.Context()
	got := tally{calls: prove.Size(80, 800)}
	rate := Rate{Count: 1, Per: 10 * time.Minute, Burst: 4 * got.calls} // none comes back while the test runs
	for i := range got.calls {
		id := fmt.Sprintf("%s-%d", name, i)
		switch first, err := cut.Once(ctx, id, time.Hour); {
		case err != nil:
			got.unknown++
			if first, err := direct.Once(ctx, id, time.Hour); err != nil {
				t.Fatal(err)
			} else if !first {
				got.appliedUnknown++
			}
		case !first:
			got.denied++
		}
		_, _ = cut.Allow(ctx, name, rate)
	}
	v, err := direct.Allow(ctx, name, rate)
	if err != nil {
		t.Fatal(err)
	}
	got.taken = rate.Burst - v.Remaining - 1
	return got
}

// TestASilentServerHoldsNobodyLongerThanItsDeadline: nothing but the caller's deadline ends these calls.
func TestASilentServerHoldsNobodyLongerThanItsDeadline(t *testing.T) {
	t.Parallel()
	server := testservers.StartRedis(t).Addr
	for name, looked := range map[string]bool{"ours": true, "what go-redis does by itself": false} {
		t.Run(name, func(t *testing.T) {
			mute := newCutter(t, server, 1, 0)
			s := over(t, "redis://"+server, func(o *redis.UniversalOptions, _ *Redis) {
				o.Dialer = through(mute)
				o.ReadTimeout = hang
				if !looked {
					o.ContextTimeoutEnabled, o.ReadTimeout = false, 2*time.Second
				}
			})
			if first, err := s.Once(t.Context(), name, time.Hour); err != nil || !first {
				t.Fatalf("got %v, %v", first, err)
			}
			mute.silence(true)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			began := time.Now()
			if _, err := s.Once(ctx, name+"-mute", time.Hour); err == nil {
				t.Error("an answer that nobody gave")
			}
			took := time.Since(began)
			if looked && took > hang/2 || !looked && took < 2*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestWhoListensNoticesALostConnection, one that ends and one that only falls silent, and is woken: it may have missed
// something.
func TestWhoListensNoticesALostConnection(t *testing.T) {
	t.Parallel()
	server := testservers.StartRedis(t).Addr
	for name, lose := range map[string]func(*cutter){
		"it ends":           (*cutter).cutAll,
		"it only is silent": func(c *cutter) { c.silence(true) },
	} {
		t.Run(name, func(t *testing.T) {
			between := newCutter(t, server, 1, 0)
			s := over(t, "redis://"+server, func(o *redis.UniversalOptions, s *Redis) {
				o.Dialer = through(between)
				s.quiet = 100 * time.Millisecond
			})
			heard, err := s.Listen(t.Context(), "topic")
			if err != nil {
				t.Fatal(err)
			}
			wakeUp(t, heard)
			lose(between)
			if name == "it only is silent" {
				missed(t, server, s, between)
				between.silence(false)
			}
			wakeUp(t, heard)
			if err := s.Wake(t.Context(), "topic"); err != nil {
				t.Fatal(err)
			}
			wakeUp(t, heard)
		})
	}
}

// missed sends a wake-up that the silent connection swallows, and waits until the listener has given that one up.
func missed(t *testing.T, server string, s *Redis, between *cutter) {
	t.Helper()
	between.mu.Lock()
	before := make(map[any]bool, len(between.conns))
	for c := range between.conns {
		before[c] = true
	}
	between.mu.Unlock()
	direct := over(t, "redis://"+server, func(o *redis.UniversalOptions, _ *Redis) { patient(o) })
	if err := direct.Wake(t.Context(), "topic"); err != nil {
		t.Fatal(err)
	}
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	end := time.After(hang)
	for {
		between.mu.Lock()
		left := 0
		for c := range between.conns {
			if before[c] {
				left++
			}
		}
		between.mu.Unlock()
		if left == 0 {
			return
		}
		select {
		case <-again.C:
		case <-end:
			t.Fatal("the silent connection is still used")
		}
	}
}

func wakeUp(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case _, open := <-c:
		if !open {
			t.Fatal("the channel is closed")
		}
	case <-time.After(hang):
		t.Fatal("no wake-up")
	}
}
