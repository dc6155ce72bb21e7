package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// How often, and how soon, a read is sent again.
const (
	mostRetries = 2
	firstWait   = 200 * time.Millisecond // at most before the first of them; twice that before the second
)

// retries send a read again that found no server behind the door, where it can be hoped that the next moment brings
// one. A write is never sent again: it may have been carried out. Nor is a time-out tried again, which has cost the
// caller his patience and the server its breath, nor what a server has answered otherwise, nor what it wants later.
type retries struct {
	next    layer
	options Options
}

func (x *retries) send(c call) (*http.Response, error) {
	repeatable := isRead(c.Request) && (c.Body == nil || c.Body == http.NoBody || c.GetBody != nil)
	if !x.options.Retry || !repeatable {
		return x.next.send(c)
	}
	c.to.credit.earn()
	for again := 0; ; again++ {
		response, err := x.next.send(c)
		if again == mostRetries || !passing(c.Context(), response, err) || !c.to.credit.spend() {
			return response, err
		}
		if err == nil {
			_ = response.Body.Close()
		}
		wait := time.Duration(x.options.Random() * float64(firstWait<<again)) // full jitter
		if err := x.options.sleep(c.Context(), wait); err != nil {
			return nil, err
		}
		if c.Request, err = afresh(c.Request); err != nil {
			return nil, err
		}
		c.start = x.options.Now()
	}
}

// afresh is a request with its body whole again.
func afresh(r *http.Request) (*http.Request, error) {
	next := r.Clone(r.Context())
	if r.GetBody == nil {
		return next, nil
	}
	var err error
	next.Body, err = r.GetBody()
	return next, err
}

// passing reports whether a failure may be gone in a moment.
func passing(ctx context.Context, response *http.Response, err error) bool {
	if err == nil {
		gateways := []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
		return slices.Contains(gateways, response.StatusCode) && response.Header.Get("Retry-After") == ""
	}
	timeout, slow := errors.AsType[net.Error](err)
	name, unnamed := errors.AsType[*net.DNSError](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	return ctx.Err() == nil && !refusedOrSpared(err) && !(slow && timeout.Timeout()) && !(unnamed && name.IsNotFound) && !certificate
}

// credit is what the reads of a server earn for their retries: a tenth each, so that a server in trouble does not get
// three times the requests that it could not bear.
type credit struct {
	mu     sync.Mutex
	tenths int
}

const (
	firstCredit = 2 * 10
	mostCredit  = 5 * 10
)

func newCredit() credit { return credit{tenths: firstCredit} }

func (c *credit) earn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tenths = min(c.tenths+1, mostCredit)
}

func (c *credit) spend() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tenths < 10 {
		return false
	}
	c.tenths -= 10
	return true
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
