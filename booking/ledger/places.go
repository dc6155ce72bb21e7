package ledger

import (
	"context"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// AtPlace lists what was taken at a place, under any of the names that it has or had, whoever made it, and overlaps a time; of
// some statuses, or of all; by start then id, with details: for who answers for the place. Orientations without a time are not
// among it.
func (l *Ledger) AtPlace(ctx context.Context, names []string, w interval.Interval, of ...booking.Status) ([]booking.Appointment, error) {
	found, err := l.atPlace(ctx, names, w, of)
	if err != nil {
		return nil, err
	}
	return found, l.complete(ctx, found)
}

// StandingAt lists what stands of what was taken at a place, likewise; without personal data.
func (l *Ledger) StandingAt(ctx context.Context, names []string, w interval.Interval) ([]booking.Appointment, error) {
	return l.atPlace(ctx, names, w, booking.Occupying())
}

func (l *Ledger) atPlace(ctx context.Context, names []string, w interval.Interval, of []booking.Status) ([]booking.Appointment, error) {
	these, args := in(names)
	where, args := "WHERE a.place IN "+these+" AND a.taken > 0 AND a.starts < ? AND a.ends > ?", append(args, w.End, w.Start)
	if len(of) > 0 {
		those, statuses := in(of)
		where, args = where+" AND a.status IN "+those, append(args, statuses...)
	}
	return selectAppointments(ctx, l.read, where+" ORDER BY a.starts, a.id", args...)
}

// KeptBy lists the holds of a partner at a place, likewise, that stand, by start: slots that are kept and not filled in yet.
func (l *Ledger) KeptBy(ctx context.Context, partner string, names []string) ([]booking.Appointment, error) {
	these, args := in(names)
	return selectAppointments(ctx, l.read, "WHERE a.place IN "+these+" AND a.partner = ? AND a.status = ? AND a.expires > ? ORDER BY a.starts, a.id", append(args, partner, booking.Held, millis(l.now()))...)
}
