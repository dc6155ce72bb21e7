package volatile_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/booking/volatile"
	"passerelle/booking/volatile/volatiletest"
	"passerelle/internal/prove"
	"passerelle/internal/testservers"
)

// model is what a store is to its callers, in the plainest words. Its rate is a bucket that leaks, where the store keeps
// one instant.
type model struct {
	now    time.Time
	cache  map[string]kept
	ids    map[string]time.Time
	leases map[string]kept
	levels map[string]level
}

type kept struct {
	value   string
	expires time.Time
}

type level struct {
	full time.Duration // how long the bucket takes to run dry
	at   time.Time
}

func newModel(now time.Time) *model {
	m := &model{now: now}
	m.forget()
	return m
}

func (m *model) forget() {
	m.cache, m.leases = make(map[string]kept), make(map[string]kept)
	m.ids, m.levels = make(map[string]time.Time), make(map[string]level)
}

func (m *model) allow(key string, interval time.Duration, burst int) volatile.Verdict {
	l := m.levels[key]
	full := max(0, l.full-m.now.Sub(l.at))
	size := interval * time.Duration(burst)
	if over := full + interval - size; over > 0 {
		return volatile.Verdict{RetryAfter: over, ResetAfter: full}
	}
	full += interval
	m.levels[key] = level{full, m.now}
	return volatile.Verdict{Allowed: true, Remaining: int((size - full) / interval), ResetAfter: full}
}

// rates has one per key: none changes while it is counted.
var rates = map[string]volatile.Rate{
	"a": {Count: 1, Per: time.Second, Burst: 1},
	"b": {Count: 1000, Per: 7 * time.Second, Burst: 5},
	"c": {Count: 3, Per: time.Hour, Burst: 2},
}

// play drives a store and the model with the same random calls. Where the clock is not held, time stands still in the
// model: nothing expires, and of a rate only what a moment does not change is compared.
func play(f volatiletest.Fixture, held bool) func(*rapid.T) {
	return func(t *rapid.T) {
		f.Forget()
		ctx := t.Context()
		m := newModel(f.Now())
		key := func(t *rapid.T) string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key") }
		holder := func(t *rapid.T) string { return rapid.SampledFrom([]string{"first", "second"}).Draw(t, "holder") }
		client := func(t *rapid.T) volatile.Store {
			return rapid.SampledFrom([]volatile.Store{f.Store, f.Other}).Draw(t, "client")
		}
		ttl := func(t *rapid.T) time.Duration {
			if !held {
				return time.Hour
			}
			return time.Duration(rapid.IntRange(1, 4000).Draw(t, "ttl")) * time.Millisecond
		}
		actions := map[string]func(*rapid.T){
			"get": func(t *rapid.T) {
				k := key(t)
				got, found, err := client(t).Get(ctx, k)
				want := m.cache[k]
				alive := m.now.Before(want.expires)
				if err != nil || found != alive || found && string(got) != want.value {
					t.Fatalf("got %q, %v, %v, want %q, %v", got, found, err, want.value, alive)
				}
			},
			"set": func(t *rapid.T) {
				k, v, d := key(t), rapid.String().Draw(t, "value"), ttl(t)
				if err := client(t).Set(ctx, k, []byte(v), d); err != nil {
					t.Fatal(err)
				}
				m.cache[k] = kept{v, m.now.Add(d)}
			},
			"once": func(t *rapid.T) {
				k, d := key(t), ttl(t)
				got, err := client(t).Once(ctx, k, d)
				want := !m.now.Before(m.ids[k])
				if err != nil || got != want {
					t.Fatalf("got %v, %v, want %v", got, err, want)
				}
				if want {
					m.ids[k] = m.now.Add(d)
				}
			},
			"lease": func(t *rapid.T) {
				k, h, d := key(t), holder(t), ttl(t)
				got, err := client(t).Lease(ctx, k, h, d)
				want := !m.now.Before(m.leases[k].expires) || m.leases[k].value == h
				if err != nil || got != want {
					t.Fatalf("got %v, %v, want %v", got, err, want)
				}
				if want {
					m.leases[k] = kept{h, m.now.Add(d)}
				}
			},
			"release": func(t *rapid.T) {
				k, h := key(t), holder(t)
				if err := client(t).Release(ctx, k, h); err != nil {
					t.Fatal(err)
				}
				if m.leases[k].value == h {
					delete(m.leases, k)
				}
			},
			"allow": func(t *rapid.T) {
				k := key(t)
				if !held {
					k = "c"
				}
				r := rates[k]
				got, err := client(t).Allow(ctx, k, r)
				want := m.allow(k, r.Per/time.Duration(r.Count), r.Burst)
				if !held {
					got.RetryAfter, got.ResetAfter, want.RetryAfter, want.ResetAfter = 0, 0, 0, 0
				}
				if err != nil || got != want {
					t.Fatalf("got %+v, %v, want %+v", got, err, want)
				}
			},
			"forget": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "really") == 0 {
					f.Forget()
					m.forget()
				}
			},
		}
		if held {
			actions["wait"] = func(t *rapid.T) {
				d := time.Duration(rapid.IntRange(1, 2000).Draw(t, "wait")) * time.Millisecond
				f.Advance(d)
				m.now = m.now.Add(d)
			}
		}
		t.Repeat(actions)
	}
}

func TestMemoryIsWhatTheModelSays(t *testing.T) {
	steps(t, 300, 10_000)
	rapid.Check(t, play(volatiletest.InMemory(t), true))
}

func TestRedisIsWhatTheModelSays(t *testing.T) {
	server := testservers.StartRedis(t)
	steps(t, 300, 10_000)
	rapid.Check(t, play(shared(t, "redis://"+server.Addr), false))
}

// TestTheModelSeesFaults plays against stores that are broken: the test above must be able to fail.
func TestTheModelSeesFaults(t *testing.T) {
	steps(t, 3_000, 3_000)
	set(t, "rapid.nofailfile", "true")
	set(t, "rapid.shrinktime", "0s")
	for _, fault := range volatiletest.Faults() {
		switch fault.Check {
		case "NewsArriveAtEveryClientInOrder", "ACancelledContextIsRefused":
			continue // the model has none of them
		}
		t.Run(fault.Name, func(t *testing.T) {
			complaints := volatiletest.Record(t, func(t testing.TB) {
				f := volatiletest.InMemory(t)
				f.Store = fault.Break(f.Store)
				f.Other = f.Store
				rapid.Check(t, play(f, true))
			})
			if len(complaints) == 0 {
				t.Error("the model does not see it")
			}
		})
	}
}

// steps sets how many calls are made in all, in runs of thirty.
func steps(t *testing.T, usual, long int) {
	t.Helper()
	n := prove.Size(usual, long)
	const each = 30
	set(t, "rapid.steps", fmt.Sprint(each))
	set(t, "rapid.checks", fmt.Sprint((n+each-1)/each))
}

// set sets a flag of rapid for one test; it has no other way.
func set(t *testing.T, name, value string) {
	t.Helper()
	old := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, old) })
}
