package egress

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// rates keep to what hosts allow one caller a minute, over any minute and for the whole program. What is beyond is not
// sent: it is answered as the host would answer, 429 and when to come back, before the host has to.
type rates struct {
	next layer
	of   func(host string) (shared string, perMinute int)
	now  func() time.Time

	// urgent says since when somebody waits for a request, as Options.Urgent. A third of what a
	// host allows is kept for those: agendas are read all day long, and a booking is not to be refused for it.
	urgent func(context.Context) time.Time

	mu   sync.Mutex
	sent map[string][]time.Time // by the name that hosts share: the last requests, as many as a minute allows
}

func (b *rates) send(c call) (*http.Response, error) {
	if wait := b.spend(c.Context(), c.host); wait > 0 {
		return overspent(c.Request, wait), nil
	}
	return b.next.send(c)
}

// spend takes one request to a host, or says how long there is none to take.
func (b *rates) spend(ctx context.Context, host string) (wait time.Duration) {
	if b.of == nil {
		return 0
	}
	shared, most := b.of(host)
	if most <= 0 {
		return 0
	}
	allowed := most
	if b.urgent(ctx).IsZero() {
		allowed = max(1, most-most/3)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now, last := b.now(), b.sent[shared]
	if len(last) >= allowed {
		if free := last[len(last)-allowed].Add(time.Minute); free.After(now) {
			return free.Sub(now)
		}
	}
	b.sent[shared] = append(last[max(0, len(last)-most+1):], now)
	return 0
}

// overspent is the answer in place of the host's.
func overspent(r *http.Request, wait time.Duration) *http.Response {
	closeBody(r)
	seconds := int64((wait + time.Second - 1) / time.Second)
	return &http.Response{
		StatusCode: http.StatusTooManyRequests, Status: "429 Too Many Requests", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Retry-After": {strconv.FormatInt(seconds, 10)}}, Body: http.NoBody, Request: r,
	}
}
