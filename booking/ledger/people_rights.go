package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
)

// SetOperator says whether an account runs the gateway; signin.ErrUnknown where there is no such account.
func (l *Ledger) SetOperator(ctx context.Context, id string, is bool) error {
	return l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, "UPDATE accounts SET operator = ? WHERE id = ?", flag(is), id)
		if err := oneRow(n, err); err != nil {
			return err
		}
		what := "account runs the gateway"
		if !is {
			what = "account runs the gateway no more"
		}
		return audit(ctx, s, id, string(booking.TheOperator), what, "", l.moment())
	})
}

// AnswerFor implements signin.Store.
func (l *Ledger) AnswerFor(ctx context.Context, a signin.Answering) error {
	return l.write(ctx, func(s *session) error {
		now := l.moment()
		if err := useLink(ctx, s, a.Link, now); err != nil {
			return err
		}
		if _, err := l.account(ctx, s, a.Account); err != nil {
			return err
		}
		n, err := s.exec(ctx, "INSERT INTO answers_for (account, place, since) VALUES (?, ?, ?) ON CONFLICT (account, place) DO NOTHING", a.Account, a.Place, millis(now))
		if err != nil {
			return fmt.Errorf("ledger: give an account a place: %w", err)
		}
		if n == 0 {
			return nil
		}
		return audit(ctx, s, a.Account, a.By, "account answers for "+a.Place, "", now)
	})
}

// AnswerForNoMore takes a place away from an account; signin.ErrUnknown where it does not answer for it.
func (l *Ledger) AnswerForNoMore(ctx context.Context, id, place string) error {
	return l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, "DELETE FROM answers_for WHERE account = ? AND place = ?", id, place)
		if err := oneRow(n, err); err != nil {
			return err
		}
		return audit(ctx, s, id, string(booking.TheOperator), "account answers no more for "+place, "", l.moment())
	})
}

// EraseAccount forgets an account, with its sessions and its places; signin.ErrUnknown where there is none.
func (l *Ledger) EraseAccount(ctx context.Context, id string) error {
	return l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, "DELETE FROM accounts WHERE id = ?", id)
		if err := oneRow(n, err); err != nil {
			return err
		}
		return audit(ctx, s, id, string(booking.TheOperator), "account erased", "", l.moment())
	})
}

// oneRow is what a change says that had to find its row.
func oneRow(n int64, err error) error {
	if err != nil {
		return fmt.Errorf("ledger: people: %w", err)
	}
	if n == 0 {
		return signin.ErrUnknown
	}
	return nil
}

// Approve keeps that the operator approves an address, or a domain; twice is no error.
func (l *Ledger) Approve(ctx context.Context, digest, what string) error {
	sealed, err := l.seal.seal("approval/"+digest, what)
	if err != nil {
		return err
	}
	return l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, "INSERT INTO approvals (digest, sealed, created) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING", digest, sealed, millis(l.moment()))
		if err != nil {
			return fmt.Errorf("ledger: approve: %w", err)
		}
		if n == 0 {
			return nil
		}
		return audit(ctx, s, digest, string(booking.TheOperator), "approved", "", l.moment())
	})
}

// Disapprove takes an approval back; signin.ErrUnknown where there is none.
func (l *Ledger) Disapprove(ctx context.Context, digest string) error {
	return l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, "DELETE FROM approvals WHERE digest = ?", digest)
		if err := oneRow(n, err); err != nil {
			return err
		}
		return audit(ctx, s, digest, string(booking.TheOperator), "approved no more", "", l.moment())
	})
}

// Approved implements signin.Store.
func (l *Ledger) Approved(ctx context.Context, digests ...string) (bool, error) {
	var one int
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(digests)), ", ")
	args := make([]any, len(digests))
	for i, d := range digests {
		args[i] = d
	}
	return l.read.first(ctx, []any{&one}, "SELECT 1 FROM approvals WHERE digest IN ("+marks+")", args...) // #nosec G202 -- question marks
}

// Approvals lists the addresses and domains that are approved, by their text.
func (l *Ledger) Approvals(ctx context.Context) ([]string, error) {
	var out []string
	err := l.read.rows(ctx, func(r rowScanner) error {
		var digest, what string
		var sealed []byte
		if err := r.Scan(&digest, &sealed); err != nil {
			return err
		}
		err := l.seal.open("approval/"+digest, sealed, &what)
		out = append(out, what)
		return err
	}, "SELECT digest, sealed FROM approvals")
	slices.Sort(out)
	return out, err
}

// KeepLink implements signin.Store.
func (l *Ledger) KeepLink(ctx context.Context, digest string, link signin.Link) error {
	sealed, err := l.seal.seal("link/"+digest, link)
	if err != nil {
		return err
	}
	return l.write(ctx, func(s *session) error {
		_, err := s.exec(ctx, "INSERT INTO links (digest, sealed, expires) VALUES (?, ?, ?)", digest, sealed, millis(link.Expires))
		if err != nil {
			return fmt.Errorf("ledger: keep a link: %w", err)
		}
		return nil
	})
}

// Link implements signin.Store.
func (l *Ledger) Link(ctx context.Context, digest string) (signin.Link, error) {
	return l.link(ctx, l.read, digest)
}

// useLink uses a link up; signin.ErrUnknown where that has been done, or its time is over. An empty digest is none.
func useLink(ctx context.Context, s *session, digest string, now time.Time) error {
	if digest == "" {
		return nil
	}
	n, err := s.exec(ctx, "DELETE FROM links WHERE digest = ? AND expires > ?", digest, millis(now))
	return oneRow(n, err)
}

func (l *Ledger) link(ctx context.Context, s *session, digest string) (signin.Link, error) {
	var sealed []byte
	var out signin.Link
	found, err := s.first(ctx, []any{&sealed}, "SELECT sealed FROM links WHERE digest = ? AND expires > ?", digest, millis(l.moment()))
	switch {
	case err != nil:
		return out, err
	case !found:
		return out, signin.ErrUnknown
	}
	err = l.seal.open("link/"+digest, sealed, &out)
	return out, err
}
