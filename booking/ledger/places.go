package ledger

import (
	"context"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// AtPlace lists what was taken at a place and overlaps a time, whoever made it, by start then id, with details: for who
// answers for the place. Orientations, which have no time, are not among it.
func (l *Ledger) AtPlace(ctx context.Context, place string, w interval.Interval) ([]booking.Appointment, error) {
	found, err := selectAppointments(ctx, l.read, "WHERE a.place = ? AND a.taken > 0 AND a.starts < ? AND a.ends > ? ORDER BY a.starts, a.id", place, w.End, w.Start)
	if err != nil {
		return nil, err
	}
	return found, l.complete(ctx, found)
}

// KeptBy lists the holds of a partner at a place that stand, by start: slots that are kept and not filled in yet.
func (l *Ledger) KeptBy(ctx context.Context, partner, place string) ([]booking.Appointment, error) {
	return selectAppointments(ctx, l.read, "WHERE a.partner = ? AND a.place = ? AND a.status = ? AND a.expires > ? ORDER BY a.starts, a.id", partner, place, booking.Held, millis(l.now()))
}
