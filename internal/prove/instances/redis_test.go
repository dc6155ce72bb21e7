package instances

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"passerelle/internal/testservers"
)

const (
	electIn   = 20 * time.Second // a guard: until a Sentinel has promoted a replica
	followIn  = 20 * time.Second // and until the other follows it; then it is left for another time
	lookEvery = 50 * time.Millisecond
)

// lying is a Redis that keeps nothing for sure: a primary and a replica that swap places, and a Sentinel. The Sentinel may
// turn them by itself when the machine is slow: nothing here counts on who is who for longer than a call.
type lying struct {
	servers  [2]*testservers.RedisServer
	sentinel *testservers.RedisServer
	clients  map[string]*redis.Client
}

func newLying(t *testing.T) *lying {
	t.Helper()
	l := &lying{clients: make(map[string]*redis.Client)}
	l.servers[0] = testservers.StartRedis(t)
	host, port, err := net.SplitHostPort(l.servers[0].Addr)
	if err != nil {
		t.Fatal(err)
	}
	l.servers[1] = testservers.StartRedis(t, "--replicaof", host+" "+port)
	l.sentinel = testservers.StartSentinel(t, l.servers[0].Addr)
	for _, s := range []*testservers.RedisServer{l.servers[0], l.servers[1], l.sentinel} {
		l.clients[s.Addr] = redis.NewClient(&redis.Options{Addr: s.Addr, Protocol: 2, DisableIdentity: true})
		t.Cleanup(func() { _ = l.clients[s.Addr].Close() })
	}
	if !l.settle(t.Context()) {
		t.Fatal("the replica does not follow")
	}
	return l
}

// url is what the program is told.
func (l *lying) url() string {
	return "redis+sentinel://" + l.sentinel.Addr + "/" + testservers.SentinelMaster
}

// say sends a command to a server and gives its answer as text; empty when there is none.
func (l *lying) say(ctx context.Context, s *testservers.RedisServer, command ...any) string {
	got, err := l.clients[s.Addr].Do(ctx, command...).Result()
	if err != nil {
		return ""
	}
	return fmt.Sprint(got)
}

// primary is the server that the Sentinel names, and the other.
func (l *lying) primary(ctx context.Context) (primary, other *testservers.RedisServer) {
	_, port, _ := net.SplitHostPort(l.servers[1].Addr)
	if strings.Contains(l.say(ctx, l.sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", testservers.SentinelMaster), " "+port+"]") {
		return l.servers[1], l.servers[0]
	}
	return l.servers[0], l.servers[1]
}

// settle waits until the primary has a replica that follows it; false when that takes too long.
func (l *lying) settle(ctx context.Context) bool {
	return until(followIn, func() bool {
		primary, _ := l.primary(ctx)
		return strings.Contains(l.say(ctx, primary, "INFO", "replication"), "state=online")
	})
}

// empty forgets everything; false when there is no primary that does.
func (l *lying) empty(ctx context.Context) bool {
	return until(electIn, func() bool {
		primary, _ := l.primary(ctx)
		return l.say(ctx, primary, "FLUSHALL") == "OK"
	})
}

// part cuts the replica off, so that it is stale from now on.
func (l *lying) part(ctx context.Context) bool {
	_, replica := l.primary(ctx)
	return l.say(ctx, replica, "REPLICAOF", "127.0.0.1", "1") != "" // nothing listens there; the Sentinel mends that after ten seconds
}

// turn kills the primary: the Sentinel promotes the replica, and what was the primary comes back, empty, behind it.
func (l *lying) turn(t *testing.T) bool {
	t.Helper()
	primary, replica := l.primary(t.Context())
	primary.Kill(t)
	defer primary.Start(t)
	return until(electIn, func() bool {
		now, _ := l.primary(t.Context())
		return now == replica && strings.HasPrefix(l.say(t.Context(), replica, "ROLE"), "[master")
	})
}

// until looks again and again; false when it is not so within a time.
func until(within time.Duration, so func() bool) bool {
	guard, again := time.NewTimer(within), time.NewTicker(lookEvery)
	defer guard.Stop()
	defer again.Stop()
	for !so() {
		select {
		case <-guard.C:
			return false
		case <-again.C:
		}
	}
	return true
}
