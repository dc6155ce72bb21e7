package rdvsptest

import (
	"maps"
	"slices"
	"time"
)

// Organisation is one structure. Public identifiers (base58) are read with their case; the number works in addresses
// only for an organisation that is older than them.
type Organisation struct {
	ID         int
	PublicID   string // base58, six characters
	Territory  string // number or code of its territory: "26", "CN"
	ExternalID string // as the territory calls it
	Name       string
	Verticale  string    // rdv_mairie if empty
	CreatedAt  time.Time // zero for before January 2026
	MigratedTo string    // address of its page on another instance, where it went; it counts once no motif is left here
}

// Agent is somebody who works there. One without an e-mail is a desk (guichet, intervenant) that cannot sign in.
type Agent struct {
	ID                         int
	Email, FirstName, LastName string
	Organisations              []int
	TerritorialAdmin           bool // may install webhooks
	Refuses                    bool // says no when asked to consent
}

// Motif is what one comes for. Its length and its delays are in no answer of the API.
type Motif struct {
	ID, Organisation   int
	Name               string
	LocationType       string // public_office if empty
	BookableBy         string // everyone if empty
	Category           *Category
	Collective         bool
	Minutes            int           // 60 if zero
	MinDelay, MaxDelay time.Duration // before a start; 30 minutes and about three months if zero
}

// Category is what invitations name a motif by.
type Category struct {
	ID        int
	Name      string
	ShortName string
}

// Lieu is where.
type Lieu struct {
	ID, Organisation int
	Name, Address    string // street, city, postcode, in one line
}

// Opening is one occurrence of a plage d'ouverture: half-open, of one agent. Lieu is 0 where there is none.
type Opening struct {
	Agent, Lieu int
	Motifs      []int
	Start, End  time.Time
}

// Absence is when an agent is away: half-open.
type Absence struct {
	Agent      int
	Start, End time.Time
}

// User is a person who comes.
type User struct {
	ID                                int
	FirstName, LastName, Email, Phone string
	Address, BirthDate                string
	Organisations                     []int
	NotifyBySMS, NotifyByEmail        bool
	CreatedAt                         time.Time

	invitation string // the token, once there is one
}

// store is the data base of an instance.
type store struct {
	next          int
	organisations map[int]Organisation
	agents        map[int]Agent
	motifs        map[int]Motif
	lieux         map[int]Lieu
	openings      []Opening
	absences      []Absence
	users         map[int]*User
	rdvs          map[int]*Rdv
	order         []int // of rdvs, as the data base happens to give them
	endpoints     map[int]*endpoint
}

func newStore(first int) store {
	return store{
		next: max(first, 1), organisations: make(map[int]Organisation), agents: make(map[int]Agent),
		motifs: make(map[int]Motif), lieux: make(map[int]Lieu), users: make(map[int]*User), rdvs: make(map[int]*Rdv),
		endpoints: make(map[int]*endpoint),
	}
}

// identify gives an identifier to what has none. One sequence serves all: nothing may rest on numbers of two kinds
// being equal.
func (s *store) identify(id *int) {
	if *id == 0 {
		*id = s.next
	}
	s.next = max(s.next, *id+1)
}

// sorted are the values by identifier.
func sorted[T any](m map[int]T) []T {
	list := make([]T, 0, len(m))
	for _, id := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[id])
	}
	return list
}

// AddOrganisation puts an organisation there and returns it with its identifier.
func (s *Server) AddOrganisation(o Organisation) Organisation {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identify(&o.ID)
	if o.Verticale == "" {
		o.Verticale = "rdv_mairie"
	}
	s.organisations[o.ID] = o
	return o
}

// AddAgent likewise. Adding one again replaces it: rights change.
func (s *Server) AddAgent(a Agent) Agent {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identify(&a.ID)
	s.agents[a.ID] = a
	return a
}

// AddMotif likewise.
func (s *Server) AddMotif(m Motif) Motif {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identify(&m.ID)
	if m.LocationType == "" {
		m.LocationType = "public_office"
	}
	if m.BookableBy == "" {
		m.BookableBy = "everyone"
	}
	if m.Minutes == 0 {
		m.Minutes = 60
	}
	if m.MinDelay == 0 {
		m.MinDelay = 1800 * time.Second
	}
	if m.MaxDelay == 0 {
		m.MaxDelay = 7_889_238 * time.Second
	}
	s.motifs[m.ID] = m
	return m
}

// AddLieu likewise.
func (s *Server) AddLieu(l Lieu) Lieu {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identify(&l.ID)
	s.lieux[l.ID] = l
	return l
}

// AddUser likewise.
func (s *Server) AddUser(u User) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identify(&u.ID)
	if u.CreatedAt.IsZero() {
		u.CreatedAt = s.now()
	}
	s.users[u.ID] = &u
	return u
}

// Users are all the people, by identifier.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []User
	for _, u := range sorted(s.users) {
		list = append(list, *u)
		list[len(list)-1].Organisations = slices.Clone(u.Organisations)
	}
	return list
}

// AddOpening opens a time.
func (s *Server) AddOpening(o Opening) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.openings = append(s.openings, o)
}

// AddAbsence closes one.
func (s *Server) AddAbsence(a Absence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.absences = append(s.absences, a)
}

// RemoveMotif takes a motif away, as an organisation does that has moved to another instance.
func (s *Server) RemoveMotif(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.motifs, id)
}
