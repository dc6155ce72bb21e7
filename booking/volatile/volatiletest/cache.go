package volatiletest

import (
	"bytes"
	"testing"
)

func wantValue(t testing.TB, f Fixture, key string, want []byte) {
	t.Helper()
	for i := range 2 {
		got, found, err := f.either(i).Get(t.Context(), key)
		fine(t, err)
		if found != (want != nil) || !bytes.Equal(got, want) {
			t.Errorf("client %d: Get says %q, %v, want %q", i, got, found, want)
		}
	}
}

func valueExpires(t testing.TB, f Fixture) {
	ctx, key := t.Context(), t.Name()
	wantValue(t, f, key, nil)
	fine(t, f.Store.Set(ctx, key, []byte("first"), long))
	wantValue(t, f, key, []byte("first"))
	fine(t, f.Other.Set(ctx, key, []byte{0, 0xff}, long))
	wantValue(t, f, key, []byte{0, 0xff})
	fine(t, f.Store.Set(ctx, key, []byte{}, long))
	wantValue(t, f, key, []byte{})
	fine(t, f.Store.Set(ctx, key, []byte("brief"), brief))
	fine(t, f.Store.Set(ctx, key+"-long", []byte("long"), long))
	f.Advance(brief)
	wantValue(t, f, key, nil)
	wantValue(t, f, key+"-long", []byte("long"))
}

func valueIsCopied(t testing.TB, f Fixture) {
	ctx, key := t.Context(), t.Name()
	value := []byte("value")
	fine(t, f.Store.Set(ctx, key, value, long))
	value[0] = 'X'
	got, _, err := f.Store.Get(ctx, key)
	fine(t, err)
	if len(got) > 0 {
		got[1] = 'X'
	}
	wantValue(t, f, key, []byte("value"))
}
