package ledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"passerelle/auth/signin"
)

var _ signin.Store = (*Ledger)(nil)

// said is what of an account is sealed.
type said struct {
	Issuer  string `json:"issuer,omitempty"`
	Address string `json:"address,omitempty"`
	Name    string `json:"name,omitempty"`
}

// SignIn implements signin.Store.
func (l *Ledger) SignIn(ctx context.Context, in signin.SignIn) (signin.Account, error) {
	hint, err := l.seal.seal("session/"+in.Session, in.Hint)
	if err != nil {
		return signin.Account{}, err
	}
	var a signin.Account
	err = l.write(ctx, func(s *session) error {
		now := l.moment()
		if err := useLink(ctx, s, in.Link, now); err != nil {
			return err
		}
		id, err := l.accountOf(ctx, s, in, now)
		if err != nil {
			return err
		}
		_, err = s.exec(ctx, "INSERT INTO sessions (digest, account, strong, sealed, expires) VALUES (?, ?, ?, ?, ?)",
			in.Session, id, flag(in.Identity.Strong), hint, millis(in.Expires))
		if err != nil {
			return fmt.Errorf("ledger: open a session: %w", err)
		}
		a, err = l.account(ctx, s, id)
		return err
	})
	return a, err
}

// accountOf finds the account of an identity, or makes it, and keeps what is said of it now.
func (l *Ledger) accountOf(ctx context.Context, s *session, in signin.SignIn, now time.Time) (string, error) {
	fresh := make([]byte, 16)
	if _, err := io.ReadFull(l.rand, fresh); err != nil {
		return "", fmt.Errorf("ledger: %w", err)
	}
	// Of two that come first at once, one makes the account and the other finds it.
	if _, err := s.exec(ctx, "INSERT INTO accounts (id, identity, sealed, operator, created, seen) VALUES (?, ?, ?, 0, ?, ?) ON CONFLICT (identity) DO NOTHING",
		hex.EncodeToString(fresh), in.Key, []byte{}, millis(now), millis(now)); err != nil {
		return "", fmt.Errorf("ledger: keep an account: %w", err)
	}
	var id string
	if found, err := s.first(ctx, []any{&id}, "SELECT id FROM accounts WHERE identity = ?"+s.forUpdate, in.Key); err != nil || !found {
		return "", fmt.Errorf("ledger: an account that was just kept: %t, %w", found, err)
	}
	sealed, err := l.seal.seal("account/"+id, said{in.Identity.Issuer, in.Identity.Address, in.Identity.Name})
	if err != nil {
		return "", err
	}
	if _, err := s.exec(ctx, "UPDATE accounts SET sealed = ?, seen = ? WHERE id = ?", sealed, millis(now), id); err != nil {
		return "", fmt.Errorf("ledger: keep an account: %w", err)
	}
	return id, nil
}

// Session implements signin.Store.
func (l *Ledger) Session(ctx context.Context, digest string) (signin.Session, error) {
	return l.sessionOf(ctx, l.read, digest)
}

func (l *Ledger) sessionOf(ctx context.Context, s *session, digest string) (signin.Session, error) {
	var account string
	var strong, expires int64
	var sealed []byte
	found, err := s.first(ctx, []any{&account, &strong, &sealed, &expires},
		"SELECT account, strong, sealed, expires FROM sessions WHERE digest = ? AND expires > ?", digest, millis(l.moment()))
	switch {
	case err != nil:
		return signin.Session{}, err
	case !found:
		return signin.Session{}, signin.ErrUnknown
	}
	out := signin.Session{Strong: strong != 0, Expires: instant(expires)}
	if err := l.seal.open("session/"+digest, sealed, &out.Hint); err != nil {
		return signin.Session{}, err
	}
	out.Account, err = l.account(ctx, s, account)
	return out, err
}

// SignOut implements signin.Store.
func (l *Ledger) SignOut(ctx context.Context, digest string) (signin.Session, error) {
	var out signin.Session
	err := l.write(ctx, func(s *session) error {
		var err error
		if out, err = l.sessionOf(ctx, s, digest); err != nil {
			return err
		}
		if _, err = s.exec(ctx, "DELETE FROM sessions WHERE digest = ?", digest); err != nil {
			return fmt.Errorf("ledger: end a session: %w", err)
		}
		return nil
	})
	return out, err
}

// Account implements signin.Store.
func (l *Ledger) Account(ctx context.Context, id string) (signin.Account, error) {
	return l.account(ctx, l.read, id)
}

// account reads one; signin.ErrUnknown where there is none.
func (l *Ledger) account(ctx context.Context, s *session, id string) (signin.Account, error) {
	found, err := l.accounts(ctx, s, "WHERE id = ?", id)
	if err != nil {
		return signin.Account{}, err
	}
	if len(found) == 0 {
		return signin.Account{}, signin.ErrUnknown
	}
	return found[0], nil
}

// Accounts lists all of them, by creation.
func (l *Ledger) Accounts(ctx context.Context) ([]signin.Account, error) {
	return l.accounts(ctx, l.read, "ORDER BY created, id")
}

func (l *Ledger) accounts(ctx context.Context, s *session, where string, args ...any) ([]signin.Account, error) {
	var out []signin.Account
	err := s.rows(ctx, func(r rowScanner) error {
		var a signin.Account
		var sealed []byte
		var operator, created, seen int64
		if err := r.Scan(&a.ID, &sealed, &operator, &created, &seen); err != nil {
			return err
		}
		var of said
		if err := l.seal.open("account/"+a.ID, sealed, &of); err != nil {
			return err
		}
		a.Issuer, a.Address, a.Name = of.Issuer, of.Address, of.Name
		a.Operator, a.Created, a.Seen = operator != 0, instant(created), instant(seen)
		out = append(out, a)
		return nil
	}, "SELECT id, sealed, operator, created, seen FROM accounts "+where, args...)
	for i := range out {
		if err == nil {
			out[i].Places, err = placesOf(ctx, s, out[i].ID)
		}
	}
	return out, err
}

func placesOf(ctx context.Context, s *session, account string) (places []string, err error) {
	err = s.rows(ctx, func(r rowScanner) error {
		var place string
		err := r.Scan(&place)
		places = append(places, place)
		return err
	}, "SELECT place FROM answers_for WHERE account = ? ORDER BY place", account)
	return places, err
}
