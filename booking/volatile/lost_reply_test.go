package volatile

import (
	"context"
	"fmt"
	"net"
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

// TestALostConnectionLosesNoNews, whether it ends or only falls silent: what was told meanwhile is heard, or that something may
// have been.
func TestALostConnectionLosesNoNews(t *testing.T) {
	t.Parallel()
	server := testservers.StartRedis(t).Addr
	for name, lose := range map[string]func(*cutter){
		"it ends":           (*cutter).cutAll,
		"it only is silent": func(c *cutter) { c.silence(true) },
	} {
		t.Run(name, func(t *testing.T) {
			between := newCutter(t, server, 1, 0)
			direct := over(t, "redis://"+server, func(o *redis.UniversalOptions, _ *Redis) { patient(o) })
			s := over(t, "redis://"+server, func(o *redis.UniversalOptions, _ *Redis) { o.Dialer = through(between) })
			news, err := s.Follow(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			hear(t, news, "")
			used := between.connections()
			lose(between)
			tell := func(what string) {
				if err := direct.Tell(t.Context(), name, what); err != nil {
					t.Fatal(err)
				}
			}
			tell("meanwhile")
			givenUp(t, between, used)
			between.silence(false)
			hear(t, news, "meanwhile")
			tell("afterwards")
			hear(t, news, "afterwards")
		})
	}
}

// givenUp waits until none of the connections is used any more.
func givenUp(t *testing.T, between *cutter, used map[net.Conn]struct{}) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	end := time.After(hang)
	for left := true; left; {
		left = false
		for c := range between.connections() {
			if _, before := used[c]; before {
				left = true
			}
		}
		select {
		case <-again.C:
		case <-end:
			t.Fatal("the connection is still used")
		}
	}
}

// hear waits for a piece of news, or for it to be said that anything may have changed.
func hear(t *testing.T, news <-chan string, want string) {
	t.Helper()
	select {
	case got, open := <-news:
		if !open || got != want && got != "" {
			t.Fatalf("heard %q, %v, want %q", got, open, want)
		}
	case <-time.After(hang):
		t.Fatalf("no news, want %q", want)
	}
}
