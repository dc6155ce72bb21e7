package availability

import (
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"passerelle/booking"
)

// What is remembered of an opening is what would be found anew, whenever it is asked for and in whatever order.
func TestTheNextOpeningIsTheSameRemembered(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	reader := func() *Reader {
		return New(Options{Claims: claims{}, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return monday }})
	}
	remembers := reader()
	reunion, err := time.LoadLocation("Indian/Reunion")
	if err != nil {
		t.Fatal(err)
	}
	places := []*booking.Place{
		{Zone: paris, Hours: "Mo-Fr 09:00-12:00,14:00-17:00", INSEE: "35238"},
		{Zone: reunion, Hours: "Mo-Fr 09:00-12:00,14:00-17:00", INSEE: "97411"},
		{Zone: paris, Hours: "24/7", INSEE: "35238"},
		{Zone: paris, Hours: "2026 Dec 24 10:00-11:00", INSEE: "35238"},
		{Zone: paris, Hours: "Su 02:30-03:30", INSEE: "35238"},
	}
	none, open := 0, 0
	for range 2000 {
		p := places[random.IntN(len(places))]
		at := monday.Add(time.Duration(random.Int64N(int64(40 * 24 * time.Hour)))).Truncate(time.Second)
		got, ok := remembers.NextOpening(p, at)
		want, wanted := reader().NextOpening(p, at)
		if ok != wanted || !got.Equal(want) || got.Location().String() != want.Location().String() {
			t.Fatalf("%s in %v at %v: %v %v, want %v %v", p.Hours, p.Zone, at, got, ok, want, wanted)
		}
		switch {
		case !ok:
			none++
		case got.Equal(at):
			open++
		}
	}
	if none == 0 || open == 0 {
		t.Errorf("%d times nothing was found, and %d times it was open already", none, open)
	}
}
