package events

import (
	"net/http"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// retryWaits are those between the attempts at one entry, as Standard Webhooks proposes them, cut off 24 hours after
// the first: when the last of these attempts fails too, the entry is given up.
var retryWaits = [...]time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
	24*time.Hour - (17*time.Hour + 35*time.Minute + 5*time.Second),
}

const (
	// maxRetryAfter is how far a receiver may push an attempt away by its Retry-After. It brings none nearer.
	maxRetryAfter = time.Hour
	// disableAfter is for how long nothing gets through to a webhook before it is not served any more. It is looked at
	// when an entry is given up, so that no single failure after a quiet week disables anything.
	disableAfter = 5 * 24 * time.Hour
	// jitterPart of a wait is what is added to it at most, so that those that failed together come back apart.
	jitterPart = 10
)

// The outcomes of a delivery, as on the wire.
const (
	outcomeDelivered = "remis"
	outcomeFailed    = "echec"
	outcomeGivenUp   = "abandonne"
)

// verdict is what a receiver made of a message.
type verdict struct {
	status     int // HTTP; zero when there was no answer
	accepted   bool
	gone       bool          // it wants no more of them
	retryAfter time.Duration // what it asked for; zero when it said nothing
}

// judge reads the answer's head. A 2xx is a yes, unless it comes with a page: no program answers a program so, but a
// firewall or a sign-in page in front of it does. Everything else is a no, a redirection too.
func judge(r *http.Response) verdict {
	v := verdict{status: r.StatusCode, gone: r.StatusCode == http.StatusGone}
	v.accepted = r.StatusCode/100 == 2 && !isPage(r.Header.Get("Content-Type"))
	if r.StatusCode == http.StatusTooManyRequests || r.StatusCode == http.StatusServiceUnavailable {
		v.retryAfter = min(connectors.RetryAfter(r.Header), maxRetryAfter)
	}
	return v
}

// isPage also sees a type whose parameters cannot be parsed.
func isPage(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "text/html" || kind == "application/xhtml+xml"
}

// settle is what an attempt at the entry at position makes of a webhook: its new progress, the attempt's outcome, and
// how long nothing is to be sent to it. It is pure; jitter is from 0 to 1.
//
// That wait is the whole breaker: a log is told in order, so while one entry waits no other is tried, and a receiver
// that is down gets one request per wait, however much there is to tell it.
func settle(w booking.Webhook, position int64, v verdict, now time.Time, jitter float64) (booking.Webhook, string, time.Duration) {
	if v.accepted {
		w.Position, w.Attempts, w.Failing = position, 0, time.Time{}
		return w, outcomeDelivered, 0
	}
	w.Attempts++
	if w.Failing.IsZero() {
		w.Failing = now
	}
	tried := w.Attempts > len(retryWaits)
	switch {
	case v.gone, tried && now.Sub(w.Failing) >= disableAfter:
		w.Disabled = now
		return w, outcomeFailed, 0
	case tried:
		w.Position, w.Attempts = position, 0
		return w, outcomeGivenUp, 0
	}
	wait := retryWaits[w.Attempts-1]
	wait += time.Duration(jitter * float64(wait/jitterPart))
	return w, outcomeFailed, max(wait, v.retryAfter)
}
