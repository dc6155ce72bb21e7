package events

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

const (
	webhookLease   = time.Minute      // more than an attempt and its entry in the ledger take
	webhookBatch   = 100              // entries told before the next webhook in line has its turn
	webhookTimeout = 15 * time.Second // of an attempt; the standard asks for 15 to 30
	webhookPoll    = time.Second
	webhooksAtOnce = 64
	reportWithin   = 5 * time.Second // what the ledger has to keep an attempt, also while the program stops
)

// DispatcherOptions are the parts of a Dispatcher. All are needed but those with a default.
type DispatcherOptions struct {
	Webhooks booking.Webhooks
	Client   *http.Client // of package egress; it is copied, and the copy follows no redirection
	Logger   *slog.Logger
	Now      func() time.Time
	Random   io.Reader     // for the jitter; it need not be safe for concurrent use
	Every    time.Duration // between two looks at what is due; default 1 second
	Timeout  time.Duration // of an attempt, the end of its answer included; default 15 seconds
	AtOnce   int           // webhooks served at the same time; default 64
}

// Dispatcher tells partners what is new in their logs: it takes the webhooks that have something to be told, and sends
// each its entries, in order, one at a time. Every webhook has a goroutine of its own while it is served, so that one
// that hangs delays no other; those that were failing when they were taken fill at most half of the places, so that
// many that hang do not either. A message may come twice: what was sent and not kept is sent again.
//
// Its breaker needs no state of its own: see settle.
type Dispatcher struct {
	DispatcherOptions
	client  http.Client
	places  chan struct{} // one element for each webhook that is served now
	failing chan struct{} // likewise, of those that were failing when they were taken
	wake    chan struct{}

	drawing sync.Mutex // around Random
}

// NewDispatcher checks the parts and fills in the defaults.
func NewDispatcher(o DispatcherOptions) (*Dispatcher, error) {
	if o.Webhooks == nil || o.Client == nil || o.Logger == nil || o.Now == nil || o.Random == nil {
		return nil, errors.New("events: a part of the dispatcher is missing")
	}
	if o.Every <= 0 {
		o.Every = webhookPoll
	}
	if o.Timeout <= 0 {
		o.Timeout = webhookTimeout
	}
	if o.AtOnce <= 0 {
		o.AtOnce = webhooksAtOnce
	}
	d := &Dispatcher{
		DispatcherOptions: o,
		client:            *o.Client,
		places:            make(chan struct{}, o.AtOnce),
		failing:           make(chan struct{}, max(o.AtOnce/2, 1)),
		wake:              make(chan struct{}, 1),
	}
	d.client.Timeout = o.Timeout
	d.client.Jar = nil
	d.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return d, nil
}

// Wake says that there may be something new: it need not wait for the next look. It never blocks.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default: // somebody said so already
	}
}

// Run serves webhooks until the context ends, and returns when nothing of it runs any more. What is under way then is
// broken off and not held against its receiver: it is sent again, with the same id, once its lease is over.
func (d *Dispatcher) Run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	tick := time.NewTicker(d.Every)
	defer tick.Stop()
	for {
		d.take(ctx, &work)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-d.wake:
		}
	}
}

// take starts what is due while there is a place. Only Run's goroutine fills places, so none of them blocks it.
func (d *Dispatcher) take(ctx context.Context, work *sync.WaitGroup) {
	for ctx.Err() == nil {
		free := cap(d.places) - len(d.places)
		if free == 0 {
			return
		}
		list, err := d.Webhooks.TakeWebhooks(ctx, webhookLease, free)
		if err != nil {
			if ctx.Err() == nil {
				d.Logger.Error("the webhooks that are due were not read", "err", err)
			}
			return
		}
		for _, w := range list {
			d.start(ctx, work, w)
		}
		if len(list) < free {
			return
		}
	}
}

// start serves a webhook in a goroutine. A failing one that finds no place is left: its lease ends by itself, and it
// is taken again.
func (d *Dispatcher) start(ctx context.Context, work *sync.WaitGroup, w booking.Webhook) {
	failing := !w.Failing.IsZero()
	if failing {
		select {
		case d.failing <- struct{}{}:
		default:
			return
		}
	}
	d.places <- struct{}{}
	work.Go(func() {
		d.serve(ctx, w)
		if failing {
			<-d.failing
		}
		<-d.places
		d.Wake() // for whoever waited for the place, and for what is left of this webhook's log
	})
}

// serve tells a webhook a batch of its log, until an entry has to wait. Each attempt is kept before the next is made,
// and renews the lease; the last lets it go.
func (d *Dispatcher) serve(ctx context.Context, w booking.Webhook) {
	entries, err := d.Webhooks.Entries(ctx, w.Partner, w.Position, webhookBatch)
	if err != nil {
		if ctx.Err() == nil {
			d.Logger.Error("the log of a webhook was not read", "webhook", w.ID, "err", err)
		}
		return
	}
	for i, e := range entries {
		start := d.Now()
		v := d.send(ctx, w, e, start)
		if !v.accepted && ctx.Err() != nil {
			return // it was broken off, maybe by us
		}
		now := d.Now()
		next, outcome, wait := settle(w, e.Position, v, now, d.jitter())
		more := next.Position == e.Position && i < len(entries)-1
		if more {
			wait = webhookLease
		}
		delivery := booking.Delivery{Position: e.Position, At: start, Status: v.status, Outcome: outcome, Took: now.Sub(start)}
		if !d.keep(ctx, next, delivery, now.Add(wait)) || !more {
			return
		}
		w = next
	}
}

// keep reports whether the webhook is still ours after an attempt.
func (d *Dispatcher) keep(ctx context.Context, w booking.Webhook, made booking.Delivery, due time.Time) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportWithin) // it was made, whatever ends now
	defer cancel()
	err := d.Webhooks.Served(ctx, w, made, due)
	switch {
	case err == nil:
	case connectors.KindOf(err) == connectors.Changed, connectors.KindOf(err) == connectors.NotFound:
		d.Logger.Info("a webhook was taken over, or deleted, while it was served", "webhook", w.ID)
		return false
	default:
		d.Logger.Error("an attempt at a webhook was not kept; it is made again", "webhook", w.ID, "err", err)
		return false
	}
	if !w.Disabled.IsZero() {
		d.Logger.Warn("a webhook is not served any more", "webhook", w.ID, "partner", w.Partner, "status", made.Status, "failing", w.Failing)
	} else if made.Outcome == outcomeGivenUp {
		d.Logger.Warn("an entry was given up", "webhook", w.ID, "partner", w.Partner, "position", made.Position, "status", made.Status)
	}
	return true
}

// jitter is from 0 to 1. Without randomness it is 0: all waits are then as the table has them.
func (d *Dispatcher) jitter() float64 {
	d.drawing.Lock()
	defer d.drawing.Unlock()
	var b [4]byte
	if _, err := io.ReadFull(d.Random, b[:]); err != nil {
		return 0
	}
	return float64(binary.BigEndian.Uint32(b[:])) / (1 << 32)
}
