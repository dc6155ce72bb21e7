package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/booking/agendas"
	"passerelle/booking/api"
	"passerelle/booking/availability"
	"passerelle/booking/directory"
	"passerelle/booking/events"
	"passerelle/booking/ledger"
	"passerelle/booking/metrics"
	"passerelle/booking/volatile"
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
	demand       *booking.Demand
	service      *booking.Service
	volatile     volatile.Store
	tally        *volatile.Tally // of what callers ask for
	telling      telling
	terminal     io.Writer        // of the demo, where links are written instead of being mailed; nil: they are mailed
	founded      bool             // its ledger is new
	instance     string           // names this process among those that share a ledger
	client       *http.Client     // that asks agendas
	metrics      *metrics.Metrics // nil where they are not published
	scrapes      *http.Server     // where they are
	handler      http.Handler
	logger       *slog.Logger
	lines        *lines // that it writes
	now          func() time.Time
	work         sync.WaitGroup
}

// How often what other processes, or time itself, changed is looked at.
const (
	reloadEvery    = 5 * time.Second
	sweepEvery     = 15 * time.Second
	reconcileEvery = 2 * time.Second
	watchEvery     = 5 * time.Minute
	followEvery    = time.Minute
	retainEvery    = time.Hour
	listEvery      = time.Minute
	claimsEvery    = 250 * time.Millisecond
	refreshEvery   = time.Second
	keepEvery      = 3 * time.Minute // at most
	flushEvery     = time.Minute
	flushIn        = 5 * time.Second // at the end
	startedIn      = 5 * time.Second
)

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// open opens every part but the doors. What was opened is closed again if one of them fails.
func (p program) open(ctx context.Context, c config.Config) (*gateway, error) {
	g := &gateway{config: c, now: p.now, instance: auth.NewSecret(randomness)[:16]}
	g.logger, g.lines = p.logger(c)
	if err := g.openLedger(ctx, p.founds); err != nil {
		return nil, err
	}
	if err := errors.Join(g.openVolatile(), g.openParts(ctx)); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// together opens parts that do not need each other side by side, and waits for all.
func together(parts ...func() error) error {
	failures := make([]error, len(parts))
	var all sync.WaitGroup
	for i, open := range parts {
		all.Go(func() { failures[i] = open() })
	}
	all.Wait()
	return errors.Join(failures...)
}

// openLedger opens the ledger, and begins one where there is none if it may.
func (g *gateway) openLedger(ctx context.Context, founds bool) error {
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
	if g.config.Database == "" {
		if err := wholeData(g.config.DataDir); err != nil {
			return err
		}
		_, err := os.Stat(filepath.Join(g.config.DataDir, ledgerFile))
		g.founded = founds && errors.Is(err, os.ErrNotExist)
	}
	if founds {
		if err := os.MkdirAll(g.config.DataDir, 0o700); err != nil {
			return err
		}
	}
	g.ledger, err = ledger.Open(ctx, ledger.Options{
		Path: filepath.Join(g.config.DataDir, ledgerFile), URL: string(g.config.Database), Keys: g.keys.Derive("registre"), Now: g.now,
		Existing: !founds, Committed: g.committed,
	})
	switch {
	case errors.Is(err, ledger.ErrNoLedger) && g.config.Database != "":
		return errors.New("cette base n'a pas de registre : est-ce la bonne (« base ») ? Il commence avec « passerelle serve »")
	case errors.Is(err, ledger.ErrNoLedger):
		return fmt.Errorf("%s n'a pas de registre : est-ce le bon dossier (« donnees ») ? Il commence avec « passerelle serve »", g.config.DataDir)
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
	var err error
	if g.client, err = client(g.config, g.logger, g.now); err != nil {
		return err
	}
	slots, err := booking.NewSlotSigner(g.keys.Derive("creneaux")...)
	if err != nil {
		return err
	}
	seal, err := availability.NewSeal(g.keys.Derive("lectures")...)
	if err != nil {
		return err
	}
	reading := availability.Options{
		Claims: g.ledger, Slots: slots, Logger: g.logger, Now: g.now, Seal: seal, Build: build(),
		FreshFor: g.config.Fresh, StaleAfter: g.config.Stale, HolidaysAsUsual: !g.config.ClosedOnHolidays,
	}
	if g.config.Redis != "" { // several share what they read
		reading.Board, reading.Turns = board{g.volatile}, turns{g.volatile, g.instance}
	}
	g.availability = availability.New(reading)
	registry := all.Registry()
	memory, err := agendas.NewFolder(filepath.Join(g.config.DataDir, "agendas"), g.keys.Derive("etats")...)
	if err != nil {
		return err
	}
	err = together(func() (err error) {
		g.agendas, err = agendas.Open(ctx, agendas.Options{
			Store: g.ledger, Registry: registry, Env: connectors.Env{HTTP: g.client, Logger: g.logger, Now: g.now, Version: build(), Desks: new(connectors.Desks)}, Memory: memory,
		})
		return err
	}, func() (err error) {
		g.directory, err = directory.Open(ctx, g.config.Sources, directory.Options{
			HTTP: g.client, Now: g.now, Logger: g.logger, Keep: g.keep(ctx),
			Canonical: func(prise string) string { return registry.Resolve(prise).Link },
		})
		return err
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
	g.config.Agendas = nil // they are the ledger's now
	personKey, err := g.ledger.Secret(ctx, "personnes")
	if err != nil {
		return err
	}
	g.demand, err = booking.NewDemand(booking.DemandOptions{Kept: g.ledger, Logger: g.logger, Now: g.now, Random: randomness})
	if err != nil {
		return err
	}
	g.service, err = booking.New(booking.Options{
		Demand: g.demand, Directory: g.directory, Agendas: g.agendas, Availability: g.availability, Ledger: g.ledger,
		Slots: slots, Logger: g.logger, Now: g.now, HoldFor: g.config.HoldFor, PersonKey: personKey,
		Operator: g.config.Mail.Operator != "", SMS: g.config.SMS.Address != "", SheetOf: g.sheetOf,
		Breakers: g.breakers,
		KeepFor:  days(g.config.Keep.Appointments), KeepRefused: days(g.config.Keep.Refusals),
	})
	return err
}

// doors makes the API.
func (g *gateway) doors(ctx context.Context) error {
	if err := errors.Join(g.openTelling(ctx), g.openMetrics()); err != nil {
		return err
	}
	settings := auth.Settings{
		Keyring: g.keys, Generations: g.ledger, Partners: g.ledger, Issuer: g.config.PublicURL, Audience: g.config.PublicURL + "/v1",
		Now: g.now, Random: randomness,
	}
	tokens, err := auth.NewTokenService(settings, g.volatile)
	if err != nil {
		return err
	}
	verifier, err := auth.NewVerifier(settings)
	if err != nil {
		return err
	}
	g.handler, err = api.New(api.Options{
		Service: g.service, Tokens: tokens, Verifier: verifier, Ready: g.ledger.Ready,
		Logger: g.logger, Now: g.now, PublicURL: g.config.PublicURL, TrustedProxies: texts(g.config.TrustedProxies),
		Webhooks: g.ledger, Pages: g.telling.pages, Limits: g.limits(), Measure: g.measure(),
		NewWebhook: func(partner, address string, asymmetric bool) (booking.Webhook, error) {
			return events.NewWebhook(partner, address, asymmetric, randomness, g.now(), g.config.Egress.HTTPHosts...)
		},
	})
	return err
}

// keep tells which places stay when their source drops them: those with an agenda or an appointment.
func (g *gateway) keep(ctx context.Context) func(string) bool {
	return func(id string) bool {
		if len(g.agendas.OfPlace(&booking.Place{ID: id}).Agendas) > 0 {
			return true
		}
		has, err := g.ledger.HasAppointments(ctx, id)
		return has || err != nil // what cannot be known is kept
	}
}

// readings is the file of what agendas have said.
func (g *gateway) readings() string { return filepath.Join(g.config.DataDir, readingsFile) }

// recall knows again what the last run knew of the agendas.
func (g *gateway) recall() error {
	g.availability.Recall(g.readings(), g.agendas.ByID)
	return nil
}

// run starts what goes on while serving; it all ends with the context, and Close waits for it.
func (g *gateway) run(ctx context.Context) {
	// An agenda that nobody is shown is read again at two thirds of the time for which it may be shown: what is kept of it may still be.
	keep := min(keepEvery, g.config.Stale/5)
	g.work.Go(func() { g.availability.Keep(ctx, g.readings(), keep) })
	g.work.Go(func() { g.directory.Run(ctx, g.config.Reread) })
	g.work.Go(func() { g.agendas.Run(ctx, reloadEvery) })
	g.work.Go(func() { g.ledger.FollowClaims(ctx, claimsEvery) })
	g.work.Go(func() { g.availability.Refresh(ctx, refreshEvery, g.agendas.All) })
	g.every(ctx, sweepEvery, "sweep", func(ctx context.Context) error { return second(g.service.Sweep(ctx)) })
	g.every(ctx, reconcileEvery, "", func(ctx context.Context) error { return second(g.service.Reconcile(ctx)) })
	g.every(ctx, watchEvery, "watch", g.service.Watch)
	g.every(ctx, followEvery, "follow", g.service.Follow)
	g.every(ctx, retainEvery, "retain", func(ctx context.Context) error { return second(g.service.Retain(ctx)) })
	g.every(ctx, flushEvery, "", g.demand.Flush)
	g.work.Go(func() { giveBack(ctx) })
	g.tell(ctx)
}

// giveBack returns to the system, once, the memory that the start alone has needed: to read thousands of agendas from a file
// takes four times what they are held in. The runtime would keep most of it for a next time, which does not come.
func giveBack(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(startedIn): // whoever has waited for the program is served first
		debug.FreeOSMemory()
	}
}

func second[T any](_ T, err error) error { return err }

// every does something again and again until the context ends. What has a name is done by one instance at a time, when
// that can be known; what has none is leased piece by piece in the ledger.
func (g *gateway) every(ctx context.Context, pause time.Duration, name string, do func(context.Context) error) {
	g.work.Go(func() {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for ctx.Err() == nil {
			if name == "" || g.alone(ctx, name, pause) {
				if err := do(ctx); err != nil && ctx.Err() == nil {
					g.logger.Error("work in the background failed", "travail", name, "err", err)
				}
			}
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	})
}

// Close ends the parts in the order that they depend on each other; those of no gateway too. The context of run must have ended.
func (g *gateway) Close() error {
	if g == nil {
		return nil
	}
	var err error
	if g.scrapes != nil {
		err = g.scrapes.Close()
	}
	g.work.Wait()
	if g.availability != nil {
		g.availability.Close()
	}
	if g.demand != nil { // of the last minute
		ctx, end := context.WithTimeout(context.Background(), flushIn)
		err = errors.Join(err, g.demand.Flush(ctx))
		end()
	}
	if g.volatile != nil {
		err = errors.Join(err, g.volatile.Close())
	}
	return errors.Join(err, g.ledger.Close())
}

func client(c config.Config, logger *slog.Logger, now func() time.Time) (*http.Client, error) {
	return egress.New(egress.Options{
		AllowHTTP: c.Egress.HTTPHosts, AllowAddresses: c.Egress.AllowedAddresses, Version: version, Logger: logger,
		Budget: all.Registry().Budget, Retry: true, Urgent: connectors.Urgent, Now: now,
	})
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
