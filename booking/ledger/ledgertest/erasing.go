package ledgertest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// The person is the same in all of a chain: what is over of it erases nothing that is to come.
func aChainIsErasedOnceAllOfItIsOver(t *testing.T, open Open) {
	const day = 24 * 60
	f := open(t)
	keep := func(c booking.Claim) {
		c.Change = taking(booking.Keep)
		claim(t, f, c)
	}
	confirmed(t, f, "stands", "agenda", 20*day, 20*day+60)
	asked := move("refused", "stands", "agenda", 21*day, 21*day+60)
	asked.Change = taking(booking.Ask)
	asked.Change.Expires = Epoch.Add(time.Hour)
	c := claim(t, f, asked)
	if _, err := f.Advance(t.Context(), c.ID, c.Version, booking.Change{Event: booking.Refuse}); err != nil {
		t.Fatal(err)
	}
	confirmed(t, f, "soon", "agenda", 60, 120)
	keep(move("later", "soon", "agenda", 40*day, 40*day+60))
	confirmed(t, f, "far", "agenda", 50*day, 50*day+60)
	keep(move("earlier", "far", "agenda", 10*day, 10*day+60))
	f.Clock.Add(60 * 24 * time.Hour)
	for _, c := range []struct {
		days int
		want []string
	}{
		{5, nil},
		{15, []string{"earlier", "far"}},
		{25, []string{"earlier", "far", "refused", "stands"}},
		{45, []string{"earlier", "far", "later", "refused", "soon", "stands"}},
	} {
		ids, err := f.Erasable(t.Context(), Epoch.Add(time.Duration(c.days)*24*time.Hour), f.Clock.Now(), 10)
		if slices.Sort(ids); err != nil || !slices.Equal(ids, c.want) {
			t.Errorf("of what was over after %d days: %v, %v; want %v", c.days, ids, err, c.want)
		}
	}
}

// What a move copies while it is erased does not stay.
func aMoveBringsNothingBack(t *testing.T, open Open) {
	f := open(t)
	named := func(event booking.Event) *booking.Change {
		c := taking(event)
		c.Details.Prescriber.LastName = "Nom"
		return c
	}
	for i := range 30 {
		old := at(fmt.Sprint("old", i), "agenda", 60*i, 60*i+60)
		old.Change = named(booking.Keep)
		claim(t, f, old)
		c := move(fmt.Sprint("new", i), old.Appointment.ID, "autre", 60*i, 60*i+60)
		c.Change = named(booking.Ask)
		c.Change.Expires = Epoch.Add(time.Hour)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := f.Claim(context.Background(), c); err != nil && connectors.KindOf(err) != connectors.Refused {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := f.Erase(context.Background(), old.Appointment.ID, "p1"); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
	}
	if n := f.Count(t, "SELECT count(*) FROM details"); n != 0 {
		t.Errorf("%d appointments still say who came", n)
	}
}
