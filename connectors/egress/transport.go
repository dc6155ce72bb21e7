package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// transport applies the policy to each request, a hop of a redirection like any other.
type transport struct {
	policy  *policy
	options Options
	base    *http.Transport
}

// RoundTrip sends r where the policy allows and returns an answer whose body is decompressed and limited.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	start := t.options.Now()
	target, err := t.policy.target(r.URL)
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // as a RoundTripper must, even when it fails
		}
		t.logFailure(r, start, err)
		return nil, err
	}
	out := r.Clone(r.Context())
	out.URL, out.Host = target, "" // so that Host says where the request really goes
	out.Header.Set("User-Agent", "Passerelle-RDV/"+t.options.Version)
	inflate := r.Method != http.MethodHead && r.Header.Get("Accept-Encoding") == "" && r.Header.Get("Range") == ""
	if inflate {
		out.Header.Set("Accept-Encoding", "gzip")
	}
	response, err := t.base.RoundTrip(out)
	if err != nil {
		t.logFailure(r, start, err)
		return nil, err
	}
	response.Request = r
	if err := t.limit(response, target.Hostname(), inflate, start); err != nil {
		_ = response.Body.Close()
		t.logFailure(r, start, err)
		return nil, err
	}
	return response, nil
}

// CloseIdleConnections makes http.Client.CloseIdleConnections work.
func (t *transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

// dial connects to an address of host that the policy allows.
func (t *transport) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	judge := func(_ context.Context, network, address string, _ syscall.RawConn) error {
		return t.policy.connection(host, network, address)
	}
	d := net.Dialer{Timeout: dialTimeout, Resolver: t.options.resolver, ControlContext: t.options.control(judge)}
	return d.DialContext(ctx, network, address)
}

// limit puts the limits around the body of an answer. inflate: gzip was asked for here, so it is undone here.
func (t *transport) limit(r *http.Response, host string, inflate bool, start time.Time) error {
	bodied := r.Request.Method != http.MethodHead && r.Body != http.NoBody
	if bodied && r.ContentLength > t.options.MaxBody {
		return refuse(host, "réponse de plus de %d octets refusée", t.options.MaxBody)
	}
	packed := &limited{from: r.Body, max: t.options.MaxBody, host: host}
	b := &body{Reader: packed, wire: r.Body, packed: packed, closed: func(bytes int64) { t.logAnswer(r, start, bytes) }}
	encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	switch {
	case !bodied || !inflate || encoding == "" || encoding == "identity":
	case encoding == "gzip" || encoding == "x-gzip":
		b.Reader = &limited{from: &inflater{packed: packed}, max: t.options.MaxBody, host: host}
		r.Header.Del("Content-Encoding")
		r.Header.Del("Content-Length")
		r.ContentLength, r.Uncompressed = -1, true
	default:
		return refuse(host, "réponse dans un codage qui n'a pas été demandé")
	}
	r.Body = b
	return nil
}

// logAnswer says nothing of path, query or content: they may be somebody's secret.
func (t *transport) logAnswer(r *http.Response, start time.Time, bytes int64) {
	t.options.Logger.LogAttrs(r.Request.Context(), slog.LevelDebug, "egress: answer",
		slog.String("host", r.Request.URL.Hostname()),
		slog.String("method", r.Request.Method),
		slog.Int("status", r.StatusCode),
		slog.Duration("duration", t.options.Now().Sub(start)),
		slog.Int64("bytes", bytes))
}

func (t *transport) logFailure(r *http.Request, start time.Time, err error) {
	host := ""
	if r.URL != nil {
		host = r.URL.Hostname()
	}
	t.options.Logger.LogAttrs(r.Context(), slog.LevelDebug, "egress: failure",
		slog.String("host", host),
		slog.String("method", r.Method),
		slog.Duration("duration", t.options.Now().Sub(start)),
		slog.String("cause", cause(err)))
}

// cause is the text of an error if it can only speak of the connection; of others, which may quote the other
// side, it is the type.
func cause(err error) string {
	_, refused := errors.AsType[*Refused](err)
	_, network := errors.AsType[net.Error](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	if refused || network || certificate || errors.Is(err, context.Canceled) {
		return err.Error()
	}
	return fmt.Sprintf("%T", err)
}
