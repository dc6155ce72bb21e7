package rdvsptest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// plan is a rdv that an agent is asked to make on the pages.
type plan struct {
	id, user  int
	rdv       int // 0 until then
	createdAt time.Time
	updatedAt time.Time
}

// createPlan finds the person by her identifier or her e-mail, and makes her otherwise.
func (s *Server) createPlan(c *call) answer {
	asked := c.inside("user")
	u := s.users[asked.number("id")]
	if u == nil {
		u = s.withEmail(asked.text("email"))
	}
	if u == nil {
		if asked.text("first_name") == "" || asked.text("last_name") == "" {
			return unprocessable(blank("last_name"), blank("first_name"))
		}
		u = &User{
			FirstName: asked.text("first_name"), LastName: asked.text("last_name"), Email: asked.text("email"),
			Phone: asked.text("phone_number"), Address: asked.text("address"), BirthDate: asked.text("birth_date"),
			NotifyBySMS: true, NotifyByEmail: true, CreatedAt: s.now(),
		}
		s.identify(&u.ID)
		s.users[u.ID] = u
	}
	p := &plan{user: u.ID, createdAt: s.now(), updatedAt: s.now()}
	s.identify(&p.id)
	s.plans[p.id] = p
	a := ok(document{{"rdv_plan", s.planShape(p)}})
	a.status = http.StatusCreated
	return a
}

func (s *Server) showPlan(c *call) answer {
	p, there := s.plans[c.id("rdv_plan_id")]
	if !there {
		return notFound("RdvPlan")
	}
	return ok(document{{"rdv_plan", s.planShape(p)}})
}

func (s *Server) planShape(p *plan) resource {
	var made any
	if r, there := s.rdvs[p.rdv]; there {
		made = document{
			{"id", r.ID},
			{"status", r.Status},
			{"starts_at", s.stamp(r.Start)},
			{"location_type", s.motifs[r.Motif].LocationType},
		}
	}
	return resource{
		"id": p.id, "created_at": s.stamp(p.createdAt), "rdv": made, "updated_at": s.stamp(p.updatedAt),
		"url": s.publicURL() + "/agents/rdv_plans/" + strconv.Itoa(p.id), "user_id": p.user,
	}
}

// FollowPlan is an agent who opens a plan and makes its rdv.
func (s *Server) FollowPlan(id, motif int, at time.Time) (Rdv, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, there := s.plans[id]
	if !there {
		return Rdv{}, fmt.Errorf("no plan %d", id)
	}
	m := s.motifs[motif]
	free, found := s.draw(m, at, 0)
	if !found {
		return Rdv{}, errTaken
	}
	r := s.addRdv(Rdv{
		Motif: m.ID, Lieu: free.lieu, Agent: free.agent, Start: at, Participations: []Participation{{User: p.user}},
	})
	p.rdv, p.updatedAt = r.ID, s.now()
	return r, nil
}
