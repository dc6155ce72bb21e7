package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Advance implements booking.Ledger.
func (l *Ledger) Advance(ctx context.Context, id string, from int, c booking.Change) (booking.Appointment, error) {
	key, err := l.keyFor(ctx, c)
	if err != nil {
		return booking.Appointment{}, err
	}
	var a booking.Appointment
	var partner string
	var span interval.Interval
	err = l.write(ctx, func(s *session) error {
		var err error
		if a, err = l.current(ctx, s, id, from); err != nil {
			return err
		}
		partner, span = a.Partner, a.Interval
		now := l.moment()
		if err := putKey(ctx, s, c.Key, id, now); err != nil {
			return err
		}
		if err := inTime(a, c.Event, now); err != nil {
			return err
		}
		if err := notMoving(ctx, s, a); err != nil {
			return err
		}
		if c.Seats > a.Seats {
			if err := addSeats(ctx, s, a, c.Seats); err != nil {
				return err
			}
		}
		a, err = l.step(ctx, s, a, c, key, now)
		return err
	})
	if err != nil {
		l.vault.giveBack(key, err)
		return booking.Appointment{}, l.explain(ctx, partner, id, c, span, err)
	}
	l.heard()
	return a, nil
}

// inTime refuses to take a hold, or to accept a request, whose time is over.
func inTime(a booking.Appointment, e booking.Event, now time.Time) error {
	over := !a.Expires.IsZero() && !now.Before(a.Expires)
	switch {
	case over && a.Status == booking.Held && e != booking.Lapse:
		return &booking.Error{
			Kind: connectors.Refused, Code: "reservation_expiree",
			Detail: "Cette réservation a expiré : choisissez de nouveau un créneau.",
		}
	case over && a.Status == booking.Requested && (e == booking.Accept || e == booking.Send):
		return &booking.Error{Kind: connectors.Refused, Code: "demande_expiree", Detail: "Cette demande a expiré : elle ne peut plus être acceptée."}
	}
	return nil
}

// notMoving refuses to change an appointment while another is to take its place: there would be none, or both.
func notMoving(ctx context.Context, s *session, a booking.Appointment) error {
	if a.Status != booking.Confirmed {
		return nil
	}
	var id string
	found, err := s.first(ctx, []any{&id}, "SELECT id FROM appointments WHERE replaces = ? AND replacing = 1", a.ID)
	if err != nil {
		return err
	}
	if found {
		return moving(nil)
	}
	return nil
}

// moment is when a change is made: this ledger's clock, in whole milliseconds, so that what is kept and what is answered
// are the same.
func (l *Ledger) moment() time.Time { return instant(l.now().UnixMilli()) }

// Prolong implements booking.Ledger.
func (l *Ledger) Prolong(ctx context.Context, id string, until time.Time, key *booking.Key) (booking.Appointment, error) {
	var a booking.Appointment
	until = until.Truncate(time.Millisecond)
	err := l.write(ctx, func(s *session) error {
		var err error
		if a, err = l.current(ctx, s, id, 0); err != nil {
			return err
		}
		now := l.moment()
		if err := putKey(ctx, s, key, id, now); err != nil {
			return err
		}
		if a.Status != booking.Held || a.Extended || !now.Before(a.Expires) {
			return &booking.Error{
				Kind: connectors.Refused, Code: "prolongation_impossible",
				Detail: "Une réservation ne se prolonge qu'une fois, avant son terme.",
			}
		}
		a.Expires, a.Extended, a.Modified, a.Version = until, true, later(a.Modified, now), a.Version+1
		if _, err = s.exec(ctx, "UPDATE appointments SET expires = ?, extended = 1, modified = ?, version = ? WHERE id = ?",
			millis(until), millis(a.Modified), a.Version, id); err != nil {
			return fmt.Errorf("ledger: prolong: %w", err)
		}
		return putEntry(ctx, s, a)
	})
	return a, err
}

// current reads an appointment that is about to change. A version of zero means whichever there is.
func (l *Ledger) current(ctx context.Context, s *session, id string, version int) (booking.Appointment, error) {
	found, err := selectAppointments(ctx, s, "WHERE a.id = ?"+s.forUpdate, id)
	switch {
	case err != nil:
		return booking.Appointment{}, err
	case len(found) == 0:
		return booking.Appointment{}, booking.Missing()
	case version != 0 && found[0].Version != version:
		return booking.Appointment{}, &booking.Error{
			Kind: connectors.Changed, Code: "rendez_vous_modifie",
			Detail: "Ce rendez-vous vient d'être modifié : relisez-le avant d'agir.",
			Err:    fmt.Errorf("ledger: version is %d, not %d", found[0].Version, version),
		}
	}
	err = l.openDetails(ctx, s, found)
	return found[0], err
}

// addSeats enlarges a hold of a group session.
func addSeats(ctx context.Context, s *session, a booking.Appointment, seats int) error {
	var session string
	var footprint interval.Interval
	found, err := s.first(ctx, []any{&session, &footprint.Start, &footprint.End},
		"SELECT session, starts, ends FROM claims WHERE appointment = ? LIMIT 1", a.ID)
	if err != nil {
		return err
	}
	if !found {
		return lost(errors.New("ledger: the hold has no claim"))
	}
	if err := s.queue(ctx, s, a.Agenda); err != nil {
		return err
	}
	more := a
	more.Seats = seats - a.Seats
	return takeSeats(ctx, s, more, booking.Claim{Session: session, Footprint: footprint, Capacity: a.Motif.Seats})
}
