package agendas

import (
	"sync"
	"sync/atomic"
	"weak"

	"passerelle/booking"
	"passerelle/connectors"
)

// placed is what is known of the agendas of a place: worked out when it is asked for, as the set and the place never change.
type placed struct {
	place   weak.Pointer[booking.Place] // the file that it came from is not kept alive
	agendas []*booking.Agenda
	link    connectors.Resolution
}

// table is what is known of places, by their numbers: a search looks at hundreds of them.
type table struct {
	grow sync.Mutex
	rows atomic.Pointer[[]atomic.Pointer[placed]]
}

// of is the place of a number in the table. What is put there is lost at times, when the table grows.
func (t *table) of(number int) *atomic.Pointer[placed] {
	if rows := t.rows.Load(); rows != nil && number < len(*rows) {
		return &(*rows)[number]
	}
	t.grow.Lock()
	defer t.grow.Unlock()
	var before []atomic.Pointer[placed]
	if rows := t.rows.Load(); rows != nil {
		before = *rows
	}
	if number >= len(before) {
		rows := make([]atomic.Pointer[placed], max(2*len(before), number+1))
		for i := range before {
			rows[i].Store(before[i].Load())
		}
		t.rows.Store(&rows)
		before = rows
	}
	return &before[number]
}

// OfPlace implements booking.Agendas.
func (s *Set) OfPlace(p *booking.Place) ([]*booking.Agenda, connectors.Resolution) {
	o := s.opened.Load()
	if p.Number == 0 { // of no reading, and asked for once
		return s.find(o, p)
	}
	row := o.placed.of(p.Number)
	known := row.Load()
	if known == nil || known.place.Value() != p {
		known = &placed{place: weak.Make(p)}
		known.agendas, known.link = s.find(o, p)
		row.Store(known)
	}
	return known.agendas, known.link
}

func (s *Set) find(o *opened, p *booking.Place) (out []*booking.Agenda, link connectors.Resolution) {
	add := func(list []*booking.Agenda) {
		for _, a := range list {
			if !contains(out, a) {
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

func contains(list []*booking.Agenda, a *booking.Agenda) bool {
	for _, have := range list {
		if have == a {
			return true
		}
	}
	return false
}
