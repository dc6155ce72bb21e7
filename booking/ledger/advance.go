package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Advance implements booking.Ledger.
func (l *Ledger) Advance(ctx context.Context, id string, from int, c booking.Change) (booking.Appointment, error) {
	var a booking.Appointment
	err := l.write(ctx, func(tx *sql.Tx) error {
		var err error
		if a, err = l.current(ctx, tx, id, from); err != nil {
			return err
		}
		now, err := l.moment(ctx, tx, a.Partner)
		if err != nil {
			return err
		}
		if err := putKey(ctx, tx, c.Key, id, now); err != nil {
			return err
		}
		if err := inTime(a, c.Event, now); err != nil {
			return err
		}
		if c.Seats > a.Seats {
			if err := addSeats(ctx, tx, a, c.Seats); err != nil {
				return err
			}
		}
		a, err = l.step(ctx, tx, a, c, now)
		return err
	})
	if err != nil {
		return booking.Appointment{}, err
	}
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
	case over && a.Status == booking.Requested && e == booking.Accept:
		return &booking.Error{Kind: connectors.Refused, Code: "demande_expiree", Detail: "Cette demande a expiré : elle ne peut plus être acceptée."}
	}
	return nil
}

// moment is when a change is made: this ledger's clock, in whole milliseconds (what is kept and what is answered are
// the same), and never before the partner's last change, so that whoever follows changes by time misses none.
func (l *Ledger) moment(ctx context.Context, tx *sql.Tx, partner string) (time.Time, error) {
	var last int64
	err := tx.QueryRowContext(ctx, "SELECT coalesce(max(modified), 0) FROM appointments WHERE partner = ?", partner).Scan(&last)
	if err != nil {
		return time.Time{}, fmt.Errorf("ledger: %w", err)
	}
	return instant(max(last, l.now().UnixMilli())), nil
}

// Prolong implements booking.Ledger.
func (l *Ledger) Prolong(ctx context.Context, id string, until time.Time, key *booking.Key) (booking.Appointment, error) {
	var a booking.Appointment
	err := l.write(ctx, func(tx *sql.Tx) error {
		until = until.Truncate(time.Millisecond)
		var err error
		if a, err = l.current(ctx, tx, id, 0); err != nil {
			return err
		}
		now, err := l.moment(ctx, tx, a.Partner)
		if err != nil {
			return err
		}
		if err := putKey(ctx, tx, key, id, now); err != nil {
			return err
		}
		if a.Status != booking.Held || a.Extended || !now.Before(a.Expires) {
			return &booking.Error{
				Kind: connectors.Refused, Code: "prolongation_impossible",
				Detail: "Une réservation ne se prolonge qu'une fois, avant son terme.",
			}
		}
		a.Expires, a.Extended, a.Modified, a.Version = until, true, now, a.Version+1
		_, err = tx.ExecContext(ctx, "UPDATE appointments SET expires = ?, extended = 1, modified = ?, version = ? WHERE id = ?",
			millis(until), millis(now), a.Version, id)
		return err
	})
	return a, err
}

// current reads an appointment that is about to change. A version of zero means whichever there is.
func (l *Ledger) current(ctx context.Context, tx *sql.Tx, id string, version int) (booking.Appointment, error) {
	found, err := selectAppointments(ctx, tx, "SELECT "+columns+" FROM appointments a WHERE a.id = ?", id)
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
	err = l.openDetails(ctx, tx, map[string]*booking.Appointment{id: &found[0]}, `["`+id+`"]`)
	return found[0], err
}

// step applies an event: the new status, what comes with it, and what must be done because of it, all or nothing.
func (l *Ledger) step(ctx context.Context, tx *sql.Tx, a booking.Appointment, c booking.Change, now time.Time) (booking.Appointment, error) {
	status, commands, err := booking.Step(a.Status, c.Event)
	if err != nil {
		return a, err
	}
	if err := recordRefusal(ctx, tx, a.ID, c.Refusal); err != nil {
		return a, err
	}
	a.Status, a.Modified = status, now
	a.Version++
	if c.Event != booking.Lapse { // when a hold or a request ended stays known
		a.Expires = c.Expires.Truncate(time.Millisecond)
	}
	if c.Upstream != nil {
		a.Upstream = *c.Upstream
	}
	if err := l.stepDetails(ctx, tx, &a, c); err != nil {
		return a, err
	}
	if err := updateAppointment(ctx, tx, a); err != nil {
		return a, err
	}
	if !status.Occupies() {
		if _, err := tx.ExecContext(ctx, "DELETE FROM claims WHERE appointment = ?", a.ID); err != nil {
			return a, fmt.Errorf("ledger: free the slot: %w", err)
		}
	}
	if err := putCommands(ctx, tx, a, commands, c, now); err != nil {
		return a, err
	}
	a.Notices, err = selectNotices(ctx, tx, "WHERE appointment = ? ORDER BY id", a.ID)
	return a, err
}

// stepDetails keeps what a step says of persons.
func (l *Ledger) stepDetails(ctx context.Context, tx *sql.Tx, a *booking.Appointment, c booking.Change) error {
	if c.Details != nil {
		a.Details, a.Taken, a.Reference, a.Seats = c.Details, a.Modified, c.Reference, max(1, c.Seats)
	}
	if c.Ended != nil {
		a.Ended = *c.Ended
		if a.Details != nil {
			a.Details.EndReason = c.Ended.Reason
		}
	}
	if a.Details == nil || c.Details == nil && c.Ended == nil {
		return nil
	}
	return l.putDetails(ctx, tx, *a)
}

func updateAppointment(ctx context.Context, tx *sql.Tx, a booking.Appointment) error {
	upstream, err := json.Marshal(a.Upstream)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE appointments SET reference = ?, seats = ?, status = ?, version = ?, taken = ?, modified = ?,
		expires = ?, upstream = ?, ended_by = ? WHERE id = ?`,
		a.Reference, a.Seats, a.Status, a.Version, millis(a.Taken), millis(a.Modified),
		millis(a.Expires), string(upstream), a.Ended.By, a.ID)
	if err != nil {
		return fmt.Errorf("ledger: keep a step: %w", err)
	}
	return nil
}

// putCommands keeps what the step owes to people and to the agenda. What was owed to the agenda before is settled.
func putCommands(ctx context.Context, tx *sql.Tx, a booking.Appointment, commands []booking.Command, c booking.Change, now time.Time) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM commands WHERE appointment = ?", a.ID); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	for _, cmd := range commands {
		var err error
		if cmd.Do == booking.Tell {
			err = putNotice(ctx, tx, a.ID, cmd, c.Channels[cmd.To], now)
		} else {
			_, err = tx.ExecContext(ctx, "INSERT INTO commands (appointment, action, digest, created) VALUES (?, ?, ?, ?)",
				a.ID, cmd.Do.String(), digestOf(c.Key), millis(now))
		}
		if err != nil {
			return fmt.Errorf("ledger: keep a command: %w", err)
		}
	}
	return nil
}

// addSeats enlarges a hold of a group session.
func addSeats(ctx context.Context, tx *sql.Tx, a booking.Appointment, seats int) error {
	var session string
	var footprint interval.Interval
	err := tx.QueryRowContext(ctx, "SELECT session, starts, ends FROM claims WHERE appointment = ? LIMIT 1", a.ID).
		Scan(&session, &footprint.Start, &footprint.End)
	if errors.Is(err, sql.ErrNoRows) {
		return taken(errors.New("ledger: the hold has no claim"))
	}
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	more := a
	more.Seats = seats - a.Seats
	return takeSeats(ctx, tx, more, booking.Claim{Session: session, Footprint: footprint, Capacity: a.Motif.Seats})
}
