package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/booking"
)

// putDebt keeps what is owed to an agenda. Whoever took the step carries it out itself for as long as its lease.
func putDebt(ctx context.Context, s *session, appointment string, do booking.Action, c booking.Change, now time.Time) error {
	lease := ""
	if c.Lease > 0 {
		lease = "caller"
	}
	return s.put(ctx, nil, `INSERT INTO debts (appointment, action, digest, since, due, lease, attempts, absences, absent_since)
		VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0)`, appointment, do.String(), digestOf(c.Key), millis(now), millis(now.Add(c.Lease)), lease)
}

// TakeDebts implements booking.Debts.
func (l *Ledger) TakeDebts(ctx context.Context, lease time.Duration, limit int) ([]booking.Debt, error) {
	token, err := l.token()
	if err != nil {
		return nil, err
	}
	var out []booking.Debt
	err = l.write(ctx, func(s *session) error {
		out = nil
		now := l.now()
		var ids []string
		err := s.rows(ctx, func(r rowScanner) error {
			d := booking.Debt{Lease: token}
			var id, action string
			var since, absent int64
			if err := r.Scan(&id, &action, &since, &d.Attempts, &d.Absences, &absent); err != nil {
				return err
			}
			d.Appointment.ID, d.Since, d.AbsentSince, d.Do = id, instant(since), instant(absent), actionOf(action)
			out, ids = append(out, d), append(ids, id)
			return nil
		}, "SELECT appointment, action, since, attempts, absences, absent_since FROM debts WHERE due <= ? ORDER BY due LIMIT ?"+s.skipLocked, millis(now), limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		these, args := in(ids)
		_, err = s.exec(ctx, "UPDATE debts SET lease = ?, due = ? WHERE appointment IN "+these, append([]any{token, millis(now.Add(lease))}, args...)...)
		if err != nil {
			return fmt.Errorf("ledger: lease: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	readable := out[:0]
	for _, d := range out { // one that cannot be read stops none of the others
		a, e := l.AnyAppointment(ctx, d.Appointment.ID)
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		d.Appointment = a
		readable = append(readable, d)
	}
	return readable, err
}

func actionOf(name string) booking.Action {
	for _, a := range []booking.Action{booking.Book, booking.Unbook, booking.Settle} {
		if a.String() == name {
			return a
		}
	}
	return 0
}

// Postpone implements booking.Debts.
func (l *Ledger) Postpone(ctx context.Context, d booking.Debt, due time.Time, absent bool) error {
	return l.write(ctx, func(s *session) error {
		absences, since := 0, int64(0)
		if absent {
			absences, since = d.Absences+1, millis(d.AbsentSince)
			if since == 0 {
				since = l.now().UnixMilli()
			}
		}
		_, err := s.exec(ctx, `UPDATE debts SET due = ?, lease = '', attempts = attempts + 1, absences = ?, absent_since = ?
			WHERE appointment = ? AND lease = ?`, millis(due), absences, since, d.Appointment.ID, d.Lease)
		if err != nil {
			return fmt.Errorf("ledger: postpone: %w", err)
		}
		return nil
	})
}

// Forgive implements booking.Debts.
func (l *Ledger) Forgive(ctx context.Context, d booking.Debt) error {
	return l.write(ctx, func(s *session) error {
		if _, err := s.exec(ctx, "DELETE FROM debts WHERE appointment = ? AND lease = ?", d.Appointment.ID, d.Lease); err != nil {
			return fmt.Errorf("ledger: forgive: %w", err)
		}
		return nil
	})
}
