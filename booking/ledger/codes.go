package ledger

import (
	"context"

	"passerelle/booking"
)

// Called lists what was taken under an id that begins so, as it is since it was moved, with details: for who was told a code.
func (l *Ledger) Called(ctx context.Context, start string) ([]booking.Appointment, error) {
	// "g" comes after what hexadecimal figures may follow; the index of chains finds both ends.
	found, err := selectAppointments(ctx, l.read, "WHERE a.chain >= ? AND a.chain < ? AND a.taken > 0 AND a.replaced_by = '' AND a.replacing = 0 ORDER BY a.id LIMIT 10", start, start+"g")
	if err != nil {
		return nil, err
	}
	return found, l.complete(ctx, found)
}
