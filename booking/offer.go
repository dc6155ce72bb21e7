package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Offer is what a place can be booked for, over all its agendas.
type Offer struct {
	Place      *Place
	Link       connectors.Resolution // of the place's prise_rdv; zero when it has none
	Agendas    []*Agenda
	Motifs     []Motif // of those asked for; equal ids once
	Mode       connectors.Mode
	Connector  string // of the agenda that Mode is due to; empty when there is none
	Guarantee  connectors.Guarantee
	Capacities []Capacity
	Slots      []Slot // signed, by start; equal starts of several agendas once, their seats summed
	State      State
	Empty      EmptyReason // set when Slots is empty
	ObservedAt time.Time
	SourceAt   time.Time
	Errs       []error // what went wrong while reading, for the log and for a booking's answer
}

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

// offer describes a place, without reading any agenda.
func (s *Service) offer(p *Place, services []string) *Offer {
	o := &Offer{Place: p, Mode: connectors.ByContact, State: NoAgenda, Empty: NothingToAsk}
	o.Agendas, o.Link = s.Agendas.OfPlace(p)
	for _, a := range o.Agendas {
		o.add(a, services)
	}
	slices.Sort(o.Capacities)
	o.Capacities = slices.Compact(o.Capacities)
	return o
}

func (o *Offer) add(a *Agenda, services []string) {
	motifs := slices.DeleteFunc(slices.Clone(a.Motifs), func(m Motif) bool { return !m.Serves(services) })
	switch {
	case len(a.Motifs) == 0: // a bare link: whatever one comes for, it is found there
		motifs = []Motif{{}}
	case len(motifs) == 0: // nothing here is for these services
		return
	}
	mode, guarantee, capacities := connectors.ByContact, a.Guarantee(), []Capacity(nil)
	if a.Readable() {
		capacities = append(capacities, CanList)
	}
	for _, m := range motifs {
		switch a.Path(m) {
		case ByLedger, ByAsking:
			mode, capacities = connectors.ByAPI, append(capacities, CanBook, CanCancel, CanMove, CanAttend)
			guarantee = a.Promise(m)
		case BySending:
			mode, capacities = connectors.ByAPI, append(capacities, CanBook, CanAttend)
			if connectors.CapabilitiesOf(a.Diary).Cancel {
				capacities = append(capacities, CanCancel, CanMove)
			}
		case ByLink:
			capacities = append(capacities, CanHandOn)
			if connectors.CapabilitiesOf(a.Diary).Invite {
				capacities = append(capacities, CanInvite)
			}
			if mode != connectors.ByAPI {
				mode = connectors.ByHandoff
			}
		}
		if a.Readable() && !slices.ContainsFunc(o.Motifs, func(have Motif) bool { return have.ID == m.ID }) {
			o.Motifs = append(o.Motifs, m)
		}
	}
	o.Capacities = append(o.Capacities, capacities...)
	if o.Connector == "" || rank(mode) > rank(o.Mode) {
		o.Mode, o.Connector, o.Guarantee = mode, a.Connector, guarantee
		if mode == connectors.ByContact {
			o.Guarantee = "" // nothing is booked, so nothing is promised
		}
	}
}

func rank(m connectors.Mode) int {
	return slices.Index([]connectors.Mode{connectors.ByContact, connectors.ByHandoff, connectors.ByAPI}, m)
}

// Readable reports whether the agenda can be asked for its time at all.
func (a *Agenda) Readable() bool { return a.Guarantee() != connectors.Handoff }

// read fills in the slots that start in w, signed. With limit above zero no more than that are kept.
func (s *Service) read(ctx context.Context, o *Offer, w interval.Interval, motif string, limit int) {
	s.look(ctx, o, AvailabilityQuery{Window: w, Limit: limit, Shown: true}, motif)
	o.limit(limit)
	s.sign(o.Slots)
}

// limit keeps the first slots, where there is a limit.
func (o *Offer) limit(most int) {
	if most > 0 && len(o.Slots) > most {
		o.Slots = slices.Clone(o.Slots[:most]) // the rest is not kept alive
	}
}

// sign gives slots the ids by which they are booked.
func (s *Service) sign(list []Slot) {
	for i := range list {
		list[i].ID = s.Slots.ID(list[i].ref())
	}
}

// look fills in slots without their ids; the question says when they are wanted, how many of each motif and agenda, and how it
// may be answered. It gives the state of the agenda that is known the worst, which need not be that of the slots.
func (s *Service) look(ctx context.Context, o *Offer, q AvailabilityQuery, motif string) (worst State) {
	worst = NoAgenda
	var all []Availabilities
	for _, a := range o.Agendas {
		motifs := wanted(a, o, motif)
		if !a.Readable() || len(motifs) == 0 {
			continue
		}
		q.Agenda, q.Place, q.Motifs = a, o.Place, motifs
		said := s.Availability.Of(ctx, q)
		if worse(said.State, worst) {
			worst = said.State
		}
		for i := range said.Slots {
			said.Slots[i].Books = a.Books(said.Slots[i].Motif)
		}
		all = append(all, said)
	}
	o.merge(all)
	return worst
}

func wanted(a *Agenda, o *Offer, motif string) []Motif {
	return slices.DeleteFunc(slices.Clone(a.Motifs), func(m Motif) bool {
		return motif != "" && m.ID != motif || !slices.ContainsFunc(o.Motifs, func(have Motif) bool { return have.ID == m.ID })
	})
}

// merge sums what several agendas say. Slots of one agenda stay true when another cannot be read; but an empty
// list means "none" only when every agenda was read.
func (o *Offer) merge(all []Availabilities) {
	var slots []Slot
	for _, a := range all {
		slots = append(slots, a.Slots...)
		if a.Err != nil {
			o.Errs = append(o.Errs, a.Err)
		}
	}
	o.Slots = unite(slots)
	for _, a := range all {
		if len(slots) > 0 && len(a.Slots) == 0 {
			continue
		}
		switch {
		case o.State == NoAgenda || worse(a.State, o.State):
			o.State, o.Empty = a.State, a.Empty
		case a.State == o.State:
			o.Empty = Milder(o.Empty, a.Empty)
		}
		o.ObservedAt = oldest(o.ObservedAt, a.ObservedAt)
		o.SourceAt = oldest(o.SourceAt, a.SourceAt)
	}
	if len(slots) > 0 {
		o.Empty = ""
	}
}

// Milder keeps, of two reasons for no slot, the one that leaves the most to hope for.
func Milder(a, b EmptyReason) EmptyReason {
	for _, r := range []EmptyReason{SourceFailed, Full, TooSoon, TooFar} {
		if a == r || b == r {
			return r
		}
	}
	return Closed
}

func worse(a, b State) bool {
	order := []State{NoAgenda, Fresh, Stale, Unknown}
	return slices.Index(order, a) > slices.Index(order, b)
}

func oldest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// unite sorts by start and shows equal slots of several agendas once, their seats summed. The first agenda names
// the slot; a booking tries the others too.
func unite(slots []Slot) []Slot {
	slices.SortStableFunc(slots, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Motif.ID, b.Motif.ID), cmp.Compare(a.Agenda, b.Agenda))
	})
	out := slots[:0]
	for _, x := range slots {
		if n := len(out); n > 0 && out[n-1].Interval == x.Interval && out[n-1].Motif.ID == x.Motif.ID {
			seats := out[n-1].Seats + x.Seats
			if x.Books && !out[n-1].Books {
				out[n-1] = x
			}
			out[n-1].Seats = seats
			continue
		}
		out = append(out, x)
	}
	return out
}

func (x Slot) ref() SlotRef {
	return SlotRef{Place: x.Place, Agenda: x.Agenda, Motif: x.Motif.ID, Interval: x.Interval}
}
