package linkcheck

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// interval is the least time between the end of a request to a host and the start of the next.
const interval = time.Second

// host is what must be known of a host name so as not to burden it.
type host struct {
	turn  chan struct{} // of one: held while a request runs. It guards the rest
	asked time.Time     // end of the last request; zero before the first
	busy  bool          // it has answered 429
}

// reply is an answer, as far as it counts here.
type reply struct {
	status   int
	location string
}

// host finds the host of an address, whatever its port.
func (r *run) host(u *url.URL) *host {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hosts[u.Hostname()]
	if h == nil {
		h = &host{turn: make(chan struct{}, 1)}
		r.hosts[u.Hostname()] = h
	}
	return h
}

// request sends one request when its turn has come and the pause is over, which is never shorter than interval. It
// follows no redirection. take, if any, reads the body.
func (r *run) request(q *http.Request, pause time.Duration, take func(*http.Response) error) (reply, error) {
	ctx, h := q.Context(), r.host(q.URL)
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
	if h.busy {
		return reply{}, errBusy
	}
	if wait := h.asked.Add(max(pause, interval)).Sub(r.now()); wait > 0 && !h.asked.IsZero() {
		if err := r.sleep(ctx, wait); err != nil {
			return reply{}, err
		}
	}
	defer func() { h.asked = r.now() }()
	answer, err := r.client.Do(q)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	h.busy = answer.StatusCode == http.StatusTooManyRequests
	if take != nil {
		err = take(answer)
	}
	return reply{answer.StatusCode, answer.Header.Get("Location")}, err
}

// sleep waits, or ends with the context.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
