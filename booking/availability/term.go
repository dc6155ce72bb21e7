package availability

import (
	"context"
	"time"
)

// term gives the readings that one goroutine makes, one after the other, the time that each may take. Those that begin about now
// have one context: one for each is a timer, and half a kilobyte of memory for net/http to note that it may end.
type term struct {
	lasts time.Duration
	ctx   context.Context
	until time.Time
}

// from gives a context that has lasts to go, or up to a tenth less, whatever becomes of its parent.
func (t *term) from(parent context.Context) context.Context {
	if t.ctx == nil || time.Until(t.until) < t.lasts-t.lasts/10 {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(parent), t.lasts)
		context.AfterFunc(ctx, cancel) // at its end: readings may use it until then
		t.ctx = ctx
		t.until, _ = ctx.Deadline()
	}
	return t.ctx
}
