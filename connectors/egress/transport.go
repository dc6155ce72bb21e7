package egress

import (
	"errors"
	"net/http"
)

// transport is the outermost layer: it applies the policy to each request, a hop of a redirection like any other.
type transport struct {
	policy  *policy
	next    http.RoundTripper
	wire    *wire
	servers *servers
}

// RoundTrip sends r where the policy allows and returns an answer whose body is decompressed and limited.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	start := t.wire.options.Now()
	target, err := t.policy.target(r.URL)
	if err != nil {
		closeBody(r)
		t.wire.logFailure(r, start, err)
		return nil, err
	}
	out := r.Clone(r.Context())
	out.URL, out.Host = target, "" // so that Host says where the request really goes
	response, err := t.next.RoundTrip(out)
	if err != nil {
		if _, spared := errors.AsType[*Spared](err); spared {
			t.wire.logFailure(out, start, err)
		}
		return nil, err
	}
	response.Request = r
	return response, nil
}

// CloseIdleConnections makes http.Client.CloseIdleConnections work.
func (t *transport) CloseIdleConnections() { t.wire.base.CloseIdleConnections() }
