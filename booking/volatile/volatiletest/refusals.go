package volatiletest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"passerelle/booking/volatile"
)

func closingEnds(t testing.TB, f Fixture) {
	news := must[<-chan string](t)(f.Store.Follow(t.Context(), t.Name()))
	f.hears(t, news, "")
	for range 2 {
		fine(t, f.Store.Close())
	}
	select { // by now
	case _, open := <-news:
		if open {
			t.Error("a closed store has news")
		}
	default:
		t.Fatal("a closed store goes on with its news")
	}
	for what, err := range calls(t.Context(), f.Store, t.Name(), time.Minute) {
		if !errors.Is(err, volatile.ErrClosed) {
			t.Errorf("%s of a closed store: got %v", what, err)
		}
	}
}

func cancelledContextIsRefused(t testing.TB, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	for what, err := range calls(ctx, f.Store, t.Name(), time.Minute) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if took := time.Since(began); took > f.Guard {
		t.Errorf("refusing took %v", took)
	}
}

func outOfBoundsIsRefused(t testing.TB, f Fixture) {
	for _, key := range []string{"", strings.Repeat("k", volatile.MaxKey+1)} {
		for what, err := range calls(t.Context(), f.Store, key, time.Minute) {
			if err == nil {
				t.Errorf("%s takes a key of %d bytes", what, len(key))
			}
		}
	}
	for _, ttl := range []time.Duration{0, -time.Second} {
		for what, err := range calls(t.Context(), f.Store, t.Name(), ttl) {
			if err == nil && (what == "Set" || what == "Once" || what == "Lease") {
				t.Errorf("%s takes a ttl of %v", what, ttl)
			}
		}
	}
	if err := f.Store.Set(t.Context(), t.Name(), make([]byte, volatile.MaxValue+1), long); err == nil {
		t.Error("a value that is too long is taken")
	}
	for _, r := range []volatile.Rate{
		{},
		{Count: 1, Per: time.Second},
		{Count: 1, Burst: 1},
		{Per: time.Second, Burst: 1},
		{Count: -1, Per: time.Second, Burst: 1},
		{Count: 1, Per: 366 * 24 * time.Hour, Burst: 2},
		{Count: 1 << 62, Per: time.Second, Burst: 1},
	} {
		if v, err := f.Store.Allow(t.Context(), t.Name(), r); err == nil {
			t.Errorf("%+v: got %+v", r, v)
		}
	}
}

// calls makes every call that takes a key, and returns its error.
func calls(ctx context.Context, s volatile.Store, key string, ttl time.Duration) map[string]error {
	out := make(map[string]error)
	_, _, out["Get"] = s.Get(ctx, key)
	out["Set"] = s.Set(ctx, key, []byte("value"), ttl)
	_, out["Allow"] = s.Allow(ctx, key, volatile.Rate{Count: 1, Per: time.Second, Burst: 1})
	_, out["Once"] = s.Once(ctx, key, ttl)
	_, out["Lease"] = s.Lease(ctx, key, "holder", ttl)
	out["Release"] = s.Release(ctx, key, "holder")
	out["Tell"] = s.Tell(ctx, key, "what")
	_, out["Follow"] = s.Follow(ctx, key)
	return out
}

func forgettingBreaksNothing(t testing.TB, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	news := must[<-chan string](t)(f.Other.Follow(ctx, t.Name()))
	f.hears(t, news, "")
	rate := volatile.Rate{Count: 1, Per: time.Hour, Burst: 1}
	for i := range 10 { // so many that two are told of in one millisecond
		fine(t, f.Store.Set(ctx, t.Name(), []byte("value"), long))
		wantOnce(t, f, t.Name(), true)
		wantLease(t, f.Store, t.Name(), name(t, i), long, true)
		for _, want := range []bool{true, false} {
			v, err := f.Other.Allow(ctx, t.Name(), rate)
			fine(t, err)
			if v.Allowed != want {
				t.Errorf("round %d: got %+v", i, v)
			}
		}
		f.Forget()
		wantValue(t, f, t.Name(), nil)
		fine(t, f.Store.Release(ctx, t.Name(), name(t, i)))
		fine(t, f.Store.Tell(ctx, t.Name(), name(t, i)))
		for heard := f.next(t, news); heard != name(t, i) && heard != ""; { // "": it may have missed that
			heard = f.next(t, news) // of a round before, which it knew that it may have missed
		}
	}
}
