package agendas

import (
	"slices"

	"passerelle/booking"
	"passerelle/connectors"
)

// known is what is kept, and which diaries that is: a file of thousands of agendas is held against it at every start.
type known struct {
	all      map[string]booking.Connection // by agenda
	booked   map[string][]string           // identity of a diary: the agendas that it is
	beside   map[string][]string           // identity of a diary: the agendas beside which it is read
	identity func(connectors.Connection) string
}

func (s *Set) known() *known {
	k := &known{
		all: make(map[string]booking.Connection), booked: make(map[string][]string), beside: make(map[string][]string), identity: s.identity,
	}
	for _, a := range s.All() {
		k.put(a.Connection)
	}
	return k
}

// put takes in an agenda, as it is now.
func (k *known) put(c booking.Connection) {
	if before, ok := k.all[c.Agenda]; ok {
		k.note(before, func(list []string) []string {
			return slices.DeleteFunc(list, func(agenda string) bool { return agenda == c.Agenda })
		})
	}
	k.all[c.Agenda] = c
	k.note(c, func(list []string) []string { return append(list, c.Agenda) })
}

// note changes what is listed under the diaries of an agenda; those that are kept here have no identity.
func (k *known) note(c booking.Connection, change func([]string) []string) {
	if id := k.identity(c.Connection); id != "" {
		k.booked[id] = change(k.booked[id])
	}
	for _, b := range c.Beside {
		if id := k.identity(b); id != "" {
			k.beside[id] = change(k.beside[id])
		}
	}
}

// diaries lists the other agendas that a connection is already.
func (k *known) diaries(c booking.Connection) []string {
	return others(k.booked[k.identity(c.Connection)], c.Agenda)
}

// apart refuses a diary that is read beside one agenda and booked as another: each would be booked without the other.
func (k *known) apart(c booking.Connection) error {
	booked := ""
	if len(others(k.beside[k.identity(c.Connection)], c.Agenda)) > 0 {
		booked = c.Agenda
	}
	for _, b := range c.Beside {
		for _, agenda := range others(k.booked[k.identity(b)], c.Agenda) {
			booked = agenda
		}
	}
	if booked == "" {
		return nil
	}
	return booking.InvalidField("a_cote", "cet agenda est déjà raccordé pour lui-même, sous l'id « "+booked+" »")
}

func others(agendas []string, but string) []string {
	return slices.DeleteFunc(slices.Clone(agendas), func(agenda string) bool { return agenda == but })
}
