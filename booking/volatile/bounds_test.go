package volatile

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestMemoryIsBoundedAndForgetsWhatExpiresFirst(t *testing.T) {
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	m := NewMemory(func() time.Time { return now }, Limits{Entries: 100, Bytes: 64 << 10})
	ctx := t.Context()
	for i := range 1000 { // the later ones expire earlier
		ttl := time.Hour - time.Duration(i)*time.Second
		if held, err := m.Lease(ctx, fmt.Sprint(i), "holder", ttl); err != nil || !held {
			t.Fatal(held, err)
		}
		if err := m.Set(ctx, fmt.Sprint(i), make([]byte, 1<<10), ttl); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Allow(ctx, fmt.Sprint(i), Rate{Count: 1, Per: time.Minute, Burst: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(m.leases.entries); n != 100 {
		t.Errorf("%d leases are kept, want 100", n)
	}
	if n := len(m.rates.entries); n != 100 {
		t.Errorf("%d counts are kept, want 100", n)
	}
	if m.cache.cost > 64<<10 || len(m.cache.entries) < 40 {
		t.Errorf("%d bytes in %d values are kept, at most %d bytes", m.cache.cost, len(m.cache.entries), 64<<10)
	}
	for id, kept := range map[string]bool{"0": true, "98": true, "500": false, "998": false, "999": true} {
		if _, found := m.leases.get(id, now); found != kept {
			t.Errorf("lease %s: kept %v", id, found)
		}
	}
	now = now.Add(2 * time.Hour)
	if _, err := m.Lease(ctx, "new", "holder", time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := len(m.leases.entries); n != 1 {
		t.Errorf("%d leases are kept after all but one have expired", n)
	}
}

// An id that is pushed out would pass a second time: whoever fills the store must not bring that about.
func TestMemoryForgetsNoIDBeforeItsTime(t *testing.T) {
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	m := NewMemory(func() time.Time { return now }, Limits{Entries: 100})
	for i := range 1000 {
		first, err := m.Once(t.Context(), fmt.Sprint(i), time.Minute)
		if room := i < 100; first != room || (err == nil) != room || err != nil && !errors.Is(err, ErrFull) {
			t.Fatalf("id %d: %v, %v", i, first, err)
		}
	}
	for i := range 100 {
		if first, err := m.Once(t.Context(), fmt.Sprint(i), time.Minute); first || err != nil {
			t.Errorf("id %d again: %v, %v", i, first, err)
		}
	}
	now = now.Add(time.Minute)
	if first, err := m.Once(t.Context(), "new", time.Minute); !first || err != nil || len(m.seen.entries) != 1 {
		t.Errorf("once they have expired: %v, %v; %d are kept", first, err, len(m.seen.entries))
	}
}

// TestATableAgreesWithAPlainList replays random operations on a list that is searched from end to end.
func TestATableAgreesWithAPlainList(t *testing.T) {
	type row struct {
		value, cost int
		expires     time.Time
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	const limit = 40
	table, list := newTable[int](limit), make(map[string]row)
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	used := 0
	for i := range 20_000 {
		key := fmt.Sprint(dice.IntN(30))
		switch dice.IntN(4) {
		case 0:
			now = now.Add(time.Duration(dice.IntN(3)) * time.Second)
		case 1:
			table.drop(key)
			delete(list, key)
		default:
			// Every expiry is its own, so that one entry is the first to go.
			r := row{i, 1 + dice.IntN(8), now.Add(time.Duration(1+dice.IntN(60))*time.Second + time.Duration(i))}
			table.put(key, r.value, r.cost, r.expires, now)
			delete(list, key)
			for {
				used = 0
				first := ""
				for k, old := range list {
					used += old.cost
					if first == "" || old.expires.Before(list[first].expires) {
						first = k
					}
				}
				if first == "" || now.Before(list[first].expires) && used+r.cost <= limit {
					break
				}
				delete(list, first)
			}
			list[key] = r
		}
		for n := range 30 {
			k := fmt.Sprint(n)
			r, want := list[k]
			want = want && now.Before(r.expires)
			if value, found := table.get(k, now); found != want || found && value != r.value {
				t.Fatalf("step %d: key %s: got %d, %v, want %d, %v", i, k, value, found, r.value, want)
			}
		}
		if table.cost > limit || len(table.entries) != len(table.soonest) {
			t.Fatalf("step %d: cost %d, %d entries, %d in order", i, table.cost, len(table.entries), len(table.soonest))
		}
	}
}

func TestAddressesOfRedis(t *testing.T) {
	cases := map[string]string{ // "" is a refusal
		"redis://cache":                                     "[cache:6379] db 0",
		"redis://user:secret@cache:7000/5":                  "[cache:7000] db 5 as user:secret",
		"rediss://:secret@[::1]:7000":                       "[[::1]:7000] db 0 as :secret TLS",
		"redis+sentinel://a,b:7000/main":                    "[a:26379 b:7000] db 0 watched as main",
		"redis+sentinel://u:p%40@a/main?db=2":               "[a:26379] db 2 as u:p@ watched as main",
		"rediss+sentinel://a/main?sentinel_password=secret": "[a:26379] db 0 TLS watched as main by :secret",
		"redis+cluster://:secret@a:1,b:2,c":                 "[a:1 b:2 c:6379] db 0 as :secret cluster",

		"":                                    "",
		"cache:6379":                          "",
		"http://:secret@cache":                "",
		"redis+ring://:secret@a,b":            "",
		"redis://:secret@a,b":                 "",
		"redis://:secret@":                    "",
		"redis://:secret@cache:port":          "",
		"redis://:secret@cache/x":             "",
		"redis://:secret@cache/-1":            "",
		"redis://:secret@cache?db=1":          "",
		"redis://:secret@cache?protocol=3":    "",
		"redis://:sec%ret@cache":              "",
		"redis://:secret@cache#fragment":      "",
		"redis+cluster://:secret@a,,b":        "",
		"redis+cluster://:secret@a/1":         "",
		"redis+sentinel://:secret@a":          "",
		"redis+sentinel://:secret@a/main?x=1": "",
		"redis+sentinel://:secret@a/main?db=": "[a:26379] db 0 as :secret watched as main",
	}
	for address, want := range cases {
		o, err := options(address)
		if err != nil {
			if want != "" {
				t.Errorf("%s: %v", address, err)
			}
			if text := err.Error(); strings.Contains(text, "sec") {
				t.Errorf("%s: the error shows the password: %v", address, err)
			}
			if c, err := Connect(address); err == nil {
				t.Errorf("%s: got a client, %v", address, c.Close())
			}
			continue
		}
		got := fmt.Sprintf("%v db %d", o.Addrs, o.DB)
		if o.Username+o.Password != "" {
			got += " as " + o.Username + ":" + o.Password
		}
		if o.TLSConfig != nil {
			got += " TLS"
		}
		if o.MasterName != "" {
			got += " watched as " + o.MasterName
		}
		if o.SentinelUsername+o.SentinelPassword != "" {
			got += " by " + o.SentinelUsername + ":" + o.SentinelPassword
		}
		if o.IsClusterMode {
			got += " cluster"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
		if !o.ContextTimeoutEnabled || !o.DisableIdentity || o.ReadTimeout > time.Second {
			t.Errorf("%s: not our settings", address)
		}
	}
}

func TestTheIntervalOfARateIsNeverTooShort(t *testing.T) {
	for _, r := range []Rate{
		{1, time.Nanosecond, 1},
		{1, time.Second, 1},
		{3, time.Second, 1},
		{7, 10 * time.Microsecond, 100},
		{1_000_000_000, time.Second, 1},
		{3, time.Hour, 1000},
		{999_999, 366 * 24 * time.Hour, 1000},
	} {
		each, err := r.interval()
		if err != nil {
			t.Errorf("%+v: %v", r, err)
			continue
		}
		if all := micros(each) * time.Duration(r.Count); all < r.Per {
			t.Errorf("%+v: %d calls in %v", r, r.Count, all)
		}
		if shorter := micros(each-1) * time.Duration(r.Count); each > 1 && shorter >= r.Per {
			t.Errorf("%+v: an interval of %v is too long", r, micros(each))
		}
	}
}
