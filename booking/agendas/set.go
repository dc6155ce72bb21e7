package agendas

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// Store is where connections, and what they were granted, are kept. It is more than three methods because what was
// granted belongs to its connection.
type Store interface {
	// Connections lists those that can be read, and what is wrong with each of the others.
	Connections(ctx context.Context) (list []booking.Connection, broken []error, err error)
	// PutConnection keeps a new connection or the version after the one that it says; Changed when another stands. No two agendas have the same identity.
	PutConnection(ctx context.Context, c booking.Connection, identity string) error
	// Grant and PutGrant keep what a structure's consent has given for an agenda (connectors.Env.Grant).
	Grant(ctx context.Context, agenda string) ([]byte, error)
	PutGrant(ctx context.Context, agenda string, grant []byte) error
	// ConnectionsVersion changes whenever a connection does.
	ConnectionsVersion(ctx context.Context) (string, error)
}

// Options are what a Set needs; all of them but Memory.
type Options struct {
	Store    Store
	Registry *connectors.Registry
	Env      connectors.Env // Logger is given the agenda's id, State the diary's own
	Memory   *Folder        // what agendas remember; nil: nothing is kept
}

// Set is every declared agenda, opened. Readers see it whole or as it was before.
type Set struct {
	Options
	opened atomic.Pointer[opened]
	put    sync.Mutex // one change at a time: it reads, joins and writes
}

var _ booking.Agendas = (*Set)(nil)

// opened is one state of the set; what it says never changes.
type opened struct {
	version string
	all     []*booking.Agenda // by id
	byID    map[string]*booking.Agenda
	byPlace map[string][]*booking.Agenda   // by id of a place, and by every part of a merged id
	byLink  map[string][]*booking.Agenda   // by canonical prise_rdv
	terms   booking.ByPlace[booking.Terms] // of places, as they were asked for
	none    *booking.Terms                 // of a place that has neither an agenda nor a link: of most
}

// Open reads the connections and opens them. One that cannot be opened is logged and left out; the others serve.
func Open(ctx context.Context, o Options) (*Set, error) {
	if o.Store == nil || o.Registry == nil || o.Env.Logger == nil {
		return nil, errors.New("agendas: a part of the set is missing")
	}
	s := &Set{Options: o}
	return s, s.Reload(ctx)
}

// Reload reads the connections again if one of them changed. An agenda whose connection did not change stays as it
// is, with what was read of it.
func (s *Set) Reload(ctx context.Context) error {
	version, err := s.Store.ConnectionsVersion(ctx)
	if err != nil {
		return fmt.Errorf("agendas: %w", err)
	}
	before := s.opened.Load()
	if before != nil && before.version == version {
		return nil
	}
	list, broken, err := s.Store.Connections(ctx)
	if err != nil {
		return fmt.Errorf("agendas: %w", err)
	}
	for _, err := range broken {
		s.Env.Logger.Error("a connection cannot be read; it is left out", "err", err)
	}
	now := &opened{
		version: version, byID: make(map[string]*booking.Agenda),
		byPlace: make(map[string][]*booking.Agenda), byLink: make(map[string][]*booking.Agenda),
		none: booking.NewTerms(nil, connectors.Resolution{}),
	}
	for _, c := range list {
		a := before.unchanged(c)
		if a == nil {
			if a, err = s.open(c); err != nil {
				s.Env.Logger.Error("an agenda cannot be opened; it is left out", "agenda", c.Agenda, "err", err)
				continue
			}
		}
		s.index(now, a)
	}
	s.opened.Store(now)
	return nil
}

// Run reloads every so often until the context ends, so that what another process changed is seen.
func (s *Set) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Reload(ctx); err != nil && ctx.Err() == nil {
				s.Env.Logger.Error("the connections were not read; the last ones stay", "err", err)
			}
		}
	}
}

func (o *opened) unchanged(c booking.Connection) *booking.Agenda {
	if o == nil {
		return nil
	}
	if a := o.byID[c.Agenda]; a != nil && a.Version == c.Version {
		return a
	}
	return nil
}

func (s *Set) open(c booking.Connection) (*booking.Agenda, error) {
	diary, err := s.openOne(c.Connection, c.Agenda)
	if err != nil {
		return nil, err
	}
	a := &booking.Agenda{Connection: c, Diary: diary}
	for _, b := range c.Beside {
		other, err := s.openOne(b, c.Agenda)
		if err != nil {
			return nil, fmt.Errorf("a_cote: %w", err)
		}
		a.Beside = append(a.Beside, other)
	}
	return a, nil
}

func (s *Set) openOne(c connectors.Connection, agenda string) (connectors.Agenda, error) {
	connector, ok := s.Registry.Lookup(c.Connector)
	if !ok {
		return nil, booking.InvalidField("connecteur", "ce connecteur n'existe pas", s.Registry.Names()...)
	}
	env := s.Env
	env.Logger = s.Env.Logger.With(slog.Group("connecteur", "nom", c.Connector, "agenda", agenda))
	if s.Memory != nil && agenda != "" {
		env.State = s.Memory.Of(agenda + " " + s.identity(c))
	}
	if agenda != "" {
		env.Grant = granted{s.Store, agenda}
	}
	return connector.Open(c, env)
}

func (s *Set) index(o *opened, a *booking.Agenda) {
	o.all = append(o.all, a)
	o.byID[a.Agenda] = a
	if a.Draft {
		return
	}
	seen := make(map[string]bool)
	for _, id := range a.Places {
		for _, part := range append(strings.Split(id, "__"), id) {
			if !seen[part] {
				seen[part] = true
				o.byPlace[part] = append(o.byPlace[part], a)
			}
		}
	}
	for _, link := range append([]string{a.Address}, a.Links...) {
		if canonical := s.Resolve(link).Link; canonical != "" && !seen["link "+canonical] {
			seen["link "+canonical] = true
			o.byLink[canonical] = append(o.byLink[canonical], a)
		}
	}
}

// ByID implements booking.Agendas.
func (s *Set) ByID(id string) (*booking.Agenda, bool) {
	a, ok := s.opened.Load().byID[id]
	return a, ok
}

// All implements booking.Agendas.
func (s *Set) All() []*booking.Agenda { return s.opened.Load().all }

// Connectors implements booking.Agendas.
func (s *Set) Connectors() []string { return s.Registry.Names() }

// Resolve implements booking.Agendas.
func (s *Set) Resolve(raw string) connectors.Resolution {
	if raw == "" {
		return connectors.Resolution{}
	}
	return s.Registry.Resolve(raw)
}
