package volatiletest

import (
	"testing"
	"time"
)

func wantOnce(t testing.TB, f Fixture, id string, want bool) {
	t.Helper()
	first, err := f.Other.Once(t.Context(), id, long)
	fine(t, err)
	if first != want {
		t.Errorf("Once says %v, want %v", first, want)
	}
}

func onceIsOnce(t testing.TB, f Fixture) {
	for i, want := range []bool{true, false, false} {
		first, err := f.either(i).Once(t.Context(), t.Name(), long)
		fine(t, err)
		if first != want {
			t.Errorf("time %d: Once says %v", i, first)
		}
	}
	wantOnce(t, f, t.Name()+"-other", true)
}

func onceAmongMany(t testing.TB, f Fixture) {
	for i := range 20 {
		id := name(t, i)
		first := together(t, many, func(i int) (bool, error) { return f.either(i).Once(t.Context(), id, long) })
		if first != 1 {
			t.Errorf("an id was new to %d of %d concurrent callers", first, many)
		}
	}
}

func onceExpires(t testing.TB, f Fixture) {
	first, err := f.Store.Once(t.Context(), t.Name(), brief)
	fine(t, err)
	if !first {
		t.Error("a new id is known")
	}
	_, err = f.Store.Once(t.Context(), t.Name()+"-shortest", time.Nanosecond) // rounded up, never to nothing
	fine(t, err)
	f.Advance(brief)
	wantOnce(t, f, t.Name(), true)
	wantOnce(t, f, t.Name()+"-shortest", true)
}
