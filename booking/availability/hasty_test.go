package availability

import (
	"context"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// An agenda that hangs is shown to a search as it was last known, without any wait; who looks at that agenda alone waits for it
// as long as there is time.
func TestASearchDoesNotWaitForAnAgendaThatHangs(t *testing.T) {
	hangs, release := make(chan struct{}), make(chan struct{})
	calls := 0
	source := &script{read: func(connectors.Query) (connectors.Reading, error) {
		if calls++; calls == 2 { // one after the other
			close(hangs)
			<-release
		}
		return busy(span(23, "9:00", "11:00")).read(connectors.Query{})
	}}
	now := monday
	r := ask{}.reader(&now)
	q := ask{diary: still{source}}.query()
	q.Hasty = true
	if got := r.Of(t.Context(), q); got.State != booking.Fresh || len(got.Slots) != 1 {
		t.Fatalf("never read: %q %s", show(got), got.State)
	}
	now = now.Add(2 * time.Minute)
	r.refresh(t.Context(), r.diary(q.Agenda), now)
	<-hangs
	now = now.Add(slow + time.Millisecond)
	if got := r.Of(context.WithoutCancel(t.Context()), q); got.State != booking.Stale || show(got) != "11:00" { // else it hangs here
		t.Errorf("hangs: %q %s", show(got), got.State)
	}
	q.Hasty = false
	seen := make(chan booking.Availabilities)
	go func() { seen <- r.Of(t.Context(), q) }()
	close(release)
	if got := <-seen; got.State != booking.Fresh {
		t.Errorf("waited for: %q %s", show(got), got.State)
	}
}

// One that has failed is asked again for a search, which does not wait for it even if nothing of it is known.
func TestASearchDoesNotWaitForAnAgendaThatHasFailed(t *testing.T) {
	asked, release := make(chan struct{}, 9), make(chan struct{})
	calls := 0
	source := &script{read: func(connectors.Query) (connectors.Reading, error) {
		asked <- struct{}{}
		if calls++; calls > 1 {
			<-release
		}
		return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Unavailable}
	}}
	now := monday
	r := ask{}.reader(&now)
	q := ask{diary: still{source}}.query()
	q.Hasty = true
	r.Of(t.Context(), q)
	<-asked
	now = now.Add(time.Minute)
	if got := r.Of(context.WithoutCancel(t.Context()), q); got.State != booking.Unknown || got.Err == nil {
		t.Errorf("%q %s %v", show(got), got.State, got.Err)
	}
	<-asked // again
	close(release)
}
