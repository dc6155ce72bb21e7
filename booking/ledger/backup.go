package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// overdueAfter is when a debt that nobody has taken says that nothing carries debts out.
const overdueAfter = 5 * time.Minute

// ErrNoFile says that the ledger is not kept in a file: a server's own tools copy it.
var ErrNoFile = errors.New("ledger: it is not kept in a file")

// Backup writes a copy of the ledger to a new file, while others write. The data keys are not in it: what is erased
// after the backup cannot be read from it either.
func (l *Ledger) Backup(ctx context.Context, path string) error { return copyStore(ctx, l.store, path) }

// BackupKeys writes a copy of the data keys to a new file. Whoever keeps it longer than a few days keeps what was erased.
func (l *Ledger) BackupKeys(ctx context.Context, path string) error {
	return copyStore(ctx, l.vault.store, path)
}

func copyStore(ctx context.Context, s store, path string) error {
	file, ok := s.(*sqliteStore)
	if !ok {
		return ErrNoFile
	}
	if _, err := file.reader.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return fmt.Errorf("ledger: backup: %w", err)
	}
	return nil
}

// Check is what a doctor looks at. An error says what is wrong with the rows themselves; the rest is for people to judge.
type Check struct {
	Engine       string // sqlite or postgres
	Appointments int
	Todo         int // what only humans can settle
	Debts        int // owed to agendas
	Overdue      int // of those, due for longer than it should take
	Notices      int // messages that wait
	Failed       int // messages that nobody could be told
	Webhooks     int // that do not get through
	Unreadable   int // appointments whose details no key opens, and that were not erased
}

// Check looks at the whole ledger.
func (l *Ledger) Check(ctx context.Context) (Check, error) {
	c := Check{Engine: l.read.name}
	if err := l.integrity(ctx); err != nil {
		return c, err
	}
	now := l.now()
	for _, q := range []struct {
		into  *int
		query string
		args  []any
	}{
		{&c.Appointments, "SELECT count(*) FROM appointments WHERE taken > 0", nil},
		{&c.Todo, "SELECT count(*) FROM appointments WHERE status = 'a_traiter'", nil},
		{&c.Debts, "SELECT count(*) FROM debts", nil},
		{&c.Overdue, "SELECT count(*) FROM debts WHERE due < ?", []any{millis(now.Add(-overdueAfter))}},
		{&c.Notices, "SELECT count(*) FROM outbox WHERE " + dueToPeople, []any{millis(now)}},
		{&c.Failed, "SELECT count(*) FROM outbox WHERE state = 'echec'", nil},
		{&c.Webhooks, "SELECT count(*) FROM webhooks WHERE failing > 0 OR disabled > 0", nil},
	} {
		if _, err := l.read.first(ctx, []any{q.into}, q.query, q.args...); err != nil {
			return c, err
		}
	}
	var err error
	c.Unreadable, err = l.unreadable(ctx)
	return c, err
}

// unreadable counts the details whose data key is not in the vault.
func (l *Ledger) unreadable(ctx context.Context) (int, error) {
	var ids []string
	err := l.read.rows(ctx, func(r rowScanner) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, "SELECT key FROM details")
	lost := 0
	for from := 0; from < len(ids) && err == nil; from += 500 {
		batch := ids[from:min(from+500, len(ids))]
		var known map[string][]byte
		known, err = l.vault.keys(ctx, l.read, batch)
		lost += len(batch) - len(known)
	}
	return lost, err
}

// integrity asks the database whether its files are whole and whether two claims overlap after all.
func (l *Ledger) integrity(ctx context.Context) error {
	if l.read.name == sqliteDialect.name {
		for _, s := range []*session{l.read, l.vault.read} {
			var said string
			if _, err := s.first(ctx, []any{&said}, "PRAGMA integrity_check(1)"); err != nil {
				return err
			}
			if said != "ok" {
				return errors.New("ledger: the file is damaged: " + said)
			}
		}
	}
	var overlaps int
	if _, err := l.read.first(ctx, []any{&overlaps}, `SELECT count(*) FROM claims a JOIN claims b ON a.agenda = b.agenda
		AND a.session < b.session AND a.chain <> b.chain AND a.starts < b.ends AND b.starts < a.ends`); err != nil {
		return err
	}
	if overlaps > 0 {
		return fmt.Errorf("ledger: %d pairs of claims overlap", overlaps)
	}
	return nil
}
