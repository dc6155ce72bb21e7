package ledgertest

import (
	"slices"
	"testing"
	"time"

	"passerelle/booking"
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
