package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// gated is the ledger as the Service sees it: every verb passes a gate before it is begun, and may find its caller gone
// there. What is begun is done, although now and then nobody hears of it.
type gated struct {
	*Scheduler
	to    booking.Ledger
	judge *judge
	lost  *int // how often, in a thousand, the ledger is lost to its caller
}

// errLedger is what a caller hears when the ledger went away under its hands: what it wrote is kept, or is not.
var errLedger = errors.New("simulation: the ledger is lost")

var _ booking.Ledger = gated{}

// keepIn is what the Service waits for an outcome to be kept.
const keepIn = 5 * time.Second

// gate waits. A verb with a deadline that is over by then, or whose caller has left, is not begun.
func (g gated) gate(ctx context.Context, op, id string) error {
	waited := g.pass(ctx, op+" "+id)
	if ctx.Err() == context.Canceled {
		return fmt.Errorf("simulation: %w", context.Canceled)
	}
	if _, bounded := ctx.Deadline(); bounded && waited >= keepIn {
		return fmt.Errorf("%w: %w", errLedger, context.DeadlineExceeded)
	}
	return nil
}

// ask is a question.
func ask[T any](ctx context.Context, g gated, op, id string, do func() (T, error)) (T, error) {
	if err := g.gate(ctx, op, id); err != nil {
		var none T
		return none, err
	}
	return do()
}

// tell is a change. The ledger may be lost right before it, or right after.
func tell[T any](ctx context.Context, g gated, op, id string, do func() (T, error)) (T, error) {
	var none T
	if err := g.gate(ctx, op, id); err != nil {
		return none, err
	}
	lost := g.running != nil && g.chance(*g.lost)
	if lost && g.chance(500) {
		g.note("  ledger: lost before %s %s", op, id)
		return none, errLedger
	}
	got, err := do()
	if lost {
		g.note("  ledger: lost after %s %s", op, id)
		return none, errLedger
	}
	return got, err
}

type nothing struct{}

func (g gated) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	return tell(ctx, g, "claim", c.Appointment.ID, func() (booking.Appointment, error) { return g.to.Claim(ctx, c) })
}

func (g gated) Advance(ctx context.Context, id string, from int, c booking.Change) (booking.Appointment, error) {
	return tell(ctx, g, "advance "+c.Event.String(), id, func() (booking.Appointment, error) {
		a, err := g.to.Advance(ctx, id, from, c)
		if err == nil && a.Version != from+1 {
			g.judge.breaks(seen, "%s was changed from version %d by who had seen version %d", id, a.Version-1, from)
		}
		return a, err
	})
}

func (g gated) Note(ctx context.Context, id string, k *booking.Key) error {
	_, err := tell(ctx, g, "note", id, func() (nothing, error) { return nothing{}, g.to.Note(ctx, id, k) })
	return err
}

func (g gated) Prolong(ctx context.Context, id string, until time.Time, k *booking.Key) (booking.Appointment, error) {
	return tell(ctx, g, "prolong", id, func() (booking.Appointment, error) { return g.to.Prolong(ctx, id, until, k) })
}

func (g gated) Appointment(ctx context.Context, partner, id string) (booking.Appointment, error) {
	return ask(ctx, g, "appointment", id, func() (booking.Appointment, error) { return g.to.Appointment(ctx, partner, id) })
}

func (g gated) AnyAppointment(ctx context.Context, id string) (booking.Appointment, error) {
	return ask(ctx, g, "any appointment", id, func() (booking.Appointment, error) { return g.to.AnyAppointment(ctx, id) })
}

func (g gated) Appointments(ctx context.Context, partner string, f booking.AppointmentFilter) ([]booking.Appointment, int, error) {
	if err := g.gate(ctx, "appointments of", partner); err != nil {
		return nil, 0, err
	}
	return g.to.Appointments(ctx, partner, f)
}

func (g gated) ByKey(ctx context.Context, k booking.Key) (booking.Recorded, bool, error) {
	if err := g.gate(ctx, "by key", ""); err != nil {
		return booking.Recorded{}, false, err
	}
	return g.to.ByKey(ctx, k)
}

func (g gated) Lapsed(ctx context.Context, now time.Time, limit int) ([]booking.Appointment, error) {
	return ask(ctx, g, "lapsed", "", func() ([]booking.Appointment, error) { return g.to.Lapsed(ctx, now, limit) })
}

func (g gated) Entries(ctx context.Context, partner string, after int64, limit int) ([]booking.Entry, error) {
	return ask(ctx, g, "entries", partner, func() ([]booking.Entry, error) { return g.to.Entries(ctx, partner, after, limit) })
}

func (g gated) Claimed(ctx context.Context, agenda string, w interval.Interval, except string) ([]booking.Claimed, error) {
	return ask(ctx, g, "claimed", agenda, func() ([]booking.Claimed, error) { return g.to.Claimed(ctx, agenda, w, except) })
}

func (g gated) Known(ctx context.Context, agenda string, own []connectors.Own) ([]connectors.Own, error) {
	return ask(ctx, g, "known", agenda, func() ([]connectors.Own, error) { return g.to.Known(ctx, agenda, own) })
}

// TakeDebts takes one at a time: the Service carries out what it takes side by side, and an actor is one thread.
func (g gated) TakeDebts(ctx context.Context, lease time.Duration, _ int) ([]booking.Debt, error) {
	return tell(ctx, g, "take debts", "", func() ([]booking.Debt, error) { return g.to.TakeDebts(ctx, lease, 1) })
}

func (g gated) Postpone(ctx context.Context, d booking.Debt, due time.Time, absent bool) error {
	_, err := tell(ctx, g, "postpone", d.Appointment.ID, func() (nothing, error) { return nothing{}, g.to.Postpone(ctx, d, due, absent) })
	return err
}

func (g gated) Forgive(ctx context.Context, d booking.Debt) error {
	_, err := tell(ctx, g, "forgive", d.Appointment.ID, func() (nothing, error) { return nothing{}, g.to.Forgive(ctx, d) })
	return err
}

func (g gated) Kept(ctx context.Context, agenda string, from time.Time) ([]booking.Appointment, error) {
	return ask(ctx, g, "kept", agenda, func() ([]booking.Appointment, error) { return g.to.Kept(ctx, agenda, from) })
}

func (g gated) Sight(ctx context.Context, id string, as interval.Interval) (time.Time, error) {
	return tell(ctx, g, "sight", id, func() (time.Time, error) { return g.to.Sight(ctx, id, as) })
}

func (g gated) Unsight(ctx context.Context, id string) error {
	_, err := tell(ctx, g, "unsight", id, func() (nothing, error) { return nothing{}, g.to.Unsight(ctx, id) })
	return err
}

func (g gated) HandedOn(ctx context.Context, agenda string, since time.Time) ([]booking.Appointment, error) {
	return ask(ctx, g, "handed on", agenda, func() ([]booking.Appointment, error) { return g.to.HandedOn(ctx, agenda, since) })
}

func (g gated) OfSubject(ctx context.Context, partner string, subject []byte) ([]booking.Appointment, error) {
	return ask(ctx, g, "of subject", partner, func() ([]booking.Appointment, error) { return g.to.OfSubject(ctx, partner, subject) })
}

func (g gated) Erasable(ctx context.Context, over, never time.Time, limit int) ([]string, error) {
	return ask(ctx, g, "erasable", "", func() ([]string, error) { return g.to.Erasable(ctx, over, never, limit) })
}

func (g gated) Erase(ctx context.Context, id, by string) error {
	_, err := tell(ctx, g, "erase", id, func() (nothing, error) { return nothing{}, g.to.Erase(ctx, id, by) })
	return err
}

func (g gated) Purge(ctx context.Context, before time.Time) error {
	_, err := tell(ctx, g, "purge", "", func() (nothing, error) { return nothing{}, g.to.Purge(ctx, before) })
	return err
}
