package rdvsptest

import (
	"slices"
)

// can reports whether the agent who asks works in an organisation: what he may do on the pages, he may do here.
func (c *call) can(organisation int) bool {
	return slices.Contains(c.agent.Organisations, organisation)
}

func (s *Server) me(c *call) answer { return ok(document{{"agent", c.agent.shape()}}) }

func (s *Server) listOrganisations(c *call) answer {
	if c.text("departement_number")+c.text("city_code") != "" {
		s.report([]string{"the search of an organisation by its sector is not modelled"})
	}
	var list []resource
	for _, o := range sorted(s.organisations) {
		if c.can(o.ID) {
			list = append(list, o.shape())
		}
	}
	return listed(c, "organisations", list)
}

// listMotifs fails where the organisation is not the agent's, and on a parameter that the software reads and
// documents nowhere: both are mistakes of theirs.
func (s *Server) listMotifs(c *call) answer {
	organisation := c.id("organisation_id")
	if _, asked := c.given["motif_category_short_name"]; asked || !c.can(organisation) {
		return internalError()
	}
	var list []resource
	for _, m := range sorted(s.motifs) {
		shape := m.shape()
		if m.Organisation != organisation || c.text("bookable_publicly") != "" && c.flag("bookable_publicly", false) != shape["bookable_publicly"] {
			continue
		}
		if c.text("active") != "" && !c.flag("active", true) || c.text("service_id") != "" {
			continue // none is deleted, and none has a service
		}
		list = append(list, shape)
	}
	return listed(c, "motifs", list)
}

// listLieux knows no foreign organisation: its places are simply not there.
func (s *Server) listLieux(c *call) answer {
	var list []resource
	for _, l := range sorted(s.lieux) {
		if c.can(l.Organisation) && (c.text("organisation_id") == "" || c.number("organisation_id") == l.Organisation) {
			list = append(list, l.shape())
		}
	}
	return listed(c, "lieux", list)
}
