package main

import (
	"log/slog"
	"testing"
	"time"

	"passerelle/booking/volatile"
)

// Nobody finds a name by trying, and nobody uses up what others need.
func TestTriesAtACodeAreFew(t *testing.T) {
	now := func() time.Time { return monday }
	g := &gateway{tally: volatile.NewTally(volatile.NewMemory(now, volatile.Limits{}), make([]byte, 32), slog.New(slog.DiscardHandler), now)}
	allowed := g.codesAllowed()
	try := func(account, start string) bool { return allowed(t.Context(), account, start) }
	for n := range 5 {
		if !try("un", "80b57c9201") {
			t.Fatalf("try %d of one account is refused", n+1)
		}
	}
	if try("un", "0000000000") || try("un", "") {
		t.Error("one account has a sixth try")
	}
	for n := range 5 {
		if !try("deux", "80b57c9201") {
			t.Fatalf("try %d at a code is refused", n+6)
		}
	}
	if try("trois", "80b57c9201") {
		t.Error("one code is tried eleven times")
	}
	if !try("trois", "80b57c9202") {
		t.Error("another code has no try left")
	}
	for n := range 30 {
		if !try(string(rune('a'+n)), "") {
			t.Fatal("what is no code is counted as one code")
		}
	}
}
