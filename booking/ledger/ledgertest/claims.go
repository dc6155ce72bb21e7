package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// contend lets many claim random spans of one agenda at once and counts, in SQL, those that overlap.
func contend(t *testing.T, f *Fixture, attempts int) (overlaps, won int) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	for w := range 8 {
		r := rand.New(rand.NewPCG(seed, uint64(w)))
		wg.Go(func() {
			for i := range attempts / 8 {
				from := r.IntN(600)
				_, err := f.Claim(context.Background(), at(fmt.Sprintf("%d-%d", w, i), "agenda", from, from+5+r.IntN(60)))
				if err != nil && connectors.KindOf(err) != connectors.SlotTaken {
					t.Errorf("claim: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	return f.Count(t, `SELECT count(*) FROM claims a JOIN claims b ON a.agenda = b.agenda AND a.session < b.session
		AND a.starts < b.ends AND b.starts < a.ends`), f.Count(t, "SELECT count(*) FROM claims")
}

func anAgendaIsTakenOnce(t *testing.T, open Open) {
	l, _ := start(t, open)
	claim(t, l, at("a", "agenda", 60, 120))
	for _, c := range []struct {
		name     string
		from, to int
		free     bool
	}{
		{"the same time", 60, 120, false},
		{"inside", 70, 80, false},
		{"around", 0, 180, false},
		{"over the start", 30, 61, false},
		{"over the end", 119, 150, false},
		{"right before", 0, 60, true},
		{"right after", 120, 180, true},
	} {
		_, err := l.Claim(t.Context(), at(c.name, "agenda", c.from, c.to))
		if c.free && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.free {
			wantKind(t, err, connectors.SlotTaken)
		}
	}
	if _, err := l.Claim(t.Context(), at("other", "autre agenda", 60, 120)); err != nil {
		t.Errorf("another agenda at the same time: %v", err)
	}
}

func aRefusedClaimLeavesNoTrace(t *testing.T, open Open) {
	l, _ := start(t, open)
	claim(t, l, at("a", "agenda", 0, 60))
	c := at("b", "agenda", 30, 90)
	c.Key = key("k", "r")
	_, err := l.Claim(t.Context(), c)
	wantKind(t, err, connectors.SlotTaken)
	if _, err := l.Appointment(t.Context(), "", "b"); connectors.KindOf(err) != connectors.NotFound {
		t.Errorf("the refused appointment is there: %v", err)
	}
	if _, found, _ := l.ByKey(t.Context(), *c.Key); found {
		t.Error("the key of a refused claim is there: a later retry would be told that it was done")
	}
}

func noOverlapUnderContention(t *testing.T, open Open) {
	f := open(t)
	if overlaps, won := contend(t, f, 800); overlaps != 0 || won == 0 {
		t.Errorf("%d overlaps among %d claims", overlaps, won)
	}
}

// The check above must be able to fail: without the trigger it does.
func withoutTheRuleContentionOverlaps(t *testing.T, open Open) {
	f := open(t)
	f.Unprotect(t)
	if overlaps, _ := contend(t, f, 400); overlaps == 0 {
		t.Error("no overlap found although nothing forbids it: the check cannot fail")
	}
}

func anExpiredHoldIsInNobodysWay(t *testing.T, open Open) {
	l, c := start(t, open)
	claim(t, l, at("hold", "agenda", 60, 120))
	if got, err := l.Claimed(t.Context(), "agenda", interval.Of(Epoch, Epoch.Add(24*time.Hour)), ""); err != nil || len(got) != 1 || !got[0].Until.Equal(Epoch.Add(10*time.Minute)) {
		t.Errorf("Claimed = %v, %v; want the hold, and when it ends", got, err)
	}
	c.Set(Epoch.Add(10 * time.Minute))
	if got, err := l.Claimed(t.Context(), "agenda", interval.Of(Epoch, Epoch.Add(24*time.Hour)), ""); err != nil || len(got) != 0 {
		t.Errorf("Claimed = %v, %v; want nothing", got, err)
	}
	claim(t, l, at("next", "agenda", 60, 120))
	old, err := l.Appointment(t.Context(), "p1", "hold")
	if err != nil || old.Status != booking.Expired {
		t.Errorf("the hold is %v, %v; want expired", old.Status, err)
	}
}

func aHoldThatExpiredCannotBeBooked(t *testing.T, open Open) {
	l, c := start(t, open)
	a := claim(t, l, at("hold", "agenda", 60, 120))
	c.Set(Epoch.Add(10 * time.Minute))
	_, err := l.Advance(t.Context(), a.ID, a.Version, *taking(booking.Keep))
	wantKind(t, err, connectors.Refused)
}

func aHoldIsProlongedOnce(t *testing.T, open Open) {
	l, _ := start(t, open)
	claim(t, l, at("hold", "agenda", 60, 120))
	a, err := l.Prolong(t.Context(), "hold", Epoch.Add(20*time.Minute), key("k1", "r"))
	if err != nil || !a.Expires.Equal(Epoch.Add(20*time.Minute)) {
		t.Fatalf("Prolong = %v, %v", a.Expires, err)
	}
	_, err = l.Prolong(t.Context(), "hold", Epoch.Add(30*time.Minute), key("k2", "r"))
	wantKind(t, err, connectors.Refused)
}

func seatsOfAGroupSession(t *testing.T, open Open) {
	l, _ := start(t, open)
	seat := func(id string, n int) (booking.Appointment, error) {
		c := at(id, "agenda", 60, 120)
		c.Session, c.Capacity, c.Appointment.Seats = "atelier", 3, n
		c.Appointment.Motif.Group, c.Appointment.Motif.Seats = true, 3
		return l.Claim(t.Context(), c)
	}
	first, err := seat("a", 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seat("b", 2); connectors.KindOf(err) != connectors.SlotTaken {
		t.Errorf("two more of one seat left: %v", err)
	}
	if _, err := seat("c", 1); err != nil {
		t.Errorf("the last seat: %v", err)
	}
	_, err = l.Claim(t.Context(), at("alone", "agenda", 90, 100))
	wantKind(t, err, connectors.SlotTaken)
	if _, err := l.Advance(t.Context(), first.ID, first.Version, booking.Change{Event: booking.Lapse}); err != nil {
		t.Fatal(err)
	}
	held, err := seat("d", 1)
	if err != nil {
		t.Fatalf("a seat that came back: %v", err)
	}
	change := *taking(booking.Keep)
	change.Seats = 2
	if _, err := l.Advance(t.Context(), held.ID, held.Version, change); err != nil {
		t.Errorf("a hold that grows into the last seat: %v", err)
	}
	got, err := l.Claimed(t.Context(), "agenda", interval.Of(Epoch, Epoch.Add(3*time.Hour)), "")
	if err != nil || len(got) != 1 || got[0].Seats != 3 {
		t.Errorf("Claimed = %+v, %v; want one session with three seats", got, err)
	}
}

func cancellingBringsTheSlotBack(t *testing.T, open Open) {
	l, _ := start(t, open)
	c := at("a", "agenda", 60, 120)
	c.Change = taking(booking.Keep)
	a := claim(t, l, c)
	if a.Status != booking.Confirmed || len(a.Notices) != 3 {
		t.Fatalf("claimed: %s, %d messages", a.Status, len(a.Notices))
	}
	a, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{
		Event: booking.Cancel, Ended: &booking.Ending{By: booking.ThePrescriber, Reason: "empêchement"},
	})
	if err != nil || a.Status != booking.Cancelled || a.Ended.Reason != "empêchement" {
		t.Fatalf("Advance = %+v, %v", a, err)
	}
	claim(t, l, at("b", "agenda", 60, 120))
}

func aChangeBehindOnesBackIsSeen(t *testing.T, open Open) {
	l, _ := start(t, open)
	c := at("a", "agenda", 60, 120)
	c.Change = taking(booking.Ask)
	a := claim(t, l, c)
	if _, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: booking.Accept}); err != nil {
		t.Fatal(err)
	}
	_, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: booking.Refuse})
	wantKind(t, err, connectors.Changed)
}

// Whatever happens, an appointment has a claim exactly while its status occupies the slot.
func claimsFollowTheMachine(t *testing.T, open Open) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	f := open(t)
	l := f.Ledger
	for i := range 80 {
		c := at(fmt.Sprint(i), "agenda", 10*i, 10*i+10)
		c.Appointment.Expires = Epoch.Add(time.Hour)
		a := claim(t, l, c)
		for range 6 {
			events := booking.Events()
			next, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: events[r.IntN(len(events))]})
			if err == nil {
				a = next
			}
		}
		claims := f.Count(t, "SELECT count(*) FROM claims WHERE appointment = '"+a.ID+"'")
		if (claims > 0) != a.Status.Occupies() {
			t.Errorf("%s has %d claims", a.Status, claims)
		}
	}
}

func aKeyIsRecordedOnce(t *testing.T, open Open) {
	l, _ := start(t, open)
	c := at("a", "agenda", 60, 120)
	c.Key = key("k", "corps")
	claim(t, l, c)
	d := at("b", "agenda", 180, 240)
	d.Key = key("k", "corps")
	if _, err := l.Claim(t.Context(), d); !errors.Is(err, booking.ErrKeyUsed) {
		t.Errorf("got %v, want ErrKeyUsed", err)
	}
	r, found, err := l.ByKey(t.Context(), *d.Key)
	if err != nil || !found || r.Appointment != "a" || r.Status != 201 || r.Request != d.Key.Request {
		t.Errorf("ByKey = %+v, %v, %v", r, found, err)
	}
	other := *d.Key
	other.Partner = "p2"
	if _, found, _ := l.ByKey(t.Context(), other); found {
		t.Error("another partner's key is seen")
	}
}

func aPartnerSeesOnlyItsOwn(t *testing.T, open Open) {
	l, _ := start(t, open)
	c := at("a", "agenda", 60, 120)
	c.Change = taking(booking.Keep)
	claim(t, l, c)
	_, foreign := l.Appointment(t.Context(), "p2", "a")
	_, missing := l.Appointment(t.Context(), "p2", "zzz")
	if foreign == nil || foreign.Error() != missing.Error() {
		t.Errorf("another's: %v; missing: %v; want the same", foreign, missing)
	}
	if list, n, err := l.Appointments(t.Context(), "p2", booking.AppointmentFilter{Limit: 10}); err != nil || n != 0 || len(list) != 0 {
		t.Errorf("another's list: %d, %v", n, err)
	}
}

func listsAreByModificationAndWithoutHolds(t *testing.T, open Open) {
	l, clock := start(t, open)
	for i, id := range []string{"c", "a", "b", "hold"} {
		c := at(id, "agenda", 60*i, 60*i+60)
		if id != "hold" {
			c.Change = taking(booking.Keep)
			clock.Set(Epoch.Add(time.Duration(i/2) * time.Second))
		}
		claim(t, l, c)
	}
	got, n, err := l.Appointments(t.Context(), "p1", booking.AppointmentFilter{Limit: 2})
	if err != nil || n != 3 || len(got) != 2 || got[0].ID != "a" || got[1].ID != "c" {
		t.Errorf("first page: %d of %d, %v", len(got), n, err)
	}
	got, _, _ = l.Appointments(t.Context(), "p1", booking.AppointmentFilter{Limit: 10, ModifiedSince: Epoch.Add(time.Second)})
	if len(got) != 1 || got[0].ID != "b" {
		t.Errorf("modified since is not inclusive: %d", len(got))
	}
}

func aCapacityThatShrankIsKept(t *testing.T, open Open) {
	l, _ := start(t, open)
	seats := func(id string, n, capacity int) error {
		c := at(id, "agenda", 60, 120)
		c.Session, c.Capacity, c.Appointment.Seats = "atelier", capacity, n
		_, err := l.Claim(t.Context(), c)
		return err
	}
	for _, id := range []string{"a", "b"} {
		if err := seats(id, 3, 8); err != nil {
			t.Fatal(err)
		}
	}
	first, err := l.Appointment(t.Context(), "p1", "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Advance(t.Context(), "a", first.Version, booking.Change{Event: booking.Lapse}); err != nil {
		t.Fatal(err)
	}
	wantKind(t, seats("c", 2, 4), connectors.SlotTaken) // three are there, in seats four to six
	if err := seats("d", 1, 4); err != nil {
		t.Error(err)
	}
}

func aSessionIsAsLongAsItsLongestBuffer(t *testing.T, open Open) {
	l, _ := start(t, open)
	for i, end := range []int{150, 120} { // the buffer was taken away between the two
		c := at(fmt.Sprint(i), "agenda", 60, end)
		c.Session, c.Capacity = "atelier", 8
		claim(t, l, c)
	}
	got, err := l.Claimed(t.Context(), "agenda", interval.Of(Epoch, Epoch.Add(4*time.Hour)), "")
	if want := Epoch.Add(150 * time.Minute).Unix(); err != nil || len(got) != 1 || got[0].End != want {
		t.Errorf("Claimed = %+v, %v; want until %d", got, err, want)
	}
}

func anAppointmentDoesNotGoBackInTime(t *testing.T, open Open) {
	l, c := start(t, open)
	c.Set(Epoch.Add(time.Minute))
	a := confirmed(t, l, "a", "agenda", 60, 120)
	c.Set(Epoch) // the clock went back, or another instance's is late
	done, err := l.Advance(t.Context(), "a", a.Version, booking.Change{Event: booking.Cancel})
	if err != nil || done.Modified.Before(a.Modified) {
		t.Errorf("changed at %s, after %s (%v)", done.Modified, a.Modified, err)
	}
}

// A clock that is ahead for a while ends nobody else's hold once it is right again.
func aSkewedClockEndsNobodysHold(t *testing.T, open Open) {
	l, c := start(t, open)
	c.Set(Epoch.Add(12 * time.Minute))
	confirmed(t, l, "ahead", "autre", 60, 120)
	c.Set(Epoch)
	hold := at("hold", "agenda", 60, 120)
	hold.Appointment.Partner = "p2"
	claim(t, l, hold)
	_, err := l.Claim(t.Context(), at("thief", "agenda", 60, 120))
	wantKind(t, err, connectors.SlotTaken)
}

// A refusal belongs to the call that was refused, not to the others of the appointment.
func aRefusalIsRecordedForItsCall(t *testing.T, open Open) {
	l, _ := start(t, open)
	c := at("a", "agenda", 60, 120)
	c.Key = key("hold", "r")
	held := claim(t, l, c)
	send := *taking(booking.Send)
	send.Key = key("book", "r")
	sending, err := l.Advance(t.Context(), "a", held.Version, send)
	if err != nil {
		t.Fatal(err)
	}
	no := &booking.Error{Kind: connectors.Misconfigured, Code: "agenda_refuse", Detail: "Non."}
	if _, err := l.Advance(t.Context(), "a", sending.Version, booking.Change{Event: booking.Refuse, Refusal: no}); err != nil {
		t.Fatal(err)
	}
	book, _, err := l.ByKey(t.Context(), *key("book", "r"))
	if err != nil || book.Refusal == nil || book.Refusal.Kind != no.Kind || book.Refusal.Detail != no.Detail {
		t.Errorf("the call that was refused: %+v, %v", book.Refusal, err)
	}
	hold, _, err := l.ByKey(t.Context(), *key("hold", "r"))
	if err != nil || hold.Refusal != nil {
		t.Errorf("the call that held: %+v, %v", hold.Refusal, err)
	}
}

func aRequestThatExpiredCannotBeAccepted(t *testing.T, open Open) {
	l, clock := start(t, open)
	c := at("a", "agenda", 60, 120)
	c.Change = taking(booking.Ask)
	c.Change.Expires = Epoch.Add(time.Hour)
	a := claim(t, l, c)
	clock.Set(Epoch.Add(time.Hour))
	_, err := l.Advance(t.Context(), "a", a.Version, booking.Change{Event: booking.Accept})
	wantKind(t, err, connectors.Refused)
}
