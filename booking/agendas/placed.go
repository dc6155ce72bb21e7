package agendas

import (
	"slices"
	"sync/atomic"

	"passerelle/booking"
	"passerelle/connectors"
)

// placed is what is known of the agendas of a place: worked out when it is asked for, as the set and the place never change.
type placed struct {
	place   *booking.Place
	agendas []*booking.Agenda
	link    connectors.Resolution
}

// table is what is known of the places of one reading of the directory, by their numbers: a search looks at hundreds of them.
type table struct {
	rows atomic.Pointer[[]atomic.Pointer[placed]]
}

// of is the row of a number. What is put there is lost at times: when the table grows, or is emptied.
func (t *table) of(number int) *atomic.Pointer[placed] {
	before := t.rows.Load()
	if before != nil && number < len(*before) {
		return &(*before)[number]
	}
	rows := make([]atomic.Pointer[placed], number+number/2+1)
	if before != nil {
		for i := range *before {
			rows[i].Store((*before)[i].Load())
		}
	}
	t.rows.CompareAndSwap(before, &rows)
	return &rows[number]
}

// OfPlace implements booking.Agendas.
func (s *Set) OfPlace(p *booking.Place) ([]*booking.Agenda, connectors.Resolution) {
	o := s.opened.Load()
	if p.Number == 0 { // of no reading, and asked for once
		return s.find(o, p)
	}
	row := o.placed.of(p.Number)
	known := row.Load()
	if known != nil && known.place == p {
		return known.agendas, known.link
	}
	if known != nil { // there is another reading: the one before is not kept alive for what nobody asks for again
		o.placed.rows.Store(nil)
		row = o.placed.of(p.Number)
	}
	known = &placed{place: p}
	known.agendas, known.link = s.find(o, p)
	row.Store(known)
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
