package ledger

import (
	"context"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// Kept implements booking.Sightings.
func (l *Ledger) Kept(ctx context.Context, agenda string, from time.Time) ([]booking.Appointment, error) {
	found, err := selectAppointments(ctx, l.read, "WHERE a.agenda = ? AND a.status = 'confirme' AND a.starts >= ? ORDER BY a.starts, a.id",
		agenda, from.Unix())
	if err != nil {
		return nil, err
	}
	kept := found[:0]
	for _, a := range found {
		if a.Standing().Upstream {
			kept = append(kept, a)
		}
	}
	return kept, l.complete(ctx, kept)
}

// Sight implements booking.Sightings.
func (l *Ledger) Sight(ctx context.Context, id string, as interval.Interval) (time.Time, error) {
	var since int64
	err := l.write(ctx, func(s *session) error {
		since = l.now().UnixMilli()
		_, err := s.exec(ctx, `INSERT INTO sightings (appointment, starts, ends, since) VALUES (?, ?, ?, ?)
			ON CONFLICT (appointment) DO UPDATE SET starts = excluded.starts, ends = excluded.ends, since = excluded.since
			WHERE sightings.starts <> excluded.starts OR sightings.ends <> excluded.ends`, id, as.Start, as.End, since)
		if err != nil {
			return fmt.Errorf("ledger: keep a sighting: %w", err)
		}
		_, err = s.first(ctx, []any{&since}, "SELECT since FROM sightings WHERE appointment = ?", id)
		return err
	})
	return instant(since), err
}

// Unsight implements booking.Sightings.
func (l *Ledger) Unsight(ctx context.Context, id string) error {
	var one int
	found, err := l.read.first(ctx, []any{&one}, "SELECT 1 FROM sightings WHERE appointment = ?", id)
	if err != nil || !found {
		return err
	}
	return l.write(ctx, func(s *session) error {
		if _, err := s.exec(ctx, "DELETE FROM sightings WHERE appointment = ?", id); err != nil {
			return fmt.Errorf("ledger: forget a sighting: %w", err)
		}
		return nil
	})
}
