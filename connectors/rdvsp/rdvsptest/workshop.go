package rdvsptest

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
)

// Join is a person who opens her personal link and takes part in a workshop that is there already.
func (s *Server) Join(link string, workshop int) (Rdv, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := url.Parse(link)
	if err != nil {
		return Rdv{}, errors.New("the link is no address")
	}
	query := u.Query()
	user, err := s.invited(u, query)
	if err != nil {
		return Rdv{}, err
	}
	r, there := s.rdvs[workshop]
	switch {
	case !there || !r.Collective || cancelled(r.Status) || !slices.Contains(query["organisation_ids[]"], strconv.Itoa(r.Organisation)):
		return Rdv{}, errors.New("the link leads to no such workshop")
	case r.has(user.ID):
		return Rdv{}, errTaken
	}
	p := Participation{User: user.ID, Status: Unknown, CreatedByType: "User", CreatedByID: user.ID}
	s.identify(&p.ID)
	r.Participations = append(r.Participations, p)
	s.tell(r, &p)
	s.happened("updated", r, "")
	return r.copy(), nil
}
