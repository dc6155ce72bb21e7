package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"passerelle/booking"
	"passerelle/booking/metrics"
	"passerelle/connectors/egress"
)

// openMetrics makes the metrics where they are to be published.
func (g *gateway) openMetrics() error {
	if g.config.Metrics == "" {
		return nil
	}
	var err error
	g.metrics, err = metrics.New(metrics.Sources{
		Readings: func() map[string]booking.Reading { return g.availability.Readings(g.agendas.All()) },
		Waiting:  g.ledger.Waiting,
		Breakers: func() map[string]booking.Breaker {
			hosts := booking.Hosts(g.agendas.All(), "")
			out := make(map[string]booking.Breaker, len(hosts))
			for i, b := range g.breakers(hosts) {
				out[hosts[i]] = b
			}
			return out
		},
		Places: func() int { return g.directory.Status().Places },
		Logger: g.logger,
	})
	return err
}

// measure is who counts the calls; nil where nobody does.
func (g *gateway) measure() func(method, route string) func(status int, took time.Duration) {
	if g.metrics == nil {
		return nil
	}
	return g.metrics.Calls.Of
}

// breakers says which hosts of agendas are asked.
func (g *gateway) breakers(hosts []string) []booking.Breaker {
	of := [...]booking.Breaker{egress.Asked: booking.BreakerClosed, egress.Tried: booking.BreakerHalf, egress.LeftAlone: booking.BreakerOpen}
	out := make([]booking.Breaker, len(hosts))
	for i, s := range egress.Standings(g.client, hosts) {
		out[i] = of[s]
	}
	return out
}

// publish serves the metrics at an address of their own, until Close.
func (g *gateway) publish(ctx context.Context) error {
	if g.metrics == nil {
		return nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", g.config.Metrics)
	if err != nil {
		return fmt.Errorf("métriques : %w", err)
	}
	g.scrapes = serverOf(g.metrics.Handler())
	g.work.Go(func() {
		if err := g.scrapes.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			g.logger.Error("the metrics are not served any more", "err", err)
		}
	})
	return nil
}
