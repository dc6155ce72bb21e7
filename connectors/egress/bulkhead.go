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

// take takes a place, if there is one in time.
func (p places) take(ctx context.Context) error {
	select {
	case p <- struct{}{}:
		return nil
	default:
	}
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
	next    http.RoundTripper
	servers *servers
	options Options
}

func (b *bulkheads) RoundTrip(r *http.Request) (*http.Response, error) {
	p, ctx := b.servers.of(r.URL).places, r.Context()
	if isRead(r) && b.options.Urgent(ctx).IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.options.waitFor)
		defer cancel()
	}
	if err := p.take(ctx); err != nil {
		closeBody(r)
		if r.Context().Err() != nil {
			return nil, r.Context().Err()
		}
		return nil, &Spared{Host: r.URL.Hostname(), Reason: "ce serveur a déjà assez de requêtes de la passerelle à la fois"}
	}
	response, err := b.next.RoundTrip(r)
	if err != nil {
		p.leave()
		return nil, err
	}
	whenRead(response, func(error) { p.leave() })
	return response, nil
}
