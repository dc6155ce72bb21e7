package agendas

import (
	"slices"

	"passerelle/booking"
	"passerelle/connectors"
)

// OfPlace implements booking.Agendas.
func (s *Set) OfPlace(p *booking.Place) *booking.Terms {
	o := s.opened.Load()
	return o.terms.Of(p, func() *booking.Terms {
		agendas, link := s.find(o, p)
		if len(agendas) == 0 && p.BookingURL == "" {
			return o.none
		}
		return booking.NewTerms(agendas, link)
	})
}

func (s *Set) find(o *opened, p *booking.Place) (out []*booking.Agenda, link connectors.Resolution) {
	add := func(list []*booking.Agenda) {
		for _, a := range list {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	add(o.byPlace[p.ID])
	for _, alias := range p.Aliases {
		add(o.byPlace[alias])
	}
	if p.BookingURL == "" {
		return out, link
	}
	if link = s.Resolve(p.BookingURL); link.Secret || link.Link == "" {
		return out, link
	}
	add(o.byLink[link.Link])
	if link.Mode == connectors.ByHandoff {
		if a, err := s.open(booking.Connection{Connection: connectors.Connection{Connector: link.Connector, Address: link.Link}}); err == nil {
			out = append(out, a)
		}
	}
	return out, link
}
