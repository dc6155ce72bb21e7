package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Claim implements booking.Ledger.
func (l *Ledger) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	a := c.Appointment
	err := l.write(ctx, func(tx *sql.Tx) error {
		now, err := l.moment(ctx, tx, a.Partner)
		if err != nil {
			return err
		}
		if err := putKey(ctx, tx, c.Key, a.ID, now); err != nil {
			return err
		}
		if err := l.lapseHolds(ctx, tx, a.Agenda, c.Footprint, now); err != nil {
			return err
		}
		a.Status, a.Version, a.Created, a.Modified = booking.Held, 1, now, now
		a.Expires = a.Expires.Truncate(time.Millisecond)
		if err := insertAppointment(ctx, tx, a); err != nil {
			return err
		}
		if err := takeSeats(ctx, tx, a, c); err != nil {
			return err
		}
		if c.Change == nil {
			return nil
		}
		change := *c.Change
		change.Key = c.Key
		a, err = l.step(ctx, tx, a, change, now)
		return err
	})
	if err != nil {
		return booking.Appointment{}, err
	}
	return a, nil
}

// takeSeats gives the appointment the lowest free seats of its session. The trigger no_overlap and the primary key
// decide; the count only says how many are left.
func takeSeats(ctx context.Context, tx *sql.Tx, a booking.Appointment, c booking.Claim) error {
	used, err := seatsTaken(ctx, tx, c.Session)
	if err != nil {
		return err
	}
	if len(used)+a.Seats > c.Capacity {
		return taken(errors.New("ledger: not enough seats left"))
	}
	left := a.Seats
	for seat := 0; left > 0; seat++ {
		if used[seat] {
			continue
		}
		_, err := tx.ExecContext(ctx,
			"INSERT INTO claims (session, seat, appointment, agenda, starts, ends, chain) VALUES (?, ?, ?, ?, ?, ?, ?)",
			c.Session, seat, a.ID, a.Agenda, c.Footprint.Start, c.Footprint.End, a.ID)
		if refused(err, sqlite3.SQLITE_CONSTRAINT_TRIGGER) || refused(err, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY) {
			return taken(err)
		}
		if err != nil {
			return fmt.Errorf("ledger: take a seat: %w", err)
		}
		left--
	}
	return nil
}

func taken(cause error) error {
	return &booking.Error{Kind: connectors.SlotTaken, Code: "creneau_pris", Detail: "Ce créneau vient d'être pris.", Err: cause}
}

func seatsTaken(ctx context.Context, tx *sql.Tx, session string) (map[int]bool, error) {
	rows, err := tx.QueryContext(ctx, "SELECT seat FROM claims WHERE session = ?", session)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	out := make(map[int]bool)
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		out[n] = true
	}
	return out, rows.Err()
}

// lapseHolds ends the holds that stand in the way although their time is over: nobody has to wait for the sweeper.
func (l *Ledger) lapseHolds(ctx context.Context, tx *sql.Tx, agenda string, w interval.Interval, now time.Time) error {
	over, err := selectAppointments(ctx, tx, `SELECT `+columns+` FROM appointments a WHERE a.status = ? AND a.expires <= ? AND a.id IN
		(SELECT appointment FROM claims WHERE agenda = ? AND ends > ? AND starts < ?)`,
		booking.Held, millis(now), agenda, w.Start, w.End)
	if err != nil {
		return err
	}
	for _, a := range over {
		if _, err := l.step(ctx, tx, a, booking.Change{Event: booking.Lapse}, now); err != nil {
			return err
		}
	}
	return nil
}

// Claimed implements booking.Claims.
func (l *Ledger) Claimed(ctx context.Context, agenda string, w interval.Interval, except string) ([]booking.Claimed, error) {
	rows, err := l.reader.QueryContext(ctx, `
		SELECT c.session, min(c.starts), max(c.ends), count(*), group_concat(DISTINCT c.appointment)
		FROM claims c JOIN appointments a ON a.id = c.appointment
		WHERE c.agenda = ? AND c.ends > ? AND c.starts < ? AND c.appointment <> ?
		AND NOT (a.status = ? AND a.expires <= ?)
		GROUP BY c.session ORDER BY min(c.starts)`,
		agenda, w.Start, w.End, except, booking.Held, millis(l.now()))
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	var out []booking.Claimed
	for rows.Next() {
		var c booking.Claimed
		var appointments string
		if err := rows.Scan(&c.Session, &c.Start, &c.End, &c.Seats, &appointments); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		c.Appointments = strings.Split(appointments, ",")
		out = append(out, c)
	}
	return out, rows.Err()
}

// Known implements booking.Claims.
func (l *Ledger) Known(ctx context.Context, agenda string, own []connectors.Own) ([]connectors.Own, error) {
	var out []connectors.Own
	for _, o := range own {
		var one int
		err := l.reader.QueryRowContext(ctx, `SELECT 1 FROM claims c JOIN appointments a ON a.id = c.appointment
			WHERE a.id = ? AND c.agenda = ? AND a.starts = ? AND a.ends = ? LIMIT 1`, o.Reference, agenda, o.Start, o.End).Scan(&one)
		switch {
		case err == nil:
			out = append(out, o)
		case !errors.Is(err, sql.ErrNoRows):
			return nil, fmt.Errorf("ledger: %w", err)
		}
	}
	return out, nil
}

func insertAppointment(ctx context.Context, tx *sql.Tx, a booking.Appointment) error {
	motif, err := json.Marshal(a.Motif)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	upstream, err := json.Marshal(a.Upstream)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO appointments (id, partner, reference, place, agenda, motif, starts, ends, seats,
		status, version, guarantee, created, taken, modified, expires, extended, upstream, ended_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0, ?, '')`,
		a.ID, a.Partner, a.Reference, a.Place, a.Agenda, string(motif), a.Start, a.End, a.Seats,
		a.Status, a.Version, a.Guarantee, millis(a.Created), millis(a.Modified), millis(a.Expires), string(upstream))
	if err != nil {
		return fmt.Errorf("ledger: keep an appointment: %w", err)
	}
	return nil
}
