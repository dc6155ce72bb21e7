package ledger

import (
	"context"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// hook is what is sealed of a webhook: its address may hold a secret too.
type hook struct {
	URL          string
	Secret, Seed []byte
}

// AddWebhook implements booking.Webhooks. A new one is told of what happens from now on.
func (l *Ledger) AddWebhook(ctx context.Context, w booking.Webhook) error {
	sealed, err := l.seal.seal("webhook/"+w.ID, hook{w.URL, w.Secret, w.Seed})
	if err != nil {
		return err
	}
	if err := l.sequence(ctx); err != nil {
		return err
	}
	return l.write(ctx, func(s *session) error {
		last, err := lastPosition(ctx, s, w.Partner)
		if err != nil {
			return err
		}
		_, err = s.exec(ctx, `INSERT INTO webhooks (id, partner, sealed, created, position, attempts, failing, due, lease, disabled)
			VALUES (?, ?, ?, ?, ?, 0, 0, 0, '', 0)`,
			w.ID, w.Partner, sealed, millis(w.Created), last)
		if err != nil {
			return fmt.Errorf("ledger: keep a webhook: %w", err)
		}
		return nil
	})
}

func (l *Ledger) selectWebhooks(ctx context.Context, s *session, where string, args ...any) ([]booking.Webhook, error) {
	var out []booking.Webhook
	err := s.rows(ctx, func(r rowScanner) error {
		var w booking.Webhook
		var sealed []byte
		var created, failing, disabled int64
		if err := r.Scan(&w.ID, &w.Partner, &sealed, &created, &w.Position, &w.Attempts, &failing, &disabled); err != nil {
			return err
		}
		var h hook
		if err := l.seal.open("webhook/"+w.ID, sealed, &h); err != nil {
			return err
		}
		w.URL, w.Secret, w.Seed = h.URL, h.Secret, h.Seed
		w.Created, w.Failing, w.Disabled = instant(created), instant(failing), instant(disabled)
		out = append(out, w)
		return nil
	}, "SELECT w.id, w.partner, w.sealed, w.created, w.position, w.attempts, w.failing, w.disabled FROM webhooks w "+where, args...)
	return out, err
}

// Webhook implements booking.Webhooks.
func (l *Ledger) Webhook(ctx context.Context, partner, id string) (booking.Webhook, error) {
	found, err := l.selectWebhooks(ctx, l.read, "WHERE w.id = ? AND w.partner = ?", id, partner)
	if err != nil {
		return booking.Webhook{}, err
	}
	if len(found) == 0 {
		return booking.Webhook{}, noWebhook()
	}
	return found[0], nil
}

func noWebhook() error {
	return &booking.Error{Kind: connectors.NotFound, Code: "webhook_inconnu", Detail: "Ce webhook n'existe pas."}
}

// WebhooksOf implements booking.Webhooks.
func (l *Ledger) WebhooksOf(ctx context.Context, partner string) ([]booking.Webhook, error) {
	return l.selectWebhooks(ctx, l.read, "WHERE w.partner = ? ORDER BY w.created, w.id", partner)
}

// DeleteWebhook implements booking.Webhooks.
func (l *Ledger) DeleteWebhook(ctx context.Context, partner, id string) error {
	return l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, "DELETE FROM webhooks WHERE id = ? AND partner = ?", id, partner)
		if err != nil {
			return fmt.Errorf("ledger: drop a webhook: %w", err)
		}
		if n == 0 {
			return noWebhook()
		}
		if _, err := s.exec(ctx, "DELETE FROM deliveries WHERE webhook = ?", id); err != nil {
			return fmt.Errorf("ledger: drop a webhook: %w", err)
		}
		return nil
	})
}

// Rewind implements booking.Webhooks. It takes the lease away from whoever serves the webhook now: what that one reports
// would set the position forward again.
func (l *Ledger) Rewind(ctx context.Context, partner, id string, since time.Time) (booking.Webhook, error) {
	if err := l.sequence(ctx); err != nil {
		return booking.Webhook{}, err
	}
	err := l.write(ctx, func(s *session) error {
		var position int64
		last, err := lastPosition(ctx, s, partner)
		if err != nil {
			return err
		}
		if _, err := s.first(ctx, []any{&position}, "SELECT coalesce(min(position) - 1, ?) FROM log WHERE partner = ? AND shown = 1 AND at >= ?",
			last, partner, millis(since)); err != nil {
			return err
		}
		n, err := s.exec(ctx, `UPDATE webhooks SET position = ?, attempts = 0, failing = 0, disabled = 0, due = 0, lease = ''
			WHERE id = ? AND partner = ?`, position, id, partner)
		if err != nil {
			return fmt.Errorf("ledger: rewind: %w", err)
		}
		if n == 0 {
			return noWebhook()
		}
		return nil
	})
	if err != nil {
		return booking.Webhook{}, err
	}
	return l.Webhook(ctx, partner, id)
}

// Deliveries implements booking.Webhooks.
func (l *Ledger) Deliveries(ctx context.Context, partner, id string, limit int) ([]booking.Delivery, error) {
	if _, err := l.Webhook(ctx, partner, id); err != nil {
		return nil, err
	}
	var out []booking.Delivery
	err := l.read.rows(ctx, func(r rowScanner) error {
		var d booking.Delivery
		var at, took int64
		if err := r.Scan(&d.Position, &at, &d.Status, &d.Outcome, &took); err != nil {
			return err
		}
		d.At, d.Took = instant(at), time.Duration(took)*time.Millisecond
		out = append(out, d)
		return nil
	}, "SELECT position, at, status, outcome, took FROM deliveries WHERE webhook = ? ORDER BY id DESC LIMIT ?", id, limit)
	return out, err
}

// TakeWebhooks implements booking.Webhooks.
func (l *Ledger) TakeWebhooks(ctx context.Context, lease time.Duration, limit int) ([]booking.Webhook, error) {
	if err := l.sequence(ctx); err != nil {
		return nil, err
	}
	token, err := l.token()
	if err != nil {
		return nil, err
	}
	var out []booking.Webhook
	err = l.write(ctx, func(s *session) error {
		now := l.now()
		var err error
		out, err = l.selectWebhooks(ctx, s, `WHERE w.disabled = 0 AND w.due <= ? AND EXISTS
			(SELECT 1 FROM log e WHERE e.partner = w.partner AND e.shown = 1 AND e.position > w.position) ORDER BY w.due LIMIT ?`+s.skipLocked,
			millis(now), limit)
		if err != nil || len(out) == 0 {
			return err
		}
		ids := make([]string, len(out))
		for i := range out {
			out[i].Lease, ids[i] = token, out[i].ID
		}
		these, args := in(ids)
		if _, err := s.exec(ctx, "UPDATE webhooks SET lease = ?, due = ? WHERE id IN "+these, append([]any{token, millis(now.Add(lease))}, args...)...); err != nil {
			return fmt.Errorf("ledger: lease: %w", err)
		}
		return nil
	})
	return out, err
}

// Served implements booking.Webhooks.
func (l *Ledger) Served(ctx context.Context, w booking.Webhook, d booking.Delivery, due time.Time) error {
	return l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, `UPDATE webhooks SET position = ?, attempts = ?, failing = ?, disabled = ?, due = ? WHERE id = ? AND lease = ?`,
			w.Position, w.Attempts, millis(w.Failing), millis(w.Disabled), millis(due), w.ID, w.Lease)
		if err != nil {
			return fmt.Errorf("ledger: keep a delivery: %w", err)
		}
		if n == 0 {
			return &booking.Error{Kind: connectors.Changed, Code: "webhook_modifie", Detail: "Ce webhook est servi par une autre instance, ou a été modifié."}
		}
		if _, err := s.exec(ctx, "INSERT INTO deliveries (webhook, position, at, status, outcome, took) VALUES (?, ?, ?, ?, ?, ?)",
			w.ID, d.Position, millis(d.At), d.Status, d.Outcome, d.Took.Milliseconds()); err != nil {
			return fmt.Errorf("ledger: keep a delivery: %w", err)
		}
		return nil
	})
}
