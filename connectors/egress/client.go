package egress

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// What a client allows when Options does not say.
const (
	defaultTimeout = 10 * time.Second
	defaultMaxBody = 20 << 20
	defaultPerHost = 8
)

const (
	dialTimeout   = 2 * time.Second
	tlsTimeout    = 3 * time.Second
	headerTimeout = 5 * time.Second
	maxHeader     = 32 << 10
)

// Options says what a client may do. Its zero value is the safest: https to public addresses on ports 443 and 8443.
type Options struct {
	// AllowHTTP names hosts (names or IP addresses, no ports) that may be reached over http too, at any port.
	AllowHTTP []string
	// AllowAddresses are blocks that may be reached although they are private, local…, at any port, and also by
	// URLs that have the address in place of a name.
	AllowAddresses []netip.Prefix

	Timeout time.Duration // of a whole request, redirections and body included; zero means 10 s
	MaxBody int64         // bytes of an answer, before and after decompression; zero means 20 MiB
	PerHost int           // connections to one host; more requests wait their turn; zero means 8

	Version string           // of the program, for User-Agent
	Logger  *slog.Logger     // gets a line per request, at level Debug; nil means none
	Now     func() time.Time // for the durations in the log; nil means time.Now

	// For tests of this package.
	resolver *net.Resolver
	header   time.Duration
	control  func(next control) control
}

// control is called with the address that is about to be connected to, as net.Dialer does.
type control func(ctx context.Context, network, address string, c syscall.RawConn) error

// New makes a client. What it refuses is *Refused inside the *url.Error of net/http; that *url.Error holds the
// whole URL and must not be logged. An option that cannot be understood is an error.
//
// A copy of the client may have a shorter Timeout, or a CheckRedirect that follows none: where requests may go is
// decided in its Transport, but what a redirection may carry along is decided in its CheckRedirect.
func New(o Options) (*http.Client, error) {
	p, err := newPolicy(o)
	if err != nil {
		return nil, err
	}
	o = o.complete()
	t := &transport{policy: p, options: o}
	t.base = &http.Transport{
		Proxy:                  nil, // a proxy would connect in our place, unseen by the policy
		DialContext:            t.dial,
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  o.header,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // we decompress, with limits
		MaxConnsPerHost:        o.PerHost,
		MaxIdleConnsPerHost:    2,
		MaxIdleConns:           100,
		IdleConnTimeout:        30 * time.Second,
	}
	return &http.Client{Transport: t, CheckRedirect: checkRedirect, Timeout: o.Timeout}, nil
}

func (o Options) complete() Options {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.PerHost <= 0 {
		o.PerHost = defaultPerHost
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.header <= 0 {
		o.header = headerTimeout
	}
	if o.control == nil {
		o.control = func(next control) control { return next }
	}
	return o
}
