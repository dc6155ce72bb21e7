package availability

import (
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// An agenda that was opened again, at another address perhaps, is read again however fresh the last reading is.
func TestWhatWasReadThroughAnOldConnectionIsNotBelieved(t *testing.T) {
	now := monday
	r := ask{}.reader(&now)
	if got := r.Of(t.Context(), ask{diary: busy()}.query()); len(got.Slots) != 3 {
		t.Fatalf("at first: %q", show(got))
	}
	moved := busy(span(23, "9:00", "11:00"))
	if got := r.Of(t.Context(), ask{diary: moved}.query()); show(got) != "11:00" || moved.calls != 1 {
		t.Errorf("opened again: %q after %d readings", show(got), moved.calls)
	}
}

// What a slow reading has seen before a later one is not shown after it.
func TestASlowReadingNeverReplacesANewerOne(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	source := &script{}
	source.read = func(connectors.Query) (connectors.Reading, error) {
		if source.calls > 1 {
			return busy(span(23, "9:00", "12:00")).read(connectors.Query{})
		}
		close(asked)
		<-release
		return connectors.Reading{Basis: connectors.Busy}, nil
	}
	now := monday
	r := ask{}.reader(&now)
	q := ask{diary: source}.query()
	var wg sync.WaitGroup
	wg.Go(func() { r.Of(t.Context(), q) })
	<-asked
	now = now.Add(time.Second)
	live := q
	live.Live = true
	if got := r.Of(t.Context(), live); len(got.Slots) != 0 || got.State != booking.Fresh {
		t.Fatalf("live: %q %s", show(got), got.State)
	}
	close(release)
	wg.Wait()
	if got := r.Of(t.Context(), q); len(got.Slots) != 0 || got.Empty != booking.Full {
		t.Errorf("afterwards %q is shown", show(got))
	}
}

// A new day looks a day farther than yesterday's reading, which says nothing of it, however fresh it is.
func TestAReadingOfYesterdayIsNotTheWholeOfToday(t *testing.T) {
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	source := busy()
	now := midnight.Add(-10 * time.Second)
	r := ask{}.reader(&now)
	q := ask{diary: source}.query()
	for i, c := range []struct {
		at    time.Duration
		calls int
	}{{-10 * time.Second, 1}, {-time.Second, 1}, {10 * time.Second, 2}, {20 * time.Second, 2}} {
		now = midnight.Add(c.at)
		if r.Of(t.Context(), q); source.calls != c.calls {
			t.Errorf("search %d: %d readings, want %d", i, source.calls, c.calls)
		}
	}
}
