package ledger

import (
	"context"
	"fmt"
)

// Rewrap seals with the current master key all that a previous one has sealed, so that the previous one may be forgotten.
// What each data key has sealed stays as it is.
func (l *Ledger) Rewrap(ctx context.Context) error {
	for after := ""; ; {
		last, n, err := l.vault.rewrap(ctx, after, 500)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		after = last
	}
	return l.write(ctx, func(s *session) error {
		for _, t := range []struct{ table, id, row string }{
			{"proof", "'proof'", ""},
			{"connections", "agenda", "connection/"},
			{"webhooks", "id", "webhook/"},
			{"grants", "agenda", "grant/"},
			{"secrets", "name", "secret/"},
			{"accounts", "id", "account/"},
			{"sessions", "digest", "session/"},
			{"links", "digest", "link/"},
			{"approvals", "digest", "approval/"},
			{"evenings", "place", "evening/"},
		} {
			if err := l.sealRows(ctx, s, t.table, t.id, t.row); err != nil {
				return err
			}
		}
		return nil
	})
}

// sealRows seals the rows of a table anew; each is bound to its own name.
func (l *Ledger) sealRows(ctx context.Context, s *session, table, id, row string) error {
	old := make(map[string][]byte)
	err := s.rows(ctx, func(r rowScanner) error {
		var name string
		var sealed []byte
		err := r.Scan(&name, &sealed)
		old[name] = sealed
		return err
	}, "SELECT "+id+", sealed FROM "+table)
	if err != nil {
		return err
	}
	for name, sealed := range old {
		if l.seal.current(row+name, sealed) {
			continue
		}
		if sealed, err = l.seal.again(row+name, sealed); err != nil {
			return err
		}
		if _, err := s.exec(ctx, "UPDATE "+table+" SET sealed = ? WHERE "+id+" = ?", sealed, name); err != nil {
			return fmt.Errorf("ledger: seal anew: %w", err)
		}
	}
	return nil
}
