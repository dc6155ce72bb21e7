package egress

import (
	"context"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// wire is the innermost layer: it sends, and limits what comes back.
type wire struct {
	policy  *policy
	options Options
	base    *http.Transport
}

func (w *wire) send(c call) (*http.Response, error) {
	response, err := w.base.RoundTrip(c.Request)
	if err != nil {
		w.logFailure(c.Request, c.start, err)
		return nil, err
	}
	if err := w.limit(response, c); err != nil {
		_ = response.Body.Close()
		w.logFailure(c.Request, c.start, err)
		return nil, err
	}
	return response, nil
}

// dial connects to an address of host that the policy allows.
func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	judge := func(_ context.Context, network, address string, _ syscall.RawConn) error {
		return w.policy.connection(host, network, address)
	}
	d := net.Dialer{Timeout: dialTimeout, Resolver: w.options.resolver, ControlContext: w.options.control(judge)}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if err := w.policy.connected(host, conn.LocalAddr(), conn.RemoteAddr()); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// limit puts the limits around the body of an answer.
func (w *wire) limit(r *http.Response, c call) error {
	if r.Body == http.NoBody { // as of what has not changed
		w.logAnswer(r, c, 0)
		return nil
	}
	bodied := c.Method != http.MethodHead
	if bodied && r.ContentLength > w.options.MaxBody {
		return refuse(c.host, "réponse de plus de %d octets refusée", w.options.MaxBody)
	}
	packed := &limited{from: r.Body, max: w.options.MaxBody, host: c.host}
	b := &body{Reader: packed, wire: r.Body, packed: packed, closed: func(bytes int64) { w.logAnswer(r, c, bytes) }}
	encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	switch {
	case !bodied || !c.inflate || encoding == "" || encoding == "identity":
	case encoding == "gzip" || encoding == "x-gzip":
		b.Reader = &limited{from: &inflater{packed: packed}, max: w.options.MaxBody, host: c.host}
		r.Header.Del("Content-Encoding")
		r.Header.Del("Content-Length")
		r.ContentLength, r.Uncompressed = -1, true
	default:
		return refuse(c.host, "réponse dans un codage qui n'a pas été demandé")
	}
	r.Body = b
	return nil
}
