package rdvsptest

import (
	"net/http"
	"slices"
	"time"
)

// The API that one named partner has: the slots of one motif, and rdvs of nobody in particular.

// SellToPartner chooses the motif. Its desks (guichets) are the agents of its organisation who have no e-mail.
func (s *Server) SellToPartner(motif int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.partner = motif
}

func (s *Server) asPartner(handle func(*call) answer) func(*call) answer {
	return func(c *call) answer {
		if s.o.PartnerKey == "" || c.Header.Get("X-VISIOPLAINTE-API-KEY") != s.o.PartnerKey {
			return refusal(http.StatusUnauthorized, "Authentification invalide")
		}
		return handle(c)
	}
}

// partnerSlots lists the starts of whole days. Its times alone are ISO 8601.
func (s *Server) partnerSlots(c *call) answer {
	first, begins := c.moment("date_debut", s.paris)
	last, ends := c.moment("date_fin", s.paris)
	switch {
	case !begins:
		return refusal(http.StatusBadRequest, "Paramètre date_debut manquant")
	case !ends:
		return refusal(http.StatusBadRequest, "Paramètre date_fin manquant")
	case last.After(first.AddDate(0, 0, 31)):
		return refusal(http.StatusBadRequest, "date_debut et date_fin ne doivent pas être espacés de plus de 31 jours")
	}
	m := s.motifs[s.partner]
	list := []document{}
	for _, start := range starts(s.slots(m, first, last)) {
		list = append(list, slotShape(m, start))
	}
	return ok(document{{"creneaux", list}})
}

// starts are those of slots, each once.
func starts(list []slot) []time.Time {
	var all []time.Time
	for _, f := range list {
		if len(all) == 0 || !all[len(all)-1].Equal(f.start) {
			all = append(all, f.start)
		}
	}
	return all
}

func slotShape(m Motif, start time.Time) document {
	return document{{"starts_at", start.Format(time.RFC3339)}, {"duration_in_min", m.Minutes}}
}

// partnerNextSlot looks sixty days ahead.
func (s *Server) partnerNextSlot(c *call) answer {
	first, begins := c.moment("date_debut", s.paris)
	if !begins {
		return refusal(http.StatusBadRequest, "Paramètre date_debut manquant")
	}
	m := s.motifs[s.partner]
	if found := s.slots(m, first, first.AddDate(0, 0, 60)); len(found) > 0 {
		return ok(slotShape(m, found[0].start))
	}
	return refusal(http.StatusNotFound, "Aucun créneau n'est disponible après cette date")
}

func (a Agent) desk() resource { return resource{"id": a.ID, "name": a.LastName} }

func (s *Server) partnerDesks(*call) answer {
	list := []resource{}
	for _, a := range sorted(s.agents) {
		if a.Email == "" && slices.Contains(a.Organisations, s.motifs[s.partner].Organisation) {
			list = append(list, a.desk())
		}
	}
	return ok(document{{"guichets", list}})
}

// partnerShape says less than the API of agents, and its times are not ISO 8601.
func (s *Server) partnerShape(r *Rdv) resource {
	return resource{
		"id": r.ID, "created_at": s.stamp(r.CreatedAt), "duration_in_min": r.Minutes, "ends_at": s.stamp(r.End()),
		"guichet": s.agents[r.Agent].desk(), "starts_at": s.stamp(r.Start), "status": r.Status,
		"user_id": r.Participations[0].User,
	}
}

// partnerRdvs needs identifiers, or a time: both ends count.
func (s *Server) partnerRdvs(c *call) answer {
	from, begins := c.moment("date_debut", s.paris)
	to, ends := c.moment("date_fin", s.paris)
	ids, desks := c.numbers("ids"), c.numbers("guichet_ids")
	if len(ids) == 0 && (!begins || !ends) {
		return refusal(http.StatusBadRequest, "Vous devez préciser le paramètre ids ou les paramètres date_debut et date_fin")
	}
	list := []resource{}
	for _, r := range s.sold() {
		switch {
		case len(ids) > 0 && !slices.Contains(ids, r.ID), desks != nil && !slices.Contains(desks, r.Agent):
		case begins && ends && (r.Start.Before(from) || r.Start.After(to)):
		default:
			list = append(list, s.partnerShape(r))
		}
	}
	return ok(document{{"rdvs", list}})
}

// sold are the rdvs of the partner.
func (s *Server) sold() []*Rdv {
	return slices.DeleteFunc(sorted(s.rdvs), func(r *Rdv) bool { return r.Motif != s.partner || len(r.Participations) == 0 })
}

// partnerBook makes somebody without a name, and her rdv. No data of a person crosses.
func (s *Server) partnerBook(c *call) answer {
	at, given := c.moment("starts_at", s.paris)
	m := s.motifs[s.partner]
	free, found := s.draw(m, at, 0)
	if !given || !found {
		return refusal(http.StatusUnprocessableEntity, "Pas de créneau disponible à la date demandée")
	}
	u := &User{FirstName: "Usager Anonyme", LastName: "Visioplainte", Organisations: []int{m.Organisation}, CreatedAt: s.now()}
	s.identify(&u.ID)
	s.users[u.ID] = u
	r := s.addRdv(Rdv{
		Motif: m.ID, Lieu: free.lieu, Agent: free.agent, Start: at, CreatedByType: "User", CreatedByID: u.ID,
		Participations: []Participation{{User: u.ID}},
	})
	return answer{status: http.StatusCreated, body: s.partnerShape(&r)}
}

func (s *Server) soldOne(c *call) *Rdv {
	for _, r := range s.sold() {
		if r.ID == c.id("id") {
			return r
		}
	}
	return nil
}

func (s *Server) partnerCancel(c *call) answer {
	r := s.soldOne(c)
	if r == nil {
		return refusal(http.StatusNotFound, "Pas de rdv pour cet id")
	}
	s.setAll(r, Excused)
	return ok(s.partnerShape(r))
}

func (s *Server) partnerDelete(c *call) answer {
	r := s.soldOne(c)
	if r == nil {
		return refusal(http.StatusNotFound, "Pas de rdv pour cet id")
	}
	s.removeRdv(r, "")
	return answer{status: http.StatusNoContent}
}
