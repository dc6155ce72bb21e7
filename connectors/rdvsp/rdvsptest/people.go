package rdvsptest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

var (
	errTaken = errors.New("the slot is not free")
	errHome  = errors.New("the link leads to the home page")
)

// searchParameters are what an address of the search may say; the software reads nothing else.
var searchParameters = []string{
	"departement", "city_code", "street_ban_id", "latitude", "longitude", "address", "service_id", "lieu_id", "date",
	"motif_id", "motif_name_with_location_type", "motif_category_short_name", "public_link_organisation_id",
	"user_selected_organisation_id", "external_organisation_ids[]", "organisation_ids[]", "referent_ids[]", "prescripteur",
	"invitation_token",
}

// Follow is a person who opens her personal link and takes the slot that begins then. The error says what of the link
// does not lead there; an invitation may be followed again.
func (s *Server) Follow(link string, at time.Time) (Rdv, error) {
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
	motifs, err := s.motifsOf(query)
	if err != nil {
		return Rdv{}, err
	}
	lieu, _ := strconv.Atoi(query.Get("lieu_id"))
	for _, m := range motifs {
		if free, found := s.draw(m, at, lieu); found {
			return s.addRdv(Rdv{
				Motif: m.ID, Lieu: free.lieu, Agent: free.agent, Start: at, CreatedByType: "User", CreatedByID: user.ID,
				Participations: []Participation{{User: user.ID}},
			}), nil
		}
	}
	return Rdv{}, errTaken
}

// invited is who the link is for. The address must be one of the search of this instance, and say nothing that the
// software would not read.
func (s *Server) invited(u *url.URL, query url.Values) (*User, error) {
	if u.Scheme+"://"+u.Host != s.publicURL() || u.Path != "/prendre_rdv" {
		return nil, fmt.Errorf("the link is not one of %s/prendre_rdv", s.publicURL())
	}
	for name := range query {
		if !slices.Contains(searchParameters, name) {
			return nil, fmt.Errorf("the link has a parameter %q, which nobody reads", name)
		}
	}
	if !s.searchAllowed(query) {
		return nil, fmt.Errorf("%w: it names no organisation (public_link_organisation_id)", errHome)
	}
	for _, user := range sorted(s.users) {
		if token := query.Get("invitation_token"); token != "" && user.invitation == token {
			return user, nil
		}
	}
	return nil, fmt.Errorf("%w: the token of the invitation is not valid", errHome)
}

// motifsOf are those that the invited person may choose from: the whole scope of her link. What it does not say, she
// chooses on the page (the software's own search of the invited filters by what is given alone).
func (s *Server) motifsOf(query url.Values) ([]Motif, error) {
	scope := append(query["organisation_ids[]"], query["public_link_organisation_id"]...)
	category, motif := query.Get("motif_category_short_name"), query.Get("motif_id")
	if len(scope) == 0 {
		return nil, errors.New("the link names no organisation")
	}
	var open []Motif
	for _, m := range sorted(s.motifs) {
		shape := m.shape()
		switch {
		case !slices.Contains(scope, strconv.Itoa(m.Organisation)), shape["bookable_publicly"] == false, m.Collective:
		case query.Get("service_id") != "": // none has a service
		case category != "" && (m.Category == nil || m.Category.ShortName != category):
		case motif != "" && motif != strconv.Itoa(m.ID):
		default:
			open = append(open, m)
		}
	}
	if len(open) == 0 {
		return nil, errors.New("the link leads to no motif that invited people may book")
	}
	return open, nil
}

// act finds a rdv for somebody who does something to it.
func (s *Server) act(id int, do func(*Rdv) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, there := s.rdvs[id]
	if !there {
		return fmt.Errorf("no rdv %d", id)
	}
	return do(r)
}

// CancelAsUser is the person who cancels on the pages: four hours before the start at the latest.
func (s *Server) CancelAsUser(id int) error {
	return s.act(id, func(r *Rdv) error {
		if r.Start.Sub(s.now()) < 4*time.Hour {
			return errors.New("too late to cancel")
		}
		s.setAll(r, Excused)
		return nil
	})
}

// CancelAsAgent is the service that cancels.
func (s *Server) CancelAsAgent(id int) error { return s.mark(id, Revoked) }

// MarkSeen is an agent who says that the person came.
func (s *Server) MarkSeen(id int) error { return s.mark(id, Seen) }

// MarkNoShow is an agent who says that she did not.
func (s *Server) MarkNoShow(id int) error { return s.mark(id, NoShow) }

// Reset is an agent who takes back what was said.
func (s *Server) Reset(id int) error { return s.mark(id, Unknown) }

func (s *Server) mark(id int, status string) error {
	return s.act(id, func(r *Rdv) error {
		s.setAll(r, status)
		return nil
	})
}

// Move is an agent who changes the time: he may do so whatever else is there.
func (s *Server) Move(id int, to time.Time) error {
	return s.act(id, func(r *Rdv) error {
		r.Start = to
		for i := range r.Participations {
			s.tell(r, &r.Participations[i])
		}
		s.happened("updated", r, "")
		return nil
	})
}

// Purge is the end of the time that a rdv is kept for: no cancellation.
func (s *Server) Purge(id int) error {
	return s.act(id, func(r *Rdv) error {
		s.removeRdv(r, "rgpd")
		return nil
	})
}

// Delete is an agent who removes a rdv for good.
func (s *Server) Delete(id int) error {
	return s.act(id, func(r *Rdv) error {
		s.removeRdv(r, "")
		return nil
	})
}
