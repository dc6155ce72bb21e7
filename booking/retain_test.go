package booking_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"passerelle/booking"
)

// overdue is a ledger with many appointments whose time is over.
type overdue struct {
	booking.Ledger
	ids    []string
	broken []string // they cannot be erased
}

func (o *overdue) Erasable(_ context.Context, _, _ time.Time, limit int) ([]string, error) {
	return slices.Clone(o.ids[:min(limit, len(o.ids))]), nil
}

func (o *overdue) Erase(_ context.Context, id, _ string) error {
	if slices.Contains(o.broken, id) {
		return errors.New("broken")
	}
	o.ids = slices.DeleteFunc(o.ids, func(other string) bool { return other == id })
	return nil
}

// However much is over at once, nothing of it stays for another hour, but what cannot be erased.
func TestAllThatIsOverIsErased(t *testing.T) {
	for _, c := range []struct{ over, broken int }{{0, 0}, {501, 0}, {1200, 3}, {700, 700}} {
		w := newWorld(t)
		l := &overdue{Ledger: w.ledger}
		for i := range c.over {
			l.ids = append(l.ids, fmt.Sprint(i))
		}
		l.broken = slices.Clone(l.ids[:c.broken])
		w.Ledger = l
		n, err := w.Retain(t.Context())
		if n != c.over-c.broken || len(l.ids) != c.broken || (err != nil) != (c.broken > 0) {
			t.Errorf("of %d with %d broken: %d erased, %d left, %v", c.over, c.broken, n, len(l.ids), err)
		}
	}
}
