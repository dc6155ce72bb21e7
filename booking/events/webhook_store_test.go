package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/internal/held"
)

// webhookStore keeps webhooks in memory as the ledger keeps them in SQL.
type webhookStore struct {
	clock   *held.Clock
	idle    func() bool   // whether nothing is served now
	jump    bool          // where nothing is due, the clock goes to what is due next
	quiet   chan struct{} // closed once nothing is due and nothing is served
	stilled bool          // quiet is closed

	mu    sync.Mutex
	rows  []*webhookRow
	log   map[string][]booking.Entry
	taken int
}

type webhookRow struct {
	booking.Webhook
	due        time.Time
	deliveries []booking.Delivery
}

var _ booking.Webhooks = (*webhookStore)(nil)

func newWebhookStore() *webhookStore {
	return &webhookStore{
		clock: held.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)),
		idle:  func() bool { return false },
		quiet: make(chan struct{}),
		log:   make(map[string][]booking.Entry),
	}
}

// write adds an entry to a partner's log.
func (s *webhookStore) write(partner, appointment string, status booking.Status, version int) booking.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.log[partner]
	e := booking.Entry{
		Position: int64(3*len(list) + 7), Partner: partner, Appointment: appointment, // positions are not counted from 1
		Status: status, Version: version, At: s.clock.Now().Add(-time.Minute),
	}
	s.log[partner] = append(list, e)
	return e
}

func (s *webhookStore) AddWebhook(_ context.Context, w booking.Webhook) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, &webhookRow{Webhook: w})
	return nil
}

func (s *webhookStore) find(id string) (*webhookRow, error) {
	for _, r := range s.rows {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, &booking.Error{Kind: connectors.NotFound, Code: "webhook_inconnu"}
}

func (s *webhookStore) Webhook(_ context.Context, partner, id string) (booking.Webhook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil || r.Partner != partner {
		return booking.Webhook{}, &booking.Error{Kind: connectors.NotFound, Code: "webhook_inconnu"}
	}
	return r.Webhook, nil
}

func (s *webhookStore) WebhooksOf(_ context.Context, partner string) (list []booking.Webhook, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rows {
		if r.Partner == partner {
			list = append(list, r.Webhook)
		}
	}
	return list, nil
}

func (s *webhookStore) DeleteWebhook(_ context.Context, partner, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = slices.DeleteFunc(s.rows, func(r *webhookRow) bool { return r.ID == id && r.Partner == partner })
	return nil
}

func (s *webhookStore) Rewind(_ context.Context, _, id string, since time.Time) (booking.Webhook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil {
		return booking.Webhook{}, err
	}
	r.Position, r.Attempts, r.Failing, r.Disabled, r.due, r.Lease = 0, 0, time.Time{}, time.Time{}, time.Time{}, ""
	for _, e := range s.log[r.Partner] {
		if e.At.Before(since) {
			r.Position = e.Position
		}
	}
	return r.Webhook, nil
}

func (s *webhookStore) Deliveries(_ context.Context, _, id string, limit int) ([]booking.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil {
		return nil, err
	}
	list := slices.Clone(r.deliveries)
	slices.Reverse(list)
	return list[:min(limit, len(list))], nil
}

// pending says whether there is something to tell a webhook, due or not.
func (s *webhookStore) pending(r *webhookRow) bool {
	log := s.log[r.Partner]
	return r.Disabled.IsZero() && len(log) > 0 && log[len(log)-1].Position > r.Position
}

func (s *webhookStore) TakeWebhooks(_ context.Context, lease time.Duration, limit int) ([]booking.Webhook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.take(lease, limit)
	if len(list) > 0 || !s.idle() {
		return list, nil
	}
	var next time.Time
	for _, r := range s.rows {
		if s.pending(r) && (next.IsZero() || r.due.Before(next)) {
			next = r.due
		}
	}
	if s.jump && !next.IsZero() {
		s.clock.Set(next)
		return s.take(lease, limit), nil
	}
	if !s.stilled {
		s.stilled = true
		close(s.quiet)
	}
	return nil, nil
}

func (s *webhookStore) take(lease time.Duration, limit int) (list []booking.Webhook) {
	now := s.clock.Now()
	for _, r := range s.rows {
		if len(list) < limit && s.pending(r) && !r.due.After(now) {
			s.taken++
			r.Lease, r.due = fmt.Sprint("lease ", s.taken), now.Add(lease)
			list = append(list, r.Webhook)
		}
	}
	return list
}

// steal gives a webhook to somebody else, as when a lease has ended.
func (s *webhookStore) steal(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, err := s.find(id); err == nil {
		r.Lease = "another's"
	}
}

func (s *webhookStore) Served(ctx context.Context, w booking.Webhook, d booking.Delivery, due time.Time) error {
	if err := ctx.Err(); err != nil {
		return err // as a database would
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(w.ID)
	if err != nil {
		return err
	}
	if r.Lease != w.Lease {
		return &booking.Error{Kind: connectors.Changed, Code: "bail_perdu", Err: errors.New("the lease is another's")}
	}
	r.Position, r.Attempts, r.Failing, r.Disabled, r.due = w.Position, w.Attempts, w.Failing, w.Disabled, due
	r.deliveries = append(r.deliveries, d)
	return nil
}

func (s *webhookStore) Entries(_ context.Context, partner string, after int64, limit int) ([]booking.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.log[partner]
	for len(list) > 0 && list[0].Position <= after {
		list = list[1:]
	}
	return slices.Clone(list[:min(limit, len(list))]), nil
}
