package simulation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

type webhook struct {
	booking.Webhook
	due        time.Time
	deliveries []booking.Delivery // the newest last
}

func noWebhook() error {
	return &booking.Error{Kind: connectors.NotFound, Code: "webhook_inconnu", Detail: "Ce webhook n'existe pas."}
}

// AddWebhook implements booking.Webhooks.
func (l *Ledger) AddWebhook(_ context.Context, w booking.Webhook) error {
	return l.write(func(t *transaction) error {
		w.Position = l.sequence
		set(t, l.webhooks, w.ID, webhook{Webhook: w})
		return nil
	})
}

func (l *Ledger) hook(partner, id string) (webhook, error) {
	w, ok := l.webhooks[id]
	if !ok || w.Partner != partner {
		return webhook{}, noWebhook()
	}
	return w, nil
}

// Webhook implements booking.Webhooks.
func (l *Ledger) Webhook(_ context.Context, partner, id string) (out booking.Webhook, err error) {
	l.read(func() {
		var w webhook
		w, err = l.hook(partner, id)
		out = w.Webhook
	})
	return out, err
}

// WebhooksOf implements booking.Webhooks.
func (l *Ledger) WebhooksOf(_ context.Context, partner string) (out []booking.Webhook, _ error) {
	l.read(func() {
		for _, w := range l.webhooks {
			if w.Partner == partner {
				out = append(out, w.Webhook)
			}
		}
	})
	slices.SortFunc(out, func(a, b booking.Webhook) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// DeleteWebhook implements booking.Webhooks.
func (l *Ledger) DeleteWebhook(_ context.Context, partner, id string) error {
	return l.write(func(t *transaction) error {
		_, err := l.hook(partner, id)
		if err == nil {
			drop(t, l.webhooks, id)
		}
		return err
	})
}

// Rewind implements booking.Webhooks.
func (l *Ledger) Rewind(_ context.Context, partner, id string, since time.Time) (out booking.Webhook, _ error) {
	err := l.write(func(t *transaction) error {
		w, err := l.hook(partner, id)
		if err != nil {
			return err
		}
		w.Position, w.Attempts, w.Failing, w.Disabled, w.Lease, w.due = l.sequence, 0, time.Time{}, time.Time{}, "", time.Time{}
		for _, e := range l.log {
			if e.Partner == partner && e.shown && !e.At.Before(since) {
				w.Position = e.Position - 1
				break
			}
		}
		set(t, l.webhooks, id, w)
		out = w.Webhook
		return nil
	})
	return out, err
}

// Deliveries implements booking.Webhooks.
func (l *Ledger) Deliveries(_ context.Context, partner, id string, limit int) (out []booking.Delivery, err error) {
	l.read(func() {
		var w webhook
		w, err = l.hook(partner, id)
		out = slices.Clone(w.deliveries)
	})
	slices.Reverse(out)
	return out[:min(limit, len(out))], err
}

// TakeWebhooks implements booking.Webhooks.
func (l *Ledger) TakeWebhooks(_ context.Context, lease time.Duration, limit int) (out []booking.Webhook, _ error) {
	err := l.write(func(t *transaction) error {
		now := l.Now()
		var due []webhook
		for _, w := range l.webhooks {
			news := slices.ContainsFunc(l.log, func(e entry) bool { return e.Partner == w.Partner && e.shown && e.Position > w.Position })
			if w.Disabled.IsZero() && !w.due.After(now) && news {
				due = append(due, w)
			}
		}
		slices.SortFunc(due, func(a, b webhook) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.ID, b.ID)) })
		token := l.token()
		for _, w := range due[:min(limit, len(due))] {
			w.Lease, w.due = token, now.Add(lease)
			set(t, l.webhooks, w.ID, w)
			out = append(out, w.Webhook)
		}
		return nil
	})
	return out, err
}

// Served implements booking.Webhooks.
func (l *Ledger) Served(_ context.Context, w booking.Webhook, d booking.Delivery, due time.Time) error {
	return l.write(func(t *transaction) error {
		have, ok := l.webhooks[w.ID]
		if !ok || have.Lease != w.Lease {
			return &booking.Error{Kind: connectors.Changed, Code: "webhook_modifie", Detail: "Ce webhook est servi par une autre instance, ou a été modifié."}
		}
		have.Position, have.Attempts, have.Failing, have.Disabled, have.due = w.Position, w.Attempts, w.Failing, w.Disabled, due
		have.deliveries = append(slices.Clone(have.deliveries), d)
		set(t, l.webhooks, w.ID, have)
		return nil
	})
}
