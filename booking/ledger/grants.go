package ledger

import (
	"context"
	"fmt"
)

// Grant is what a structure's consent has given for an agenda; nil when there is none.
func (l *Ledger) Grant(ctx context.Context, agenda string) ([]byte, error) {
	var sealed []byte
	found, err := l.read.first(ctx, []any{&sealed}, "SELECT sealed FROM grants WHERE agenda = ?", agenda)
	if err != nil || !found {
		return nil, err
	}
	var grant []byte
	err = l.seal.open("grant/"+agenda, sealed, &grant)
	return grant, err
}

// PutGrant keeps it, instead of what there was.
func (l *Ledger) PutGrant(ctx context.Context, agenda string, grant []byte) error {
	sealed, err := l.seal.seal("grant/"+agenda, grant)
	if err != nil {
		return err
	}
	return l.write(ctx, func(s *session) error {
		_, err := s.exec(ctx, "INSERT INTO grants (agenda, sealed) VALUES (?, ?) ON CONFLICT (agenda) DO UPDATE SET sealed = excluded.sealed", agenda, sealed)
		if err != nil {
			return fmt.Errorf("ledger: keep a grant: %w", err)
		}
		return nil
	})
}
