package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/booking/ledger/ledgertest"
	"passerelle/connectors/interval"
	"passerelle/internal/testservers"
)

// hears collects what a ledger says has changed.
func hears(l *Ledger) (heard func() []string) {
	var list []string
	l.OnClaims(func(agenda string) { list = append(list, agenda) })
	return func() []string { defer func() { list = nil }(); return list }
}

func hold(id, agenda string, from int) booking.Claim {
	start := ledgertest.Epoch.Add(time.Duration(from) * time.Minute)
	span := interval.Of(start, start.Add(10*time.Minute))
	return booking.Claim{
		Appointment: booking.Appointment{
			ID: id, Partner: "p1", Place: "lieu", Agenda: agenda, Motif: booking.Motif{ID: "m"}.Complete(),
			Interval: span, Seats: 1, Expires: ledgertest.Epoch.Add(time.Hour),
		},
		Footprint: span, Session: id, Capacity: 1,
	}
}

// Whatever happens to an appointment, nothing that an agenda holds changes without being said before the call returns.
func TestNoClaimChangesUnsaid(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	l, _ := newLedger(t)
	heard := hears(l)
	changes, before := 0, []booking.Claimed(nil)
	look := func(step string, err error) {
		t.Helper()
		said := slices.Contains(heard(), "agenda")
		now, readErr := l.Claimed(t.Context(), "agenda", interval.Of(ledgertest.Epoch, ledgertest.Epoch.AddDate(1, 0, 0)), "")
		if readErr != nil {
			t.Fatal(readErr)
		}
		if !reflect.DeepEqual(now, before) {
			changes++
			if !said {
				t.Errorf("%s (%v): nothing was said of it", step, err)
			}
		}
		before = now
	}
	for i := range 60 {
		a, err := l.Claim(t.Context(), hold(fmt.Sprint(i), "agenda", 10*r.IntN(200)))
		look("claim", err)
		if r.IntN(3) == 0 {
			if next, err := l.Prolong(t.Context(), a.ID, ledgertest.Epoch.Add(2*time.Hour), nil); err == nil {
				a = next
			}
			look("prolong", nil)
		}
		for range 6 {
			event := booking.Events()[r.IntN(len(booking.Events()))]
			next, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: event})
			look(event.String(), err)
			if err == nil {
				a = next
			}
		}
	}
	if changes < 60 {
		t.Errorf("only %d changes were seen", changes)
	}
}

// underWay has an entry for an appointment in the log that is not committed yet.
func underWay(t *testing.T, l *Ledger, appointment string) *sql.Tx {
	t.Helper()
	tx, err := l.store.(*postgresStore).db.BeginTx(t.Context(), nil)
	if err == nil {
		_, err = tx.ExecContext(t.Context(), "INSERT INTO log (partner, appointment, status, version, erased, shown, at) VALUES ('p1', $1, 'x', 9, 0, 0, 1)", appointment)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// What another instance does is heard at the next look; what it commits late too, although its id was given before.
func TestWhatOtherInstancesDoIsHeard(t *testing.T) {
	o := Options{URL: testservers.StartPostgres(t, "fsync=off").NewDatabase(t)}
	ours, clock := opened(t, o)
	other, _ := opened(t, o)
	heard := hears(ours)
	f := ours.follow(t.Context(), nil)
	if got := heard(); !slices.Equal(got, []string{""}) || f == nil {
		t.Fatalf("at first %q", got)
	}
	looks := func(step string, want ...string) {
		t.Helper()
		f = ours.follow(t.Context(), f)
		if got := heard(); !slices.Equal(got, want) {
			t.Errorf("%s: %q was heard, want %q", step, got, want)
		}
	}
	claims := func(id, agenda string) {
		t.Helper()
		if _, err := other.Claim(t.Context(), hold(id, agenda, 0)); err != nil {
			t.Fatal(err)
		}
	}
	claims("1", "a")
	claims("2", "b")
	looks("two claims", "a", "b")
	looks("nothing new")

	slow := underWay(t, other, "1")
	claims("3", "c")
	looks("one is under way", "c")
	looks("nothing new")
	if err := slow.Commit(); err != nil {
		t.Fatal(err)
	}
	looks("it has come", "a")

	execute(t, other, "SELECT nextval(pg_get_serial_sequence('log', 'id'))") // of one that was undone
	claims("4", "d")
	looks("an id that never comes", "d")
	clock.Set(ledgertest.Epoch.Add(2 * late))
	looks("nothing new")
	if f.floor == 0 || len(f.above) > 0 {
		t.Errorf("it waits for ever: %+v", f)
	}

	clock.Set(ledgertest.Epoch.Add(9 * late)) // after a pause, what is under way is waited for all the same
	paused := underWay(t, other, "2")
	claims("5", "e")
	looks("one is under way after a pause", "e")
	if err := paused.Commit(); err != nil {
		t.Fatal(err)
	}
	looks("it has come", "b")

	ended, end := context.WithCancel(t.Context())
	end()
	if ours.follow(ended, f) != nil {
		t.Error("a look that failed counts")
	}
	if got := heard(); !slices.Equal(got, []string{""}) {
		t.Errorf("a look that failed: %q was heard", got)
	}
}

// However many transactions were undone, the follower does not fall behind: each is waited for beside the others.
func TestAFollowerDoesNotFallBehind(t *testing.T) {
	now := ledgertest.Epoch
	f := &follower{above: make(map[int64]time.Time)}
	id, largest := int64(0), 0
	for range 6 * 60 { // an hour of ten seconds each
		id += 2 // one between is never seen
		f.above[id] = now
		f.advance(now)
		largest = max(largest, len(f.above))
		now = now.Add(10 * time.Second)
	}
	if most := int(late/(10*time.Second)) + 1; largest > most {
		t.Errorf("%d entries are looked at again and again, want %d at most", largest, most)
	}
}

// A look that hangs counts as one that failed.
func TestALookThatHangsIsNotBelieved(t *testing.T) {
	o := Options{URL: testservers.StartPostgres(t, "fsync=off").NewDatabase(t)}
	ours, _ := opened(t, o)
	other, _ := opened(t, o)
	told := make(chan string, 100)
	ours.OnClaims(func(agenda string) { told <- agenda })
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { ours.FollowClaims(ctx, 10*time.Millisecond); close(done) }()
	<-told // it has begun
	lock, err := other.store.(*postgresStore).db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.ExecContext(t.Context(), "LOCK TABLE log IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	if got := <-told; got != "" {
		t.Errorf("%q was said", got)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	end()
	<-done
}
