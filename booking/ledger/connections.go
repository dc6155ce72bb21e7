package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// connection is a booking.Connection as it is sealed: zones by name, and nothing that has a column.
type connection struct {
	Connector, Address string
	Settings           json.RawMessage `json:",omitempty"`
	Zone               string
	Name               string
	Places, Links      []string
	Motifs             json.RawMessage // a list of booking.Motif
	Hours, Notice      string
	Tells              booking.Teller `json:",omitempty"`
	NamesPerson        bool           `json:",omitempty"`
	Beside             []connection   `json:",omitempty"`
	Paused             bool
	Draft              bool `json:",omitempty"`
}

func stored(c connectors.Connection) connection {
	s := connection{Connector: c.Connector, Address: c.Address, Settings: c.Settings}
	if c.Zone != nil {
		s.Zone = c.Zone.String()
	}
	return s
}

// zones are the clocks of connections, each loaded once: thousands of agendas live by one.
type zones struct {
	mu     sync.Mutex
	loaded map[string]*time.Location
}

func (z *zones) of(name string) (*time.Location, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if zone, ok := z.loaded[name]; ok {
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	if z.loaded == nil {
		z.loaded = make(map[string]*time.Location)
	}
	z.loaded[name] = zone
	return zone, nil
}

func (s connection) reached(zones *zones) (connectors.Connection, error) {
	zone, err := zones.of(s.Zone)
	return connectors.Connection{Connector: s.Connector, Address: s.Address, Settings: s.Settings, Zone: zone}, err
}

// alike is what many connections of a list say alike, each once in memory: thousands of agendas offer the same motifs.
type alike struct {
	words  map[string]string
	motifs map[string][]booking.Motif // by how they are written
}

func (a alike) word(s string) string {
	word, ok := a.words[s]
	if !ok {
		word, a.words[s] = s, s
	}
	return word
}

// offered are the motifs that are written so. Nobody may alter the list.
func (a alike) offered(written json.RawMessage) ([]booking.Motif, error) {
	if list, ok := a.motifs[string(written)]; ok {
		return list, nil
	}
	var list []booking.Motif
	if err := json.Unmarshal(written, &list); err != nil {
		return nil, err
	}
	list = slices.Clip(list) // what is appended to it goes elsewhere
	a.motifs[string(written)] = list
	return list, nil
}

// Connections lists every connection that can be read, by agenda, and what is wrong with each of the others.
func (l *Ledger) Connections(ctx context.Context) (list []booking.Connection, broken []error, err error) {
	seen := alike{make(map[string]string), make(map[string][]booking.Motif)}
	err = l.read.rows(ctx, func(r rowScanner) error {
		var c booking.Connection
		var sealed []byte
		if err := r.Scan(&c.Agenda, &c.Version, &c.Origin, &sealed); err != nil {
			return err
		}
		if err := l.unseal(&c, sealed, seen); err != nil {
			broken = append(broken, err)
			return nil
		}
		list = append(list, c)
		return nil
	}, "SELECT agenda, version, origin, sealed FROM connections ORDER BY agenda")
	return list, broken, err
}

func (l *Ledger) unseal(c *booking.Connection, sealed []byte, seen alike) error {
	var s connection
	if err := l.seal.open("connection/"+c.Agenda, sealed, &s); err != nil {
		return err
	}
	var err error
	if c.Connection, err = s.reached(&l.zones); err != nil {
		return fmt.Errorf("ledger: connection %s: %w", c.Agenda, err)
	}
	for _, b := range s.Beside {
		other, err := b.reached(&l.zones)
		if err != nil {
			return fmt.Errorf("ledger: connection %s: %w", c.Agenda, err)
		}
		c.Beside = append(c.Beside, other)
	}
	if c.Motifs, err = seen.offered(s.Motifs); err != nil {
		return fmt.Errorf("ledger: connection %s: %w", c.Agenda, err)
	}
	c.Connection.Connector, c.Hours, c.Origin = seen.word(c.Connection.Connector), seen.word(s.Hours), booking.Origin(seen.word(string(c.Origin)))
	c.Name, c.Places, c.Links, c.Notice, c.Tells, c.NamesPerson, c.Paused, c.Draft = s.Name, s.Places, s.Links, s.Notice, s.Tells, s.NamesPerson, s.Paused, s.Draft
	return nil
}

// PutConnection keeps a connection: a new one, or the version after the one that it says; of version 0, after whatever stands.
// Changed when that is not the one that stands. identity is the connector and the canonical address; a diary that is another
// agenda already is Refused.
func (l *Ledger) PutConnection(ctx context.Context, c booking.Connection, identity string) error {
	s := stored(c.Connection)
	s.Name, s.Places, s.Links, s.Hours, s.Notice, s.Tells, s.NamesPerson, s.Paused, s.Draft = c.Name, c.Places, c.Links, c.Hours, c.Notice, c.Tells, c.NamesPerson, c.Paused, c.Draft
	var err error
	if s.Motifs, err = json.Marshal(c.Motifs); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	for _, b := range c.Beside {
		s.Beside = append(s.Beside, stored(b))
	}
	sealed, err := l.seal.seal("connection/"+c.Agenda, s)
	if err != nil {
		return err
	}
	return l.write(ctx, func(tx *session) error {
		unique := sql.NullString{String: identity, Valid: identity != ""}
		kept, err := tx.exec(ctx, `INSERT INTO connections (agenda, identity, version, origin, sealed) VALUES (?, ?, 1, ?, ?)
			ON CONFLICT (agenda) DO UPDATE SET identity = excluded.identity, version = connections.version + 1, origin = excluded.origin, sealed = excluded.sealed
			WHERE connections.version = ? OR ? = 0`, c.Agenda, unique, c.Origin, sealed, c.Version, c.Version)
		if tx.violation(err) == twice {
			return &booking.Error{Kind: connectors.Refused, Code: "agenda_deja_raccorde", Detail: "Cet agenda est déjà raccordé sous un autre nom.", Err: err}
		}
		if err != nil {
			return fmt.Errorf("ledger: keep a connection: %w", err)
		}
		if kept == 0 {
			return &connectors.Error{Op: "keep a connection", Kind: connectors.Changed, Err: fmt.Errorf("ledger: %s is not of version %d", c.Agenda, c.Version)}
		}
		return nil
	})
}

// ConnectionsVersion changes whenever a connection does, whichever process changed it.
func (l *Ledger) ConnectionsVersion(ctx context.Context) (string, error) {
	var n, sum int64
	_, err := l.read.first(ctx, []any{&n, &sum}, "SELECT count(*), coalesce(sum(version), 0) FROM connections")
	return fmt.Sprintf("%d/%d", n, sum), err
}
