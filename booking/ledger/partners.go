package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"passerelle/auth"
)

var _ auth.Partners = (*Ledger)(nil)

// Partner implements auth.Partners.
func (l *Ledger) Partner(ctx context.Context, id string) (auth.Partner, error) {
	return partner(ctx, l.read, "", id)
}

// Partners lists them all, by creation.
func (l *Ledger) Partners(ctx context.Context) ([]auth.Partner, error) {
	return partners(ctx, l.read, "ORDER BY created, id")
}

// AddPartner keeps a new partner.
func (l *Ledger) AddPartner(ctx context.Context, p auth.Partner) error {
	secrets, keys, territory, err := kept(p)
	if err != nil {
		return err
	}
	return l.write(ctx, func(s *session) error {
		_, err := s.exec(ctx, "INSERT INTO partners (id, name, scopes, secrets, keys, territory, created, not_before, revoked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			p.ID, p.Name, p.Scopes.String(), secrets, keys, territory, millis(p.CreatedAt), millis(p.NotBefore), millis(p.RevokedAt))
		if err != nil {
			return fmt.Errorf("ledger: keep a partner: %w", err)
		}
		return nil
	})
}

// ChangePartner keeps what change makes of a partner's secrets, keys, territory and NotBefore, in one transaction: of two changes at
// once, the later one sees the earlier. Where change is an error nothing is kept.
func (l *Ledger) ChangePartner(ctx context.Context, id string, change func(*auth.Partner) error) error {
	return l.write(ctx, func(s *session) error {
		p, err := partner(ctx, s, s.forUpdate, id)
		if err != nil {
			return err
		}
		if err := change(&p); err != nil {
			return err
		}
		secrets, keys, territory, err := kept(p)
		if err != nil {
			return err
		}
		return s.put(ctx, nil, "UPDATE partners SET secrets = ?, keys = ?, territory = ?, not_before = ? WHERE id = ?",
			secrets, keys, territory, millis(p.NotBefore), id)
	})
}

// kept is what of a partner is kept as JSON.
func kept(p auth.Partner) (secrets, keys, territory string, err error) {
	s, err1 := json.Marshal(p.SecretHashes)
	k, err2 := json.Marshal(append([]auth.PartnerKey{}, p.Keys...)) // [], never null
	t, err3 := json.Marshal(p.Territory)
	if err := errors.Join(err1, err2, err3); err != nil {
		return "", "", "", fmt.Errorf("ledger: %w", err)
	}
	return string(s), string(k), string(t), nil
}

// RevokePartner ends a partner's tokens and secrets from at on. Revoking twice keeps the first time.
func (l *Ledger) RevokePartner(ctx context.Context, id string, at time.Time) error {
	return l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, "UPDATE partners SET revoked = ? WHERE id = ? AND revoked = 0", millis(at), id)
		if err != nil {
			return fmt.Errorf("ledger: revoke a partner: %w", err)
		}
		if _, err := s.exec(ctx, "UPDATE webhooks SET disabled = ?, lease = '' WHERE partner = ? AND disabled = 0", millis(at), id); err != nil {
			return fmt.Errorf("ledger: revoke a partner: %w", err)
		}
		if n == 0 {
			n, err = s.exec(ctx, "UPDATE partners SET revoked = revoked WHERE id = ?", id)
		}
		if err == nil && n == 0 {
			return auth.ErrUnknownPartner
		}
		return nil
	})
}

func partner(ctx context.Context, s *session, lock, id string) (auth.Partner, error) {
	found, err := partners(ctx, s, "WHERE id = ?"+lock, id)
	if err != nil {
		return auth.Partner{}, err
	}
	if len(found) == 0 {
		return auth.Partner{}, auth.ErrUnknownPartner
	}
	return found[0], nil
}

func partners(ctx context.Context, s *session, where string, args ...any) ([]auth.Partner, error) {
	var out []auth.Partner
	err := s.rows(ctx, func(r rowScanner) error {
		var p auth.Partner
		var scopes, secrets, keys, territory string
		var created, notBefore, revoked int64
		if err := r.Scan(&p.ID, &p.Name, &scopes, &secrets, &keys, &territory, &created, &notBefore, &revoked); err != nil {
			return err
		}
		var err error
		if p.Scopes, err = auth.ParseScopes(scopes); err != nil {
			return fmt.Errorf("partner %s: %w", p.ID, err)
		}
		if territory == "" { // as it was before partners had one
			territory = "{}"
		}
		if err := errors.Join(
			json.Unmarshal([]byte(secrets), &p.SecretHashes), json.Unmarshal([]byte(keys), &p.Keys), json.Unmarshal([]byte(territory), &p.Territory),
		); err != nil {
			return fmt.Errorf("partner %s: %w", p.ID, err)
		}
		p.CreatedAt, p.NotBefore, p.RevokedAt = instant(created), instant(notBefore), instant(revoked)
		out = append(out, p)
		return nil
	}, "SELECT id, name, scopes, secrets, keys, territory, created, not_before, revoked FROM partners "+where, args...)
	return out, err
}
