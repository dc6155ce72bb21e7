package egress

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"
)

// breakers leave a server alone that fails, for a while: a reading in the background that would only fail again burdens
// it, and us.
//
// What somebody waits for is not held back on old news: an appointment must not be refused because an agenda was down
// half a minute ago. A live reading is the probe, or waits for the one under way and shares what it finds, so that a
// server that is down gets one request of all who wait for it at a time. A write goes through in any case: whoever books
// has read live a moment ago, and nobody repeats it unasked.
type breakers struct {
	next    layer
	options Options
}

func (b *breakers) send(c call) (*http.Response, error) {
	p := through
	if isRead(c.Request) {
		var err error
		if p, err = b.enter(&c); err != nil {
			closeBody(c.Request)
			return nil, err
		}
	}
	leave := func(o outcome) {
		if o == answered { // which opens nothing
			c.to.circuit.leave(p, o, time.Time{}, 0)
			return
		}
		c.to.circuit.leave(p, o, b.options.Now(), time.Duration(float64(openFor)*(1+openJitter*(2*b.options.Random()-1))))
	}
	response, err := b.next.send(c)
	if err != nil {
		leave(b.meaning(c.Context(), err, c.start))
		return nil, err
	}
	if o := meaningOf(response.StatusCode); o != answered {
		leave(o)
		return response, nil
	}
	whenRead(response, func(err error) {
		if err == nil {
			leave(answered)
			return
		}
		leave(b.meaningOfBody(c.Context(), err, c.start))
	})
	return response, nil
}

// enter waits where it must; the try starts when that is over.
func (b *breakers) enter(c *call) (pass, error) {
	since := b.options.Urgent(c.Context())
	for {
		p, wait := c.to.circuit.enter(c.start, since)
		switch {
		case p != held:
			return p, nil
		case wait == nil:
			return p, &Spared{Host: c.host, Reason: "ce serveur ne répond plus : il est laissé tranquille un moment"}
		}
		select {
		case <-wait:
			c.start = b.options.Now()
		case <-c.Context().Done():
			return held, c.Context().Err()
		}
	}
}

// troubles are the answers of a server that cannot do its work. Others speak of the request; a 429, of how many we send.
var troubles = []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

func meaningOf(status int) outcome {
	switch {
	case slices.Contains(troubles, status):
		return failed
	case status == http.StatusTooManyRequests:
		return nothing
	}
	return answered
}

// meaning is what it says of a server that no answer came. That the caller left says nothing; nor that its time was up
// before a server had the time that all have.
func (b *breakers) meaning(ctx context.Context, err error, start time.Time) outcome {
	if refusedOrSpared(err) {
		return nothing
	}
	return b.meaningOfBody(ctx, err, start)
}

// meaningOfBody is what it says of a server that an answer did not end well. One that is too long counts as a failure.
func (b *breakers) meaningOfBody(ctx context.Context, err error, start time.Time) outcome {
	brief := b.options.Now().Sub(start) < b.options.AnswerIn
	if ctx.Err() != nil && (errors.Is(ctx.Err(), context.Canceled) || brief) {
		return nothing
	}
	// The time of a client may end a request in words that say nothing of time; the clock does.
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() || !brief {
		return late
	}
	return failed
}

func refusedOrSpared(err error) bool {
	_, refused := errors.AsType[*Refused](err)
	_, spared := errors.AsType[*Spared](err)
	return refused || spared
}
