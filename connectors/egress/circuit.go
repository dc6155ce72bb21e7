package egress

import (
	"sync"
	"time"
)

// When a circuit opens, and for how long.
const (
	window   = 20 // calls that are looked at: half of them failed …
	mostLate = 5  // … or so many time-outs came with no answer between
	openFor  = 30 * time.Second
	// openJitter is the part of openFor that is added or taken off at random, so that several instances do not try a
	// server at the same moment.
	openJitter = 0.2
)

// outcome is what a call says of its server.
type outcome int

const (
	nothing  outcome = iota // as when its caller left
	answered                // it works
	failed                  // it is in trouble
	late                    // it did not answer in time
)

// pass is how a request got through a circuit.
type pass int

const (
	held    pass = iota // it must not be sent
	through             // as all do while it is closed
	probing             // to see whether it can close; the only one
)

// circuit is a breaker's memory of one server: a state machine that knows neither time nor chance. Its zero value is
// closed.
//
//	closed ─▶ open        half of the last 20 calls failed, or 5 time-outs in a row
//	open ─▶ half-open     after 30 s, or when a request comes for which somebody began to wait since it opened: it is the probe
//	half-open ─▶ closed   the probe was answered
//	half-open ─▶ open     it was not
//	half-open ─▶ half-open  it says nothing: the next is the probe
type circuit struct {
	mu     sync.Mutex
	recent [window]bool  // which of the last calls failed
	calls  int           // since it closed
	failed int           // in recent
	late   int           // time-outs since the last answer
	until  time.Time     // open until then; zero: it is closed
	probe  chan struct{} // of the probe under way; closed when it is back
	known  time.Time     // when it opened, or a probe failed: what it knows of the server is of then
}

// patient is the "since" of a request that can wait.
var patient time.Time

// enter lets a request through, or not; or says what it has to wait for before it enters again. Somebody has waited for
// it since then: only what is known since then holds it back.
func (c *circuit) enter(now, since time.Time) (p pass, wait <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch urgent := c.known.Before(since); {
	case c.until.IsZero():
		return through, nil
	case c.probe == nil && (urgent || !now.Before(c.until)):
		c.probe = make(chan struct{})
		return probing, nil
	case c.probe != nil && urgent:
		return held, c.probe
	}
	return held, nil
}

// leave says what came of a request that entered; if that opens the circuit, then for so long.
func (c *circuit) leave(p pass, o outcome, now time.Time, open time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case p == probing:
		close(c.probe)
		c.probe = nil
		switch o {
		case answered:
			c.recent, c.calls, c.failed, c.late, c.until = [window]bool{}, 0, 0, 0, time.Time{}
		case nothing:
			c.until = now
		default:
			c.open(now, open)
		}
	case c.until.IsZero() && o != nothing: // what was sent before it opened says nothing of now
		if c.count(o) {
			c.open(now, open)
		}
	}
}

// count keeps an outcome, and reports whether it is one too many.
func (c *circuit) count(o outcome) bool {
	oldest, bad := &c.recent[c.calls%window], o != answered
	if *oldest {
		c.failed--
	}
	if *oldest = bad; bad {
		c.failed++
	}
	c.calls++
	switch o {
	case answered:
		c.late = 0
	case late:
		c.late++
	}
	return bad && (c.late >= mostLate || c.calls >= window && 2*c.failed >= window)
}

func (c *circuit) open(now time.Time, length time.Duration) {
	c.known, c.until = now, now.Add(length)
}
