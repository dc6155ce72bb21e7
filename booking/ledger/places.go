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
