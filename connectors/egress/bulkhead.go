package egress

import (
	"context"
	"net/http"
	"time"
)

// waitFor is how long a read that can wait does so for a place. What somebody waits for, and a write, wait as long as
// their own time lets them: held back they would be lost, or in doubt.
const waitFor = 2 * time.Second

// places are the requests that a server gets at the same time: one element for each that is under way.
type places chan struct{}

// taken takes a place, if there is one now.
func (p places) taken() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

// take takes a place, if there is one in time.
func (p places) take(ctx context.Context) error {
	select {
	case p <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p places) leave() { <-p }

// bulkheads keep a server that is slow from taking more of us than its share. A request has its place until its answer
// is read to the end, or closed.
type bulkheads struct {
	next    layer
	options Options
}

func (b *bulkheads) send(c call) (*http.Response, error) {
	p := c.to.places
	if !p.taken() {
		if err := b.wait(c); err != nil {
			closeBody(c.Request)
			return nil, err
		}
		c.start = b.options.Now() // what was waited for is not the server's
	}
	response, err := b.next.send(c)
	if err != nil {
		p.leave()
		return nil, err
	}
	whenRead(response, func(error) { p.leave() })
	return response, nil
}

// wait waits for a place as long as the request may.
func (b *bulkheads) wait(c call) error {
	ctx := c.Context()
	if isRead(c.Request) && b.options.Urgent(ctx).IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.options.waitFor)
		defer cancel()
	}
	err := c.to.places.take(ctx)
	switch {
	case err == nil:
		return nil
	case c.Context().Err() != nil:
		return c.Context().Err()
	}
	return &Spared{Host: c.host, Reason: "ce serveur a déjà assez de requêtes de la passerelle à la fois"}
}
