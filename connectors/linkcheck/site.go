package linkcheck

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"

	"passerelle/connectors"
)

// rules are what the robots.txt of u's scheme, host and port says. It is fetched once in a run, whoever asks.
func (r *run) rules(ctx context.Context, u *url.URL) (robots, error) {
	r.mu.Lock()
	key := u.Scheme + "://" + u.Host
	fetch := r.sites[key]
	if fetch == nil {
		fetch = sync.OnceValues(func() (robots, error) { return r.fetchRobots(ctx, u) })
		r.sites[key] = fetch
	}
	r.mu.Unlock()
	return fetch()
}

// fetchRobots follows RFC 9309 §2.3.1: without a robots.txt everything is allowed; what cannot be had allows nothing,
// and is an error here.
func (r *run) fetchRobots(ctx context.Context, u *url.URL) (robots, error) {
	at := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	for range maxHops + 1 {
		var text []byte
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
		if err != nil {
			return robots{}, err
		}
		answer, err := r.request(q, interval, func(a *http.Response) (err error) {
			if a.StatusCode/100 == 2 {
				text, err = io.ReadAll(io.LimitReader(a.Body, longestRobots+1))
			}
			return err
		})
		switch class := answer.status / 100; {
		case err != nil:
			return robots{}, err
		case class == 2:
			return parseRobots(string(text), Agent), nil
		case class == 4:
			return robots{}, nil
		case !redirects(answer.status):
			return robots{}, connectors.Status(answer.status)
		}
		if at, err = target(at, answer.location); err != nil {
			return robots{}, err
		}
	}
	return robots{}, nil // too many hops are as if there were none (§2.3.1.2)
}
