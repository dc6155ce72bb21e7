package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/booking/agendas"
	"passerelle/booking/api"
	"passerelle/booking/availability"
	"passerelle/booking/directory"
	"passerelle/booking/ledger"
	"passerelle/config"
	"passerelle/connectors"
	"passerelle/connectors/all"
	"passerelle/connectors/egress"
)

// gateway is every part, open.
type gateway struct {
	config       config.Config
	keys         *auth.Keyring
	ledger       *ledger.Ledger
	agendas      *agendas.Set
	directory    *directory.Directory
	availability *availability.Reader
	service      *booking.Service
	handler      http.Handler
	logger       *slog.Logger
	now          func() time.Time
	work         sync.WaitGroup
}

// How often what other processes, or time itself, changed is looked at.
const (
	reloadEvery = 5 * time.Second
	sweepEvery  = 15 * time.Second
)

// open opens every part but the doors. What was opened is closed again if one of them fails.
func (p program) open(ctx context.Context, c config.Config) (*gateway, error) {
	g := &gateway{config: c, logger: p.logger(c), now: p.now}
	if err := g.openLedger(ctx); err != nil {
		return nil, err
	}
	if err := g.openParts(ctx); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

func (g *gateway) openLedger(ctx context.Context) error {
	if len(g.config.Secret) == 0 {
		return errors.New("la clé « secret » manque : donnez PASSERELLE_SECRET ou PASSERELLE_SECRET_FILE")
	}
	previous := make([][]byte, len(g.config.PreviousSecrets))
	for i, s := range g.config.PreviousSecrets {
		previous[i] = s
	}
	var err error
	if g.keys, err = auth.NewKeyring(g.config.Secret, previous...); err != nil {
		return err
	}
	if err := os.MkdirAll(g.config.DataDir, 0o700); err != nil {
		return err
	}
	g.ledger, err = ledger.Open(ctx, ledger.Options{
		Path: filepath.Join(g.config.DataDir, "registre.db"), Keys: g.keys.Derive("registre"), Now: g.now,
	})
	switch {
	case errors.Is(err, ledger.ErrWrongKeys):
		return fmt.Errorf("ce secret n'est pas celui du registre de %s : remettez l'ancien, ou donnez-le dans « secrets_precedents »", g.config.DataDir)
	case errors.Is(err, ledger.ErrNewerSchema):
		return fmt.Errorf("le registre de %s a été écrit par une version plus récente de ce programme", g.config.DataDir)
	case err != nil:
		return fmt.Errorf("registre de %s : %w", g.config.DataDir, err)
	}
	return nil
}

func (g *gateway) openParts(ctx context.Context) error {
	client, err := client(g.config, g.logger)
	if err != nil {
		return err
	}
	g.availability = availability.New(availability.Options{
		Claims: g.ledger, Logger: g.logger, Now: g.now,
		FreshFor: g.config.Fresh, StaleAfter: g.config.Stale, HolidaysAsUsual: !g.config.ClosedOnHolidays,
	})
	g.agendas, err = agendas.Open(ctx, agendas.Options{
		Store: g.ledger, Registry: all.Registry(), Env: connectors.Env{HTTP: client, Logger: g.logger, Now: g.now},
	})
	if err != nil {
		return err
	}
	g.directory, err = directory.Open(ctx, g.config.Sources, directory.Options{
		HTTP: client, Now: g.now, Logger: g.logger, Keep: g.keep(ctx),
		Canonical: func(prise string) string { return g.agendas.Resolve(prise).Link },
	})
	if err != nil {
		return err
	}
	declared, err := g.connections(g.config.Agendas)
	if err != nil {
		return err
	}
	if err := g.agendas.Seed(ctx, declared); err != nil {
		return err
	}
	slots, err := booking.NewSlotSigner(g.keys.Derive("creneaux")...)
	if err != nil {
		return err
	}
	g.service, err = booking.New(booking.Options{
		Directory: g.directory, Agendas: g.agendas, Availability: g.availability, Ledger: g.ledger,
		Slots: slots, Logger: g.logger, Now: g.now, HoldFor: g.config.HoldFor,
	})
	return err
}

// doors makes the API.
func (g *gateway) doors() error {
	settings := auth.Settings{
		Keyring: g.keys, Partners: g.ledger, Issuer: g.config.PublicURL, Audience: g.config.PublicURL + "/v1",
		Now: g.now, Random: randomness,
	}
	tokens, err := auth.NewTokenService(settings)
	if err != nil {
		return err
	}
	verifier, err := auth.NewVerifier(settings)
	if err != nil {
		return err
	}
	g.handler, err = api.New(api.Options{
		Service: g.service, Tokens: tokens, Verifier: verifier, JWKS: g.keys.JWKS(), Ready: g.ledger.Ready,
		Logger: g.logger, Now: g.now, PublicURL: g.config.PublicURL, TrustedProxies: texts(g.config.TrustedProxies),
	})
	return err
}

// keep tells which places stay when their source drops them: those with an agenda or an appointment.
func (g *gateway) keep(ctx context.Context) func(string) bool {
	return func(id string) bool {
		if len(g.agendas.OfPlace(&booking.Place{ID: id})) > 0 {
			return true
		}
		has, err := g.ledger.HasAppointments(ctx, id)
		return has || err != nil // what cannot be known is kept
	}
}

// run starts what goes on while serving; it all ends with the context, and Close waits for it.
func (g *gateway) run(ctx context.Context) {
	g.work.Go(func() { g.directory.Run(ctx, g.config.Reread) })
	g.work.Go(func() { g.agendas.Run(ctx, reloadEvery) })
	g.work.Go(func() { g.sweep(ctx) })
}

func (g *gateway) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := g.service.Sweep(ctx); err != nil && ctx.Err() == nil {
				g.logger.Error("holds and requests were not ended", "err", err)
			}
		}
	}
}

// Close ends the parts in the order that they depend on each other. The context of run must have ended.
func (g *gateway) Close() error {
	g.work.Wait()
	if g.availability != nil {
		g.availability.Close()
	}
	return g.ledger.Close()
}

func client(c config.Config, logger *slog.Logger) (*http.Client, error) {
	return egress.New(egress.Options{
		AllowHTTP: c.Egress.HTTPHosts, AllowAddresses: c.Egress.AllowedAddresses, Version: version, Logger: logger,
	})
}

func (p program) logger(c config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Log.Level}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(p.err, o))
	}
	return slog.New(slog.NewTextHandler(p.err, o))
}

func texts(prefixes []netip.Prefix) []string {
	out := make([]string, len(prefixes))
	for i, p := range prefixes {
		out[i] = p.String()
	}
	return out
}

// configuration reads the file that --config or PASSERELLE_CONFIG names, and the variables over it.
func (p program) configuration(path string) (config.Config, error) {
	if path == "" {
		path, _ = p.env("PASSERELLE_CONFIG")
	}
	c, err := config.Load(path, p.env, os.ReadFile)
	if err != nil {
		return c, fmt.Errorf("configuration :\n%w", err)
	}
	return c, nil
}
