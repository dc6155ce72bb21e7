package api

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Whatever was written before, an instant is written as RFC 3339 has it: on both days of a change of clocks, in zones that are far, or
// that change at midnight, or by half an hour.
func TestInstantsAreWrittenOnTheClockOfTheirZone(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	var c clock
	for _, name := range []string{"Europe/Paris", "Indian/Reunion", "America/Guadeloupe", "Pacific/Noumea", "America/Havana", "Australia/Lord_Howe", "UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		c.in(zone)
		at := int64(0)
		for range 20_000 {
			switch random.IntN(10) {
			case 0:
				at = random.Int64N(4e9)
			case 1: // around a change of clocks in Europe
				at = time.Date(2026, 10, 25, 0, random.IntN(180), random.IntN(60), 0, time.UTC).Unix()
			case 2:
				at = time.Date(2027, 3, 28, 0, random.IntN(180), random.IntN(60), 0, time.UTC).Unix()
			default:
				at += random.Int64N(7200)
			}
			if got, want := string(c.append(nil, at)), time.Unix(at, 0).In(zone).Format(`"`+time.RFC3339Nano+`"`); got != want {
				t.Fatalf("%s: got %s, want %s", name, got, want)
			}
		}
	}
	none := clock{}
	if got := string(none.append(nil, 0)); got != `"1970-01-01T00:00:00Z"` {
		t.Errorf("without a zone: %s", got)
	}
}
