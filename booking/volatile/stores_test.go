package volatile_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"passerelle/booking/volatile"
	"passerelle/booking/volatile/volatiletest"
	"passerelle/internal/testservers"
)

const guard = 30 * time.Second // against a hang

func TestMemory(t *testing.T) { volatiletest.Run(t, volatiletest.InMemory) }

func TestRedisStandalone(t *testing.T) {
	t.Parallel()
	server := testservers.StartRedis(t)
	volatiletest.Run(t, func(t testing.TB) volatiletest.Fixture { return shared(t, "redis://"+server.Addr+"/3") })
}

func TestRedisBehindSentinel(t *testing.T) {
	t.Parallel()
	sentinel := testservers.StartSentinel(t, testservers.StartRedis(t).Addr)
	address := "redis+sentinel://" + sentinel.Addr + "/" + testservers.SentinelMaster
	volatiletest.Run(t, func(t testing.TB) volatiletest.Fixture { return shared(t, address) })
}

func TestRedisCluster(t *testing.T) {
	t.Parallel()
	address := "redis+cluster://" + strings.Join(testservers.StartRedisCluster(t), ",")
	volatiletest.Run(t, func(t testing.TB) volatiletest.Fixture { return shared(t, address) })
}

// shared is two clients of one Redis; forgetting is FLUSHALL, and the scripts too.
func shared(t testing.TB, address string) volatiletest.Fixture {
	t.Helper()
	direct := connect(t, address)
	t.Cleanup(func() { _ = direct.Close() })
	return volatiletest.Shared(t, store(t, address), store(t, address), func() {
		flush := func(ctx context.Context, c *redis.Client) error {
			if err := c.FlushAll(ctx).Err(); err != nil {
				return err
			}
			return c.ScriptFlush(ctx).Err()
		}
		var err error
		switch c := direct.(type) {
		case *redis.ClusterClient:
			err = c.ForEachMaster(t.Context(), flush)
		case *redis.Client:
			err = flush(t.Context(), c)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

func store(t testing.TB, address string) *volatile.Redis {
	t.Helper()
	s, err := volatile.NewRedis(connect(t, address), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func connect(t testing.TB, address string) redis.UniversalClient {
	t.Helper()
	c, err := volatile.ConnectPatiently(address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestARestartOfRedisIsSaidAndLosesNothingElse(t *testing.T) {
	t.Parallel()
	server := testservers.StartRedis(t)
	s := store(t, "redis://"+server.Addr)
	news, err := s.Follow(t.Context(), "topic")
	if err != nil {
		t.Fatal(err)
	}
	await(t, news)
	if first, err := s.Once(t.Context(), "id", time.Hour); err != nil || !first {
		t.Fatalf("got %v, %v", first, err)
	}
	server.Kill(t)
	for what, err := range map[string]error{
		"Once": second(s.Once(t.Context(), "id", time.Hour)),
		"Tell": s.Tell(t.Context(), "topic", "what"),
		"Set":  s.Set(t.Context(), "key", nil, time.Hour),
	} {
		if err == nil {
			t.Errorf("%s succeeds without a server", what)
		}
	}
	silent(t, news)
	server.Start(t)
	await(t, news)
	if first, err := s.Once(t.Context(), "id", time.Hour); err != nil || !first {
		t.Errorf("got %v, %v of a server that has forgotten all", first, err)
	}
}

func TestAPromotedReplicaIsFoundAndIsSaid(t *testing.T) {
	t.Parallel()
	master := testservers.StartRedis(t)
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	replica := testservers.StartRedis(t, "--replicaof", host+" "+port)
	sentinel := testservers.StartSentinel(t, master.Addr)
	eventually(t, func() bool {
		return sentinel.Says("slaves=1", "INFO", "sentinel") &&
			replica.Says("master_link_status:up", "INFO", "replication")
	})
	s := store(t, "redis+sentinel://"+sentinel.Addr+"/"+testservers.SentinelMaster)
	news, err := s.Follow(t.Context(), "topic")
	if err != nil {
		t.Fatal(err)
	}
	await(t, news)
	if held, err := s.Lease(t.Context(), "lease", "holder", time.Hour); err != nil || !held {
		t.Fatalf("got %v, %v", held, err)
	}
	master.Kill(t)
	await(t, news)
	eventually(t, func() bool {
		held, err := s.Lease(t.Context(), "lease", "holder", time.Hour)
		return err == nil && held
	})
	if err := s.Tell(t.Context(), "topic", "what"); err != nil {
		t.Error(err)
	}
	await(t, news)
}

func second[V any](_ V, err error) error { return err }

func await(t *testing.T, c <-chan string) {
	t.Helper()
	select {
	case _, open := <-c:
		if !open {
			t.Fatal("the channel is closed")
		}
	case <-time.After(guard):
		t.Fatal("no news")
	}
}

func silent(t *testing.T, c <-chan string) {
	t.Helper()
	select {
	case <-c:
		t.Error("news that nobody has told")
	default:
	}
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	end := time.After(guard)
	for !holds() {
		select {
		case <-again.C:
		case <-end:
			t.Fatal("it did not come to be")
		}
	}
}
