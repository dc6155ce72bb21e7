package ledger

import (
	"context"
	"slices"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// AtPlace lists what was taken at a place, under any of the names that it has or had, and overlaps a time, whoever made it, by start then id, with details: for who
// answers for the place. Orientations, which have no time, are not among it.
func (l *Ledger) AtPlace(ctx context.Context, names []string, w interval.Interval) ([]booking.Appointment, error) {
	these, args := in(names)
	found, err := selectAppointments(ctx, l.read, "WHERE a.place IN "+these+" AND a.taken > 0 AND a.starts < ? AND a.ends > ? ORDER BY a.starts, a.id", append(args, w.End, w.Start)...)
	if err != nil {
		return nil, err
	}
	return found, l.complete(ctx, found)
}

// StandingAt lists what stands of what was taken at a place, likewise, and overlaps a time; without personal data.
func (l *Ledger) StandingAt(ctx context.Context, names []string, w interval.Interval) ([]booking.Appointment, error) {
	these, args := in(names)
	found, err := selectAppointments(ctx, l.read, "WHERE a.place IN "+these+" AND a.taken > 0 AND a.starts < ? AND a.ends > ? ORDER BY a.starts, a.id", append(args, w.End, w.Start)...)
	return slices.DeleteFunc(found, func(a booking.Appointment) bool { return !a.Status.Occupies() }), err
}

// KeptBy lists the holds of a partner at a place, likewise, that stand, by start: slots that are kept and not filled in yet.
func (l *Ledger) KeptBy(ctx context.Context, partner string, names []string) ([]booking.Appointment, error) {
	these, args := in(names)
	return selectAppointments(ctx, l.read, "WHERE a.place IN "+these+" AND a.partner = ? AND a.status = ? AND a.expires > ? ORDER BY a.starts, a.id", append(args, partner, booking.Held, millis(l.now()))...)
}
