package volatiletest

import (
	"testing"
	"time"

	"passerelle/booking/volatile"
)

// drain calls until a call is refused, and returns how many were allowed, the refusal, and when it began and ended by
// the fixture's clock.
func drain(t testing.TB, f Fixture, key string, r volatile.Rate) (allowed int, last volatile.Verdict, began, ended time.Time) {
	t.Helper()
	began = f.Now()
	for {
		v, err := f.either(allowed).Allow(t.Context(), key, r)
		fine(t, err)
		if !v.Allowed {
			return allowed, v, began, f.Now()
		}
		if v.RetryAfter != 0 || v.ResetAfter <= 0 {
			t.Errorf("an allowed call has %+v", v)
		}
		if allowed++; allowed > 10*r.Burst {
			t.Fatalf("%d calls were allowed, %d at once", allowed, r.Burst)
		}
	}
}

// within checks that no more was allowed than the rate gives in that time, and no less than the burst. By a held clock
// both are the same number.
func within(t testing.TB, r volatile.Rate, allowed, least int, took time.Duration) {
	t.Helper()
	most := least + int(took*time.Duration(r.Count)/r.Per)
	if took > 0 {
		most++ // the server reads its clock a moment before or after ours
	}
	if allowed < least || allowed > most {
		t.Errorf("%d calls were allowed in %v, want %d to %d", allowed, took, least, most)
	}
}

func burstThenOnePerInterval(t testing.TB, f Fixture) {
	ctx, key := t.Context(), t.Name()
	rate := volatile.Rate{Count: 10, Per: time.Second, Burst: 5}
	const interval = 100 * time.Millisecond
	allowed, refusal, began, ended := drain(t, f, key, rate)
	within(t, rate, allowed, rate.Burst, ended.Sub(began))
	if refusal.Remaining != 0 || refusal.RetryAfter <= 0 || refusal.RetryAfter > interval ||
		refusal.ResetAfter < time.Duration(rate.Burst-1)*interval || refusal.ResetAfter > time.Duration(rate.Burst)*interval {
		t.Errorf("the refusal is %+v", refusal)
	}
	for range 3 {
		began = f.Now()
		f.Advance(refusal.RetryAfter)
		v, err := f.Store.Allow(ctx, key, rate)
		fine(t, err)
		if !v.Allowed {
			t.Fatalf("refused %v after a refusal that said RetryAfter %v", f.Now().Sub(began), refusal.RetryAfter)
		}
		more, next, _, ended := drain(t, f, key, rate)
		within(t, rate, 1+more, 1, max(0, ended.Sub(began)-refusal.RetryAfter))
		refusal = next
	}
	f.Advance(refusal.ResetAfter)
	allowed, _, began, ended = drain(t, f, key, rate)
	within(t, rate, allowed, rate.Burst, ended.Sub(began))
}

func concurrentCallersStayWithin(t testing.TB, f Fixture) {
	rate := volatile.Rate{Count: 1, Per: time.Hour, Burst: 20}
	allowed := together(t, many, func(i int) (bool, error) {
		v, err := f.either(i).Allow(t.Context(), t.Name(), rate)
		return v.Allowed, err
	})
	if allowed != rate.Burst {
		t.Errorf("%d of %d concurrent calls were allowed, want %d", allowed, many, rate.Burst)
	}
}

func ratesAreApart(t testing.TB, f Fixture) {
	rate := volatile.Rate{Count: 1, Per: time.Hour, Burst: 3}
	for i := range 3 {
		for left := rate.Burst - 1; left >= 0; left-- {
			v, err := f.either(left).Allow(t.Context(), name(t, i), rate)
			fine(t, err)
			if !v.Allowed || v.Remaining != left {
				t.Errorf("key %d: got %+v, want %d left", i, v, left)
			}
		}
	}
}

// rateMayChange: what was counted by a slower rate, or by a clock that was ahead, is no debt beyond one burst.
func rateMayChange(t testing.TB, f Fixture) {
	slow := volatile.Rate{Count: 1, Per: time.Hour, Burst: 10}
	if allowed, _, _, _ := drain(t, f, t.Name(), slow); allowed != slow.Burst {
		t.Errorf("%d calls were allowed, want %d", allowed, slow.Burst)
	}
	fast := volatile.Rate{Count: 1, Per: time.Minute, Burst: 3}
	v, err := f.Store.Allow(t.Context(), t.Name(), fast)
	fine(t, err)
	if v.Allowed || v.RetryAfter > time.Minute || v.ResetAfter > 3*time.Minute {
		t.Errorf("after another rate: %+v", v)
	}
}
