package egress

import (
	"context"
	"log/slog"
	"math/rand/v2"
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

	Timeout  time.Duration // of a whole request, redirections and body included; zero means 10 s
	AnswerIn time.Duration // of that, until an answer begins; zero means 5 s
	MaxBody  int64         // bytes of an answer, before and after decompression; zero means 20 MiB
	PerHost  int           // requests to one server at a time; more wait their turn, but not for long; zero means 8

	// Budget is how many requests a host allows one caller a minute, and the name under which hosts share that; zero: as
	// many as one likes. Beyond it the client answers 429 itself. Nil: no host has one.
	Budget func(host string) (shared string, perMinute int)

	// Retry lets a read be sent again that found no server: twice at most, and one in ten over time.
	Retry bool
	// Urgent says since when somebody waits for a request, by Now: what a breaker knew before does not hold it back. Zero,
	// or nil: nobody does.
	Urgent func(context.Context) time.Time

	Version string           // of the program, for User-Agent
	Logger  *slog.Logger     // gets a line per request, at level Debug; nil means none
	Now     func() time.Time // of breakers, rates and the log; nil means time.Now
	Random  func() float64   // in [0, 1), for jitter; safe for concurrent use; nil means math/rand

	// For tests of this package.
	resolver *net.Resolver
	sleep    func(context.Context, time.Duration) error
	waitFor  time.Duration

	control func(next control) control
}

// control is called with the address that is about to be connected to, as net.Dialer does.
type control func(ctx context.Context, network, address string, c syscall.RawConn) error

// New makes a client. What it refuses is *Refused, and what it holds back *Spared, inside the *url.Error of net/http;
// that *url.Error holds the whole URL and must not be logged. An option that cannot be understood is an error.
//
// A copy of the client may have a shorter Timeout, or a CheckRedirect that follows none: where requests may go is
// decided in its Transport, but what a redirection may carry along is decided in its CheckRedirect.
func New(o Options) (*http.Client, error) {
	p, err := newPolicy(o)
	if err != nil {
		return nil, err
	}
	o = o.complete()
	w := &wire{policy: p, options: o}
	w.base = &http.Transport{
		Proxy:                  nil, // a proxy would connect in our place, unseen by the policy
		DialContext:            w.dial,
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  o.AnswerIn,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // we decompress, with limits
		MaxConnsPerHost:        o.PerHost,
		MaxIdleConnsPerHost:    o.PerHost, // fewer, and most requests of a host that is read all the time would connect anew
		MaxIdleConns:           100,
		IdleConnTimeout:        30 * time.Second,
	}
	// From the inside to the outside: see the drawing in doc.go.
	var next layer = w
	next = &rates{next: next, of: o.Budget, now: o.Now, urgent: o.Urgent, sent: make(map[string][]time.Time)}
	next = &bulkheads{next: next, options: o}
	next = &breakers{next: next, options: o}
	next = &retries{next: next, options: o}
	t := &transport{policy: p, next: next, wire: w, servers: newServers(o.PerHost, o.Now), agent: []string{"Passerelle-RDV/" + o.Version}}
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
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Urgent == nil {
		o.Urgent = func(context.Context) time.Time { return time.Time{} }
	}
	if o.sleep == nil {
		o.sleep = sleep
	}
	if o.waitFor <= 0 {
		o.waitFor = waitFor
	}
	if o.AnswerIn <= 0 {
		o.AnswerIn = headerTimeout
	}
	if o.control == nil {
		o.control = func(next control) control { return next }
	}
	return o
}
