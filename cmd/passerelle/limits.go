package main

import (
	"context"
	"time"

	"passerelle/booking/api"
	"passerelle/booking/volatile"
)

// enterIn is how long a request waits for its turn: what is under way answers within a second, or waits for an agenda.
const enterIn = time.Second

// limits is how much callers may ask for, of all instances together where they share a Redis.
func (g *gateway) limits() api.Limits {
	l := g.config.Limits
	return api.Limits{
		Reads: l.Reads, Writes: l.Writes, Checks: l.Checks, Tokens: l.Tokens, Public: l.Public, Unknown: l.Unknown,
		InFlight: l.InFlight, EnterIn: enterIn,
		Allow: func(ctx context.Context, what string, perMinute int) api.Verdict {
			return api.Verdict(g.tally.Allow(ctx, what, volatile.Rate{Count: perMinute, Per: time.Minute, Burst: perMinute}))
		},
	}
}
