package main

import (
	"context"
	"errors"
	"time"

	"passerelle/booking/volatile"
)

// openVolatile opens what may be lost: in Redis when several instances share it, else in memory.
func (g *gateway) openVolatile() error {
	if g.config.Redis == "" {
		g.volatile = volatile.NewMemory(g.now, volatile.Limits{})
	} else {
		volatile.LogTo(g.logger)
		client, err := volatile.Connect(string(g.config.Redis))
		if err != nil {
			return errors.New("l'adresse « redis » ne peut pas être comprise")
		}
		if g.volatile, err = volatile.NewRedis(client, "passerelle"); err != nil {
			return err
		}
	}
	g.tally = volatile.NewTally(g.volatile, g.keys.Derive("compteurs")[0], g.logger, g.now)
	return nil
}

// alone reports whether this instance is the one that does something which need not be done by all, for now. Where that
// cannot be known it does it: doing it twice costs time, not truth.
func (g *gateway) alone(ctx context.Context, what string, pause time.Duration) bool {
	mine, err := g.volatile.Lease(ctx, "travail/"+what, g.instance, pause*9/10)
	if err != nil {
		g.logger.Debug("who does what is not known", "travail", what, "err", err)
		return true
	}
	return mine
}
