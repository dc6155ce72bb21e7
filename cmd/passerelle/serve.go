package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"passerelle/booking/api"
)

// Time limits of the server. A booking waits 8 s for its agenda, so an answer may take 15.
const (
	readHeaderIn = 5 * time.Second
	readIn       = 15 * time.Second
	writeIn      = 30 * time.Second
	idleFor      = time.Minute
	stopIn       = 20 * time.Second
	maxHeader    = 16 << 10
)

func (p program) serve(ctx context.Context, args []string) error {
	f := p.flags("serve", "[--config FICHIER]", "")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	c, err := p.configuration(*path)
	if err != nil {
		return err
	}
	if err := c.CheckServe(); err != nil {
		return err
	}
	if len(c.Sources) == 0 {
		return errors.New("aucun fichier de lieux : donnez la clé « lieux »")
	}
	if c.Database == "" {
		held, err := holdData(c.DataDir)
		if err != nil {
			return err
		}
		defer held.Close()
	}
	usually := p.collectRarely()
	var g *gateway
	err = together(api.Prepare, func() (err error) {
		g, err = p.founder().open(ctx, c)
		return err
	})
	if err != nil {
		return errors.Join(err, g.Close())
	}
	if err := together(g.recall, func() error { return g.doors(ctx) }); err != nil {
		return errors.Join(err, g.Close())
	}
	usually()
	g.warnOfUnknownPlaces()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return errors.Join(err, g.Close())
	}
	if err := g.publish(ctx); err != nil {
		return errors.Join(err, listener.Close(), g.Close())
	}
	g.logger.Info("the gateway serves", "ecoute", listener.Addr().String(), "metriques", g.config.Metrics, "lieux", g.directory.Status().Places, "agendas", len(g.agendas.All()))
	return g.listen(ctx, listener)
}

// collectRarely has the memory that is thrown away collected more rarely until it is called off: of what opening makes nearly all
// stays, and is looked through again each time that it has doubled. An operator who has set GOGC knows better.
func (p program) collectRarely() (usually func()) {
	const rarely, asRule = 200, 100 // percent, as GOGC has it
	if _, set := p.env("GOGC"); set {
		return func() {}
	}
	runtime.GC() // what a long configuration was read from is not to be counted as held
	debug.SetGCPercent(rarely)
	return func() { debug.SetGCPercent(asRule) }
}

// listen serves until the context ends, then lets what is under way finish. Requests do not hang on that context:
// a booking that was sent is finished even while the program stops.
func (g *gateway) listen(ctx context.Context, listener net.Listener) error {
	background, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	stop := g.lines.gather()
	g.run(background)
	server := serverOf(g.handler)
	failed := make(chan error, 1)
	g.work.Go(func() { failed <- api.Serve(server, listener) })
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopIn)
		err = server.Shutdown(within)
		cancel()
	}
	end()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("serveur : %w", err)
	}
	return errors.Join(err, g.Close(), stop())
}

// serverOf bounds how long a caller may take, and how much it may say before the API bounds its body.
func serverOf(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderIn, ReadTimeout: readIn, WriteTimeout: writeIn,
		IdleTimeout: idleFor, MaxHeaderBytes: maxHeader,
	}
}
