package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"passerelle/auth"
)

var _ auth.Partners = (*Ledger)(nil)

// Partner implements auth.Partners.
func (l *Ledger) Partner(ctx context.Context, id string) (auth.Partner, error) {
	found, err := l.partners(ctx, "WHERE id = ?", id)
	if err != nil {
		return auth.Partner{}, err
	}
	if len(found) == 0 {
		return auth.Partner{}, auth.ErrUnknownPartner
	}
	return found[0], nil
}

// Partners lists them all, by creation.
func (l *Ledger) Partners(ctx context.Context) ([]auth.Partner, error) {
	return l.partners(ctx, "ORDER BY created, id")
}

// AddPartner keeps a new partner.
func (l *Ledger) AddPartner(ctx context.Context, p auth.Partner) error {
	secrets, err := json.Marshal(p.SecretHashes)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return l.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO partners (id, name, scopes, secrets, created, not_before, revoked) VALUES (?, ?, ?, ?, ?, ?, ?)",
			p.ID, p.Name, p.Scopes.String(), string(secrets), millis(p.CreatedAt), millis(p.NotBefore), millis(p.RevokedAt))
		if err != nil {
			return fmt.Errorf("ledger: keep a partner: %w", err)
		}
		return nil
	})
}

// RevokePartner ends a partner's tokens and secrets from at on. Revoking twice keeps the first time.
func (l *Ledger) RevokePartner(ctx context.Context, id string, at time.Time) error {
	return l.write(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, "UPDATE partners SET revoked = CASE revoked WHEN 0 THEN ? ELSE revoked END WHERE id = ?", millis(at), id)
		if err != nil {
			return fmt.Errorf("ledger: revoke a partner: %w", err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return auth.ErrUnknownPartner
		}
		return nil
	})
}

func (l *Ledger) partners(ctx context.Context, where string, args ...any) ([]auth.Partner, error) {
	rows, err := l.reader.QueryContext(ctx, "SELECT id, name, scopes, secrets, created, not_before, revoked FROM partners "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	var out []auth.Partner
	for rows.Next() {
		var p auth.Partner
		var scopes, secrets string
		var created, notBefore, revoked int64
		if err := rows.Scan(&p.ID, &p.Name, &scopes, &secrets, &created, &notBefore, &revoked); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		if p.Scopes, err = auth.ParseScopes(scopes); err != nil {
			return nil, fmt.Errorf("ledger: partner %s: %w", p.ID, err)
		}
		if err := json.Unmarshal([]byte(secrets), &p.SecretHashes); err != nil {
			return nil, fmt.Errorf("ledger: partner %s: %w", p.ID, err)
		}
		p.CreatedAt, p.NotBefore, p.RevokedAt = instant(created), instant(notBefore), instant(revoked)
		out = append(out, p)
	}
	return out, rows.Err()
}
