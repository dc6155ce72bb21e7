package booking

import (
	"slices"

	"passerelle/connectors"
)

// Capacity is something that can be done with a place. Its value is its wire name.
type Capacity string

// The capacities.
const (
	CanList   Capacity = "creneaux"
	CanBook   Capacity = "reserver"
	CanCancel Capacity = "annuler"
	CanMove   Capacity = "deplacer"
	CanAttend Capacity = "presence"
	CanHandOn Capacity = "orienter"
	CanInvite Capacity = "inviter" // an orientation takes who comes
)

// Capacities are what can be done with the place, each once, by name.
func (t *Terms) Capacities() []Capacity {
	var out []Capacity
	for _, a := range t.Agendas {
		motifs := a.serving(t.services)
		if len(motifs) > 0 && a.Readable() {
			out = append(out, CanList)
		}
		for i := range motifs {
			out = append(out, a.capacities(&motifs[i])...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// capacities are what can be done with a motif, besides looking at its slots.
func (a *Agenda) capacities(m *Motif) []Capacity {
	can := connectors.CapabilitiesOf(a.Diary)
	switch a.Path(*m) {
	case ByLedger, ByAsking:
		return []Capacity{CanBook, CanCancel, CanMove, CanAttend}
	case BySending:
		if can.Cancel {
			return []Capacity{CanBook, CanAttend, CanCancel, CanMove}
		}
		return []Capacity{CanBook, CanAttend}
	case ByLink:
		if can.Invite {
			return []Capacity{CanHandOn, CanInvite}
		}
		return []Capacity{CanHandOn}
	}
	return nil
}

// Readable reports whether the agenda can be asked for its time at all.
func (a *Agenda) Readable() bool { return a.Guarantee() != connectors.Handoff }
