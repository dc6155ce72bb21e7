package booking

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Connection (raccordement) is how one agenda is reached and what may be booked in it. It is kept in the ledger;
// the configuration file only seeds it.
type Connection struct {
	connectors.Connection
	Agenda      string                  // the agenda's permanent id: the key of every claim
	Name        string                  // for the operator's lists
	Places      []string                // ids of the places it serves
	Links       []string                // values of prise_rdv whose places it serves
	Motifs      []Motif                 // complete; never empty
	Hours       string                  // OSM opening_hours, instead of the place's own
	Beside      []connectors.Connection // other diaries of the same person, read for busy time only
	Notice      string                  // e-mail address of the structure; empty means that it cannot be told
	Tells       Teller                  // who tells the structure and the person of what is in its agenda
	NamesPerson bool                    // what is written to its agenda names the person; else nothing of her leaves the gateway
	Paused      bool                    // shown, not bookable
	Draft       bool                    // not published: its structure looks at it first, and it serves no place yet
	Version     int                     // of this record, from 1
	Origin      Origin                  // who said so last
}

// Origin is who has said how an agenda is reached. Its value is its wire name.
type Origin string

// The origins. The configuration file does not take back what somebody has said since.
const (
	FromFile      Origin = "fichier"
	FromOperator  Origin = "commande"
	FromStructure Origin = "structure"
)

// Teller is who tells people of a booking that is written to an agenda: never both. Its value is its wire name.
type Teller string

// The tellers.
const (
	GatewayTells Teller = "passerelle"
	SourceTells  Teller = "source" // the agenda's own software does
)

// Clone is a copy that can be altered: it has no list in common with any other, where many agendas are kept with the same one.
func (c *Connection) Clone() Connection {
	out := *c
	out.Settings, out.Places, out.Links = slices.Clone(c.Settings), slices.Clone(c.Places), slices.Clone(c.Links)
	out.Motifs, out.Beside = slices.Clone(c.Motifs), slices.Clone(c.Beside)
	for i := range out.Motifs {
		m := &out.Motifs[i]
		m.Services, m.Bring, m.Required, m.Reception = slices.Clone(m.Services), slices.Clone(m.Bring), slices.Clone(m.Required), slices.Clone(m.Reception)
	}
	for i := range out.Beside {
		out.Beside[i].Settings = slices.Clone(out.Beside[i].Settings)
	}
	return out
}

// Motif finds a motif by id.
func (c *Connection) Motif(id string) (Motif, bool) {
	for _, m := range c.Motifs {
		if m.ID == id {
			return m, true
		}
	}
	return Motif{}, false
}

// Agenda is an opened connection.
type Agenda struct {
	Connection
	Diary  connectors.Agenda   // never nil
	Beside []connectors.Agenda // opened Connection.Beside, read for busy time only
	Known  atomic.Value        // for the Availability that reads it: what it knows of it. Nobody else looks at that
}

// Guarantee is what may be promised of a booking in this agenda.
func (a *Agenda) Guarantee() connectors.Guarantee { return connectors.GuaranteeOf(a.Diary) }

// Promise is what may be promised of a booking of motif m: where the structure must accept, nothing before it does.
func (a *Agenda) Promise(m Motif) connectors.Guarantee {
	if a.Path(m) == ByAsking {
		return connectors.OnRequest
	}
	return a.Guarantee()
}

// Path is how a booking in this agenda goes.
type Path uint8

// The paths.
const (
	NoPath    Path = iota // it cannot be booked through us
	ByLedger              // the ledger alone decides: there is no other diary
	BySending             // a write is sent to the agenda
	ByAsking              // the structure must accept
	ByLink                // a human finishes it elsewhere
)

// Books reports whether motif m can be booked through us.
func (a *Agenda) Books(m Motif) bool {
	path := a.Path(m)
	return path == ByLedger || path == BySending || path == ByAsking
}

// Path says how a booking of motif m goes. A read-only agenda whose structure cannot be told is not bookable.
func (a *Agenda) Path(m Motif) Path {
	if a.Paused || a.Draft {
		return NoPath
	}
	guarantee := a.Guarantee()
	if guarantee == connectors.OnRequest || m.Validation == ByStructure && guarantee != connectors.Handoff {
		if a.Notice == "" {
			return NoPath
		}
		return ByAsking
	}
	if _, books := a.Diary.(connectors.Booker); books {
		return BySending
	}
	if guarantee == connectors.Atomic {
		return ByLedger
	}
	if _, handsOn := a.Diary.(connectors.Handoffer); handsOn {
		return ByLink
	}
	return NoPath
}

// Directory is where places are found; its methods are the questions that one list answers. Places and Search share nothing mutable with their caller.
type Directory interface {
	// Places answers each id or alias with its place, in order; nil where it is unknown.
	Places(ids ...string) []*Place
	// Search lists every place that matches: by distance if the filter has a point, else by name. A value that
	// the standard does not know is an *Error of kind Invalid that names the field and the allowed values.
	Search(f PlaceFilter) ([]Found, error)
	// Areas is what somebody may mean who says where: a commune ("Crest", "St-Denis (93)"), a postal code, a département,
	// or, where no commune is called so, an EPCI ("CC du Val de Drôme").
	// Several where the name is several communes', the one with the most places first; none where nothing is called so.
	Areas(text string) []Area
	// Counts is how many of the places that a filter selects have each value of a column that it can select by, in the
	// standard's order, without those that none has; what the filter itself wants of that column set aside.
	Counts(f PlaceFilter, column string) ([]Count, error)
	// EPCI is the SIREN of the group of communes that a filter looks in: of its communes, or else of its EPCIs, or else of its
	// postal codes; empty where it has none of these, one that is unknown, or several of which not all lie in one group.
	EPCI(f PlaceFilter) string
	// Services gives labels of services in the standard's spelling; an unknown one is Invalid and names the field.
	Services(field string, labels []string) ([]string, error)
}

// Agendas opens connections and knows which of them serve a place. Five methods: one list, three ways to look into it.
type Agendas interface {
	// OfPlace gives the terms of a place, for all services. They are the same for all who ask.
	OfPlace(p *Place) *Terms
	// ByID finds a declared agenda.
	ByID(id string) (*Agenda, bool)
	// All lists the declared agendas, by id.
	All() []*Agenda
	// Connectors lists the names of the connectors that there are.
	Connectors() []string
	// Resolve says what a booking URL is, as it stands in the wild.
	Resolve(raw string) connectors.Resolution
}

// Availability turns readings, hours and the ledger's claims into slots.
type Availability interface {
	// Of says what is free at one agenda for one place. It never errs: what could not be read is in the state.
	Of(ctx context.Context, q AvailabilityQuery) Availabilities
	// Check reads the agenda now, once, and answers each question about it from what it said then.
	Check(ctx context.Context, a *Agenda, questions []AvailabilityQuery) []Availabilities
	// Explain reads the agenda now and says of each time of the window why it can be booked or cannot; what it does not speak of
	// is closed. By start; no two overlap.
	Explain(ctx context.Context, q AvailabilityQuery) ([]Stretch, error)
	// Readings says how agendas stand and are read, by connector. It asks none of them.
	Readings(agendas []*Agenda) map[string]Reading
	// Opening is when the place's own opening hours let people in within w; known is false when they cannot be read in full there.
	Opening(p *Place, w interval.Interval) (open []interval.Interval, known bool)
	// NextOpening is when the place's own opening hours next let somebody in, at or after t; false when they
	// cannot be read or there is none within a fortnight.
	NextOpening(p *Place, t time.Time) (time.Time, bool)
	// WorkingDay is one working day after t where the place is: the same hour of the next day that is neither Saturday
	// nor Sunday nor a public holiday.
	WorkingDay(p *Place, t time.Time) time.Time
}
