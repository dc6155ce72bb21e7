package rdvsptest

import (
	"slices"
)

// listRdvs has no order: between two questions a few rdvs change places, so that the pages of one reading overlap and
// leave some out. A foreign organisation has none.
func (s *Server) listRdvs(c *call) answer {
	organisation := c.number("organisation_id")
	if c.PathValue("organisation_id") != "" {
		organisation = c.id("organisation_id")
	}
	after, bounded := c.moment("starts_after", s.paris)
	before, ended := c.moment("starts_before", s.paris)
	ids, status, user, agent := c.numbers("id"), c.text("status"), c.number("user_id"), c.number("agent_id")
	s.disturb()
	var list []resource
	for _, id := range s.order {
		r := s.rdvs[id]
		switch {
		case !c.can(r.Organisation), organisation != 0 && r.Organisation != organisation:
		case bounded && r.Start.Before(after), ended && r.Start.After(before):
		case ids != nil && !slices.Contains(ids, r.ID), status != "" && r.Status != status:
		case agent != 0 && r.Agent != agent, user != 0 && !r.has(user):
		default:
			list = append(list, s.rdvShape(r))
		}
	}
	return listed(c, "rdvs", list)
}

func (r *Rdv) has(user int) bool {
	return slices.ContainsFunc(r.Participations, func(p Participation) bool { return p.User == user })
}

// disturb puts a rdv of the first page in the place of a later one, and that one in its own.
func (s *Server) disturb() {
	if len(s.order) <= perPage {
		s.random.Shuffle(len(s.order), func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
		return
	}
	const swaps = 3
	for k := range swaps { // each takes another rdv off the first page: no swap undoes the one before
		i := k*perPage/swaps + s.random.IntN(perPage/swaps)
		j := perPage + s.random.IntN(len(s.order)-perPage)
		s.order[i], s.order[j] = s.order[j], s.order[i]
	}
}

// updateParticipation is the way to cancel that tells people.
func (s *Server) updateParticipation(c *call) answer {
	id, status := c.id("id"), c.inside("participation").text("status")
	for _, r := range sorted(s.rdvs) {
		for i := range r.Participations {
			p := &r.Participations[i]
			if p.ID != id || !c.can(r.Organisation) {
				continue
			}
			if !slices.Contains(statuses, status) {
				return unprocessable(fieldError{"status", "n'est pas inclus(e) dans la liste", resource{"error": "inclusion"}})
			}
			s.setParticipation(r, p, status)
			return ok(document{{"rdv", s.rdvShape(r)}})
		}
	}
	return notFound("Participation")
}

// updateStatus is silent: nobody is told, no part changes, and no time of cancelling is kept.
func (s *Server) updateStatus(c *call) answer {
	r, there := s.rdvs[c.id("id")]
	switch {
	case !there:
		return notFound("Rdv")
	case !c.can(r.Organisation):
		return forbidden()
	case !slices.Contains(statuses, c.text("status")):
		return unprocessable(fieldError{"status", "n'est pas inclus(e) dans la liste", resource{"error": "inclusion"}})
	}
	r.Status = c.text("status")
	return ok(document{{"status", r.Status}})
}
