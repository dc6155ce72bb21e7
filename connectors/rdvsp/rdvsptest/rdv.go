package rdvsptest

import (
	"fmt"
	"slices"
	"time"
)

// The statuses of a rdv and of a participation. Those that are cancelled free the slot.
const (
	Unknown = "unknown"
	Seen    = "seen"
	NoShow  = "noshow"
	Excused = "excused" // by the person
	Revoked = "revoked" // by the service
)

var statuses = []string{Unknown, Seen, NoShow, Excused, Revoked}

func cancelled(status string) bool { return status == Excused || status == Revoked }

// Rdv is an appointment. A cancelled one stays there.
type Rdv struct {
	ID, Organisation, Motif int
	Lieu                    int // 0 where there is none
	Agent                   int
	Start                   time.Time
	Minutes                 int
	Status                  string
	CancelledAt             time.Time // zero until then
	CreatedAt               time.Time
	CreatedByType           string // Agent, User, Prescripteur, FileAttente
	CreatedByID             int
	Collective              bool
	Participations          []Participation
}

// Participation is one person's part in it. Of the two statuses, this is the one to read.
type Participation struct {
	ID, User      int
	Status        string
	CreatedByType string // as of the rdv, where it does not say
	CreatedByID   int
}

// End is when it is over: spans are half-open.
func (r Rdv) End() time.Time { return r.Start.Add(time.Duration(r.Minutes) * time.Minute) }

// seats is how many people come.
func (r Rdv) seats() int {
	n := 0
	for _, p := range r.Participations {
		if !cancelled(p.Status) {
			n++
		}
	}
	return n
}

// AddRdv puts a rdv there that people made elsewhere (by telephone, say), and returns it with its identifiers. It sends
// its webhook. What it does not say is taken from its motif.
func (s *Server) AddRdv(r Rdv) Rdv {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addRdv(r)
}

func (s *Server) addRdv(r Rdv) Rdv {
	m := s.motifs[r.Motif]
	s.identify(&r.ID)
	if r.Organisation == 0 {
		r.Organisation = m.Organisation
	}
	if r.Minutes == 0 {
		r.Minutes = m.Minutes
	}
	if r.Status == "" {
		r.Status = Unknown
	}
	if r.CreatedByType == "" {
		r.CreatedByType, r.CreatedByID = "Agent", r.Agent
	}
	r.CreatedAt, r.Collective = s.now(), m.Collective
	r.Participations = slices.Clone(r.Participations)
	for i := range r.Participations {
		p := &r.Participations[i]
		s.identify(&p.ID)
		if p.Status == "" {
			p.Status = r.Status
		}
		if p.CreatedByType == "" {
			p.CreatedByType, p.CreatedByID = r.CreatedByType, r.CreatedByID
		}
	}
	s.rdvs[r.ID] = &r
	at := s.random.IntN(len(s.order) + 1) // where the data base finds room
	s.order = slices.Insert(s.order, at, r.ID)
	s.happened("created", &r, "")
	return r.copy()
}

func (r *Rdv) copy() Rdv {
	c := *r
	c.Participations = slices.Clone(r.Participations)
	return c
}

// Rdv is one as it is now; ok is false when it is not there.
func (s *Server) Rdv(id int) (r Rdv, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.rdvs[id]; ok {
		return r.copy(), true
	}
	return Rdv{}, false
}

// Rdvs are all of them, by identifier.
func (s *Server) Rdvs() []Rdv {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Rdv
	for _, r := range sorted(s.rdvs) {
		list = append(list, r.copy())
	}
	return list
}

// Notification is a message that went to a person.
type Notification struct {
	User, Rdv int
	Status    string // that it told of
}

// Notified are the messages that people got.
func (s *Server) Notified() []Notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notified)
}

// setParticipation changes one part, and with it the rdv: what happens to the only person happens to the rdv. The
// person is told, and the webhook leaves.
func (s *Server) setParticipation(r *Rdv, p *Participation, status string) {
	p.Status = status
	if !r.Collective {
		s.setStatus(r, status)
	}
	s.tell(r, p)
	s.happened("updated", r, "")
}

// tell sends a message to whoever has an address.
func (s *Server) tell(r *Rdv, p *Participation) {
	if u := s.users[p.User]; u.Email != "" || u.Phone != "" {
		s.notified = append(s.notified, Notification{User: p.User, Rdv: r.ID, Status: p.Status})
	}
}

// setStatus is of the rdv alone. Not to come counts as cancelled here, though it keeps the slot.
func (s *Server) setStatus(r *Rdv, status string) {
	r.Status = status
	r.CancelledAt = time.Time{}
	if cancelled(status) || status == NoShow {
		r.CancelledAt = s.now()
	}
}

// setAll is what an agent does in one gesture: everybody's part, and the rdv.
func (s *Server) setAll(r *Rdv, status string) {
	for i := range r.Participations {
		p := &r.Participations[i]
		p.Status = status
		s.tell(r, p)
	}
	s.setStatus(r, status)
	s.happened("updated", r, "")
}

// removeRdv takes one away for good. The reason is "rgpd" when its time was over, and empty when somebody did it.
func (s *Server) removeRdv(r *Rdv, reason string) {
	s.happened("destroyed", r, reason)
	delete(s.rdvs, r.ID)
	s.order = slices.DeleteFunc(s.order, func(id int) bool { return id == r.ID })
}

// uuid is of a rdv: the same for ever.
func (r Rdv) uuid() string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", r.ID) }
