package agendas

import (
	"slices"

	"passerelle/booking"
	"passerelle/connectors"
)

// placed is what is known of the agendas of a place. The set and the place never change.
type placed struct {
	agendas []*booking.Agenda
	link    connectors.Resolution
}

// OfPlace implements booking.Agendas.
func (s *Set) OfPlace(p *booking.Place) ([]*booking.Agenda, connectors.Resolution) {
	o := s.opened.Load()
	known := o.placed.Of(p, func() placed {
		agendas, link := s.find(o, p)
		return placed{agendas, link}
	})
	return known.agendas, known.link
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
