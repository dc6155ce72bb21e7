package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// Erasable implements booking.Retention. A chain goes as a whole, so nothing of it is due before all of it is: a move that
// was refused says nothing of the appointment that stands, nor does the date that one was moved from.
func (l *Ledger) Erasable(ctx context.Context, over, never time.Time, limit int) ([]string, error) {
	var ids []string
	err := l.read.rows(ctx, func(r rowScanner) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT a.id FROM appointments a JOIN details d ON d.appointment = a.id
		WHERE NOT EXISTS (SELECT 1 FROM appointments b WHERE b.chain = a.chain AND b.status <> ? AND NOT
			(b.ends > 0 AND b.ends < ? OR b.ends = 0 AND b.modified < ? OR b.status IN (?, ?) AND b.modified < ?)) ORDER BY a.ends LIMIT ?`,
		booking.Moved, over.Unix(), millis(over), booking.Refused, booking.Expired, millis(never), limit)
	return ids, err
}

// OfSubject implements booking.Retention.
func (l *Ledger) OfSubject(ctx context.Context, partner string, subject []byte) ([]booking.Appointment, error) {
	if len(subject) == 0 {
		return nil, nil
	}
	found, err := selectAppointments(ctx, l.read, `JOIN details d ON d.appointment = a.id
		WHERE a.partner = ? AND d.subject = ? ORDER BY a.modified, a.id`, partner, subjectOf(partner, booking.Person{Subject: subject}))
	if err != nil {
		return nil, err
	}
	return found, l.complete(ctx, found)
}

// Erase implements booking.Retention: of the whole chain, for the person is the same in all of it. What a move has copied
// meanwhile goes too; one that comes later finds nothing to copy.
func (l *Ledger) Erase(ctx context.Context, id, by string) error {
	for {
		if some, err := l.eraseChain(ctx, id, by); err != nil || !some {
			return err
		}
	}
}

// eraseChain erases what a chain says of persons now, and tells whether it said something. The keys go first: were the
// program to end in between, what is left is unreadable.
func (l *Ledger) eraseChain(ctx context.Context, id, by string) (some bool, err error) {
	chain := make(map[string]string) // key by appointment
	err = l.read.rows(ctx, func(r rowScanner) error {
		var id, key string
		err := r.Scan(&id, &key)
		chain[id] = key
		return err
	}, `SELECT d.appointment, d.key FROM details d JOIN appointments a ON a.id = d.appointment
		WHERE a.chain = (SELECT chain FROM appointments WHERE id = ?)`, id)
	if err != nil || len(chain) == 0 {
		return false, err
	}
	if err := l.vault.destroy(ctx, slices.Collect(maps.Values(chain))); err != nil {
		return false, err
	}
	return true, l.write(ctx, func(s *session) error {
		for _, id := range slices.Sorted(maps.Keys(chain)) {
			if err := l.erase(ctx, s, id, by); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *Ledger) erase(ctx context.Context, s *session, id, by string) error {
	a, err := l.current(ctx, s, id, 0)
	if err != nil {
		return err
	}
	now := l.moment()
	for _, table := range []string{"details", "persons"} {
		if _, err := s.exec(ctx, "DELETE FROM "+table+" WHERE appointment = ?", id); err != nil {
			return fmt.Errorf("ledger: erase: %w", err)
		}
	}
	// The digest of a body that named a person could be tried against names.
	if _, err := s.exec(ctx, "UPDATE keys SET request = ? WHERE appointment = ?", []byte{}, id); err != nil {
		return fmt.Errorf("ledger: erase: %w", err)
	}
	a.Version, a.Modified, a.Reference = a.Version+1, later(a.Modified, now), ""
	if a.Guarantee == connectors.Handoff { // it names her in the other software, where nobody is to ask about her any more
		a.Upstream = connectors.Appointment{}
	}
	if err := updateAppointment(ctx, s, a); err != nil {
		return err
	}
	if err := logEntry(ctx, s, a, true); err != nil {
		return err
	}
	return audit(ctx, s, id, by, "erase", "", now)
}

// Purge implements booking.Retention: keys of calls whose appointment is over, the log of what was erased, the audit of
// more than a year ago, searches of more than three, and of people who sign in what is over: links, sessions, accounts that
// nobody has signed in to for a year.
func (l *Ledger) Purge(ctx context.Context, before time.Time) error {
	if err := l.sequence(ctx); err != nil { // nothing goes before it could be told
		return err
	}
	now := l.moment()
	yearAgo := now.AddDate(-1, 0, 0)
	return l.write(ctx, func(s *session) error {
		for _, q := range []struct {
			query string
			args  []any
		}{
			{
				`DELETE FROM keys WHERE created < ? AND NOT EXISTS (SELECT 1 FROM appointments a WHERE a.id = keys.appointment AND a.ends > ?)`,
				[]any{millis(before), before.Unix()},
			},
			{`DELETE FROM log WHERE shown = 0 AND at < ?`, []any{millis(before)}},
			{`DELETE FROM log WHERE at < ? AND appointment IN (SELECT appointment FROM log WHERE erased = 1 AND at < ?)`, []any{millis(before), millis(before)}},
			{`DELETE FROM deliveries WHERE at < ?`, []any{millis(before)}},
			{`DELETE FROM audit WHERE at < ?`, []any{millis(yearAgo)}},
			{`DELETE FROM links WHERE expires <= ?`, []any{millis(now)}},
			{`DELETE FROM sessions WHERE expires <= ?`, []any{millis(now)}},
			{`DELETE FROM accounts WHERE seen < ?`, []any{millis(yearAgo)}},
		} {
			if _, err := s.exec(ctx, q.query, q.args...); err != nil {
				return fmt.Errorf("ledger: purge: %w", err)
			}
		}
		return dropSearches(ctx, s, now, before)
	})
}
