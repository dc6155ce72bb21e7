package egress

import (
	"errors"
	"maps"
	"net/http"
)

// transport is the outermost part: it applies the policy to each request, a hop of a redirection like any other.
type transport struct {
	policy  *policy
	next    layer
	wire    *wire
	servers *servers
	agent   []string // User-Agent
}

// RoundTrip sends r where the policy allows and returns an answer whose body is decompressed and limited.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	c := call{start: t.wire.options.Now()}
	target, err := t.policy.target(r.URL)
	if err != nil {
		closeBody(r)
		t.wire.logFailure(r, c.start, err)
		return nil, err
	}
	c.to, c.host = t.servers.of(target, c.start), target.Hostname()
	c.inflate = r.Method != http.MethodHead && r.Header.Get("Accept-Encoding") == "" && r.Header.Get("Range") == ""
	c.Request = r.WithContext(r.Context())
	c.URL, c.Host = target, "" // so that Host says where the request really goes
	c.Header = make(http.Header, len(r.Header)+2)
	maps.Copy(c.Header, r.Header) // the values stay the caller's: they are replaced, never written to
	c.Header["User-Agent"] = t.agent
	if c.inflate {
		c.Header.Set("Accept-Encoding", "gzip")
	}
	response, err := t.next.send(c)
	if err != nil {
		if _, spared := errors.AsType[*Spared](err); spared {
			t.wire.logFailure(c.Request, c.start, err)
		}
		return nil, err
	}
	response.Request = r
	return response, nil
}

// CloseIdleConnections makes http.Client.CloseIdleConnections work.
func (t *transport) CloseIdleConnections() { t.wire.base.CloseIdleConnections() }
