package ledger

import (
	"context"
	"fmt"
	"time"

	"passerelle/booking"
)

// putEntry logs what an appointment has become, in the transaction that makes it so. It has no position yet: an id or a
// time is given before the commit, and whoever follows by it misses what commits later with a smaller one.
func putEntry(ctx context.Context, s *session, a booking.Appointment) error {
	return logEntry(ctx, s, a, false)
}

func logEntry(ctx context.Context, s *session, a booking.Appointment, erased bool) error {
	s.touched = append(s.touched, a.Agenda)
	return s.put(ctx, nil, "INSERT INTO log (partner, appointment, status, version, erased, shown, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		a.Partner, a.ID, a.Status, a.Version, flag(erased), flag(!a.Taken.IsZero()), millis(a.Modified))
}

// unsequenced is the entries without a position.
func unsequenced(d *dialect) string {
	return "log" + d.by("log_unsequenced") + " WHERE position IS NULL AND shown = 1"
}

// anyUnsequenced finds one.
func anyUnsequenced(d *dialect) string { return "SELECT 1 FROM " + unsequenced(d) + " LIMIT 1" }

// numbering gives each its position, after the last of its partner.
func numbering(d *dialect) string {
	return `UPDATE log SET position = fresh.n + coalesce((SELECT last FROM sequence WHERE sequence.partner = log.partner), 0)
		FROM (SELECT id, row_number() OVER (PARTITION BY partner ORDER BY id) AS n FROM ` + unsequenced(d) + `) AS fresh
		WHERE log.id = fresh.id RETURNING partner, position`
}

// sequence gives positions to the entries that were committed since the last time, one instance at a time: what commits
// later gets a later one. Entries of one appointment were made one after the other, so their ids tell the order. Each
// partner's are counted by themselves: nobody learns how much happens elsewhere.
func (l *Ledger) sequence(ctx context.Context) error {
	var waiting int
	found, err := l.read.first(ctx, []any{&waiting}, anyUnsequenced(l.read.dialect))
	if err != nil || !found {
		return err
	}
	return l.write(ctx, func(s *session) error {
		var none int64
		if _, err := s.first(ctx, []any{&none}, "SELECT last FROM sequence WHERE partner = ''"+s.forUpdate); err != nil {
			return err
		}
		last := make(map[string]int64)
		err := s.rows(ctx, func(r rowScanner) error {
			var partner string
			var position int64
			err := r.Scan(&partner, &position)
			last[partner] = max(last[partner], position)
			return err
		}, numbering(s.dialect))
		if err != nil {
			return err
		}
		for partner, position := range last {
			if _, err := s.exec(ctx, "INSERT INTO sequence (partner, last) VALUES (?, ?) ON CONFLICT (partner) DO UPDATE SET last = excluded.last", partner, position); err != nil {
				return fmt.Errorf("ledger: sequence: %w", err)
			}
		}
		return nil
	})
}

// lastPosition is the last that a partner was given.
func lastPosition(ctx context.Context, s *session, partner string) (last int64, err error) {
	_, err = s.first(ctx, []any{&last}, "SELECT last FROM sequence WHERE partner = ?", partner)
	return last, err
}

// Entries implements booking.Ledger.
func (l *Ledger) Entries(ctx context.Context, partner string, after int64, limit int) ([]booking.Entry, error) {
	if err := l.sequence(ctx); err != nil {
		return nil, err
	}
	last, err := lastPosition(ctx, l.read, partner)
	if err != nil {
		return nil, err
	}
	if after > last { // of another ledger, or of what a restored backup does not know
		unknown := booking.InvalidField("apres", "cette position n'a pas été donnée")
		unknown.Code, unknown.Detail = "position_inconnue", "Cette position est inconnue : relisez vos rendez-vous, puis suivez de nouveau depuis 0."
		return nil, unknown
	}
	var out []booking.Entry
	err = l.read.rows(ctx, func(r rowScanner) error {
		e := booking.Entry{Partner: partner}
		var at int64
		if err := r.Scan(&e.Position, &e.Appointment, &e.Status, &e.Version, &e.Erased, &at); err != nil {
			return err
		}
		e.At = instant(at)
		out = append(out, e)
		return nil
	}, `SELECT position, appointment, status, version, erased, at FROM log
		WHERE partner = ? AND shown = 1 AND position > ? ORDER BY position LIMIT ?`, partner, after, limit)
	return out, err
}

// putAudit keeps who did what, when and on what basis.
func putAudit(ctx context.Context, s *session, a booking.Appointment, c booking.Change, now time.Time) error {
	basis := ""
	if c.Details != nil && c.Details.Consent.Mode != "" {
		basis = "consentement " + c.Details.Consent.Mode
	}
	return audit(ctx, s, a.ID, c.By, c.Event.String(), basis, now)
}

func audit(ctx context.Context, s *session, appointment, who, what, basis string, now time.Time) error {
	return s.put(ctx, nil, "INSERT INTO audit (at, who, what, appointment, basis) VALUES (?, ?, ?, ?, ?)", millis(now), who, what, appointment, basis)
}
