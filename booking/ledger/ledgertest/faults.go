package ledgertest

import (
	"context"
	"testing"
	"time"

	"passerelle/booking"
)

// Fault is a way to break a ledger. The game must see each.
type Fault struct {
	Name  string
	Break func(t testing.TB, f *Fixture)
}

// Faults are the ledgers that must not pass.
func Faults() []Fault {
	wrap := func(broken func(Ledger) Ledger) func(testing.TB, *Fixture) {
		return func(_ testing.TB, f *Fixture) { f.Ledger = broken(f.Ledger) }
	}
	return []Fault{
		{"two claims may overlap", func(t testing.TB, f *Fixture) { f.Unprotect(t) }},
		{"a stale version is taken", wrap(func(l Ledger) Ledger { return stale{l} })},
		{"keys are forgotten", wrap(func(l Ledger) Ledger { return keyless{l} })},
		{"holds never lapse", wrap(func(l Ledger) Ledger { return eternal{l} })},
		{"a session has one seat too many", wrap(func(l Ledger) Ledger { return roomy{l} })},
		{"nobody knows who comes", wrap(func(l Ledger) Ledger { return nameless{l} })},
		{"partners see everybody's", wrap(func(l Ledger) Ledger { return public{l} })},
		{"an absence counts twice", wrap(func(l Ledger) Ledger { return hasty{l} })},
		{"erasing keeps the log silent", wrap(func(l Ledger) Ledger { return silent{l} })},
	}
}

// stale changes what its caller has not seen.
type stale struct{ Ledger }

func (s stale) Advance(ctx context.Context, id string, _ int, c booking.Change) (booking.Appointment, error) {
	return s.Ledger.Advance(ctx, id, 0, c)
}

// keyless does what it is asked and keeps no key.
type keyless struct{ Ledger }

func (k keyless) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	c.Key = nil
	return k.Ledger.Claim(ctx, c)
}

func (k keyless) Advance(ctx context.Context, id string, from int, c booking.Change) (booking.Appointment, error) {
	c.Key = nil
	return k.Ledger.Advance(ctx, id, from, c)
}

// eternal holds for a year what it says to hold for minutes.
type eternal struct{ Ledger }

const year = 365 * 24 * time.Hour

func (e eternal) shown(a booking.Appointment, err error) (booking.Appointment, error) {
	if a.Status == booking.Held {
		a.Expires = a.Expires.Add(-year)
	}
	return a, err
}

func (e eternal) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	c.Appointment.Expires = c.Appointment.Expires.Add(year)
	return e.shown(e.Ledger.Claim(ctx, c))
}

func (e eternal) Prolong(ctx context.Context, id string, until time.Time, key *booking.Key) (booking.Appointment, error) {
	return e.shown(e.Ledger.Prolong(ctx, id, until.Add(year), key))
}

func (e eternal) AnyAppointment(ctx context.Context, id string) (booking.Appointment, error) {
	return e.shown(e.Ledger.AnyAppointment(ctx, id))
}

func (e eternal) Appointment(ctx context.Context, partner, id string) (booking.Appointment, error) {
	return e.shown(e.Ledger.Appointment(ctx, partner, id))
}

// roomy has one more seat than there is.
type roomy struct{ Ledger }

func (r roomy) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	c.Capacity++
	return r.Ledger.Claim(ctx, c)
}

// nameless does not compare persons.
type nameless struct{ Ledger }

func (n nameless) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	if c.Change != nil {
		change := *c.Change
		change.Person, c.Change = booking.Person{}, &change
	}
	return n.Ledger.Claim(ctx, c)
}

func (n nameless) Advance(ctx context.Context, id string, from int, c booking.Change) (booking.Appointment, error) {
	c.Person = booking.Person{}
	return n.Ledger.Advance(ctx, id, from, c)
}

// public shows a partner what is another's.
type public struct{ Ledger }

func (o public) Appointment(ctx context.Context, _, id string) (booking.Appointment, error) {
	return o.AnyAppointment(ctx, id)
}

// hasty takes one absence for two.
type hasty struct{ Ledger }

func (h hasty) Postpone(ctx context.Context, d booking.Debt, due time.Time, absent bool) error {
	if absent {
		d.Absences++
	}
	return h.Ledger.Postpone(ctx, d, due, absent)
}

// silent erases, and tells it to nobody.
type silent struct{ Ledger }

func (s silent) Entries(ctx context.Context, partner string, after int64, limit int) ([]booking.Entry, error) {
	list, err := s.Ledger.Entries(ctx, partner, after, limit)
	for i := range list {
		list[i].Erased = false
	}
	return list, err
}
