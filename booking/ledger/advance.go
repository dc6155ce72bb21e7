package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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
		if err := putKey(ctx, tx, c.Key, id, c.At); err != nil {
			return err
		}
		if a.Status == booking.Held && c.Event != booking.Lapse && !c.At.Before(a.Expires) {
			return &booking.Error{
				Kind: connectors.Refused, Code: "reservation_expiree",
				Detail: "Cette réservation a expiré : choisissez de nouveau un créneau.",
			}
		}
		if c.Seats > a.Seats {
			if err := addSeats(ctx, tx, a, c.Seats); err != nil {
				return err
			}
		}
		a, err = l.step(ctx, tx, a, c)
		return err
	})
	if err != nil {
		return booking.Appointment{}, err
	}
	return a, nil
}

// Prolong implements booking.Ledger.
func (l *Ledger) Prolong(ctx context.Context, id string, until time.Time, key *booking.Key) (booking.Appointment, error) {
	var a booking.Appointment
	err := l.write(ctx, func(tx *sql.Tx) error {
		now := l.now().Truncate(time.Millisecond)
		until = until.Truncate(time.Millisecond)
		var err error
		if a, err = l.current(ctx, tx, id, 0); err != nil {
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
	err = l.openDetails(ctx, tx, &found[0])
	return found[0], err
}

// step applies an event: the new status, what comes with it, and what must be done because of it, all or nothing.
func (l *Ledger) step(ctx context.Context, tx *sql.Tx, a booking.Appointment, c booking.Change) (booking.Appointment, error) {
	status, commands, err := booking.Step(a.Status, c.Event)
	if err != nil {
		return a, err
	}
	if a.Status == booking.Sending && c.Event == booking.Refuse { // the call that sent it is answered with a refusal
		if _, err := tx.ExecContext(ctx, "UPDATE keys SET status = ? WHERE appointment = ?", http.StatusConflict, a.ID); err != nil {
			return a, fmt.Errorf("ledger: %w", err)
		}
	}
	a.Status, a.Modified, a.Expires = status, c.At.Truncate(time.Millisecond), c.Expires.Truncate(time.Millisecond)
	a.Version++
	if c.Details != nil {
		a.Details, a.Taken, a.Reference, a.Seats = c.Details, a.Modified, c.Reference, max(1, c.Seats)
		if err := l.putDetails(ctx, tx, a); err != nil {
			return a, err
		}
	}
	if c.Upstream != nil {
		a.Upstream = *c.Upstream
	}
	if c.Ended != nil {
		a.Ended = *c.Ended
	}
	if err := updateAppointment(ctx, tx, a); err != nil {
		return a, err
	}
	if !status.Occupies() {
		if _, err := tx.ExecContext(ctx, "DELETE FROM claims WHERE appointment = ?", a.ID); err != nil {
			return a, fmt.Errorf("ledger: free the slot: %w", err)
		}
	}
	if err := putCommands(ctx, tx, a, commands, c); err != nil {
		return a, err
	}
	a.Notices, err = selectNotices(ctx, tx, "WHERE appointment = ? ORDER BY id", a.ID)
	return a, err
}

func updateAppointment(ctx context.Context, tx *sql.Tx, a booking.Appointment) error {
	upstream, err := json.Marshal(a.Upstream)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE appointments SET reference = ?, seats = ?, status = ?, version = ?, taken = ?, modified = ?,
		expires = ?, upstream = ?, ended_by = ?, ended_reason = ? WHERE id = ?`,
		a.Reference, a.Seats, a.Status, a.Version, millis(a.Taken), millis(a.Modified),
		millis(a.Expires), string(upstream), a.Ended.By, a.Ended.Reason, a.ID)
	if err != nil {
		return fmt.Errorf("ledger: keep a step: %w", err)
	}
	return nil
}

// putCommands keeps what the step owes to people and to the agenda. What was owed to the agenda before is settled.
func putCommands(ctx context.Context, tx *sql.Tx, a booking.Appointment, commands []booking.Command, c booking.Change) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM commands WHERE appointment = ?", a.ID); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	for _, cmd := range commands {
		var err error
		if cmd.Do == booking.Tell {
			err = putNotice(ctx, tx, a.ID, cmd, c)
		} else {
			_, err = tx.ExecContext(ctx, "INSERT INTO commands (appointment, action, created) VALUES (?, ?, ?)",
				a.ID, cmd.Do.String(), millis(c.At))
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
