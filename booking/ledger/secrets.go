package ledger

import (
	"context"
	"fmt"
	"io"
)

// Secret gives the 32 random bytes that go by a name; they are made when they are first asked for. It is for digests that
// are compared for as long as they are kept: a key derived from the master secret would change with it.
func (l *Ledger) Secret(ctx context.Context, name string) ([]byte, error) {
	var secret []byte
	err := l.write(ctx, func(s *session) error {
		if err := s.alone(ctx, s); err != nil {
			return err
		}
		var sealed []byte
		found, err := s.first(ctx, []any{&sealed}, "SELECT sealed FROM secrets WHERE name = ?", name)
		if err != nil {
			return err
		}
		if found {
			return l.seal.open("secret/"+name, sealed, &secret)
		}
		secret = make([]byte, 32)
		if _, err := io.ReadFull(l.rand, secret); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		if sealed, err = l.seal.seal("secret/"+name, secret); err != nil {
			return err
		}
		if _, err := s.exec(ctx, "INSERT INTO secrets (name, sealed) VALUES (?, ?)", name, sealed); err != nil {
			return fmt.Errorf("ledger: keep a secret: %w", err)
		}
		return nil
	})
	return secret, err
}
