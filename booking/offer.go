package booking

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Offer is what a place can be booked for, over all its agendas, and when.
type Offer struct {
	Place      *Place
	*Terms            // for the services that it was asked for
	Slots      []Slot // signed, by start; equal starts of several agendas once, their seats summed
	State      State
	Empty      EmptyReason // set when Slots is empty
	ObservedAt time.Time
	SourceAt   time.Time
	Errs       []error // what went wrong while reading, for the log and for a booking's answer
}

// offer describes a place, without reading any agenda.
func (s *Service) offer(p *Place, services []string) Offer {
	return Offer{Place: p, Terms: s.Agendas.OfPlace(p).serving(services), State: NoAgenda, Empty: NothingToAsk}
}

// limit keeps the first slots, where there is a limit.
func (o *Offer) limit(most int) {
	if most > 0 && len(o.Slots) > most {
		o.Slots = o.Slots[:most:most]
	}
}

// look fills in slots; the question says when they are wanted, how many of each motif and agenda, and how it
// may be answered. It gives the state of the agenda that is known the worst, which need not be that of the slots.
func (s *Service) look(ctx context.Context, o *Offer, q AvailabilityQuery, motif string) (worst State) {
	worst = NoAgenda
	var few [2]Availabilities
	all := few[:0]
	for _, a := range o.readable {
		q.Agenda, q.Place, q.Motifs = a.Agenda, o.Place, a.motifs
		if motif != "" {
			q.Motifs = those(a.motifs, func(m *Motif) bool { return m.ID == motif })
		}
		if len(q.Motifs) == 0 {
			continue
		}
		said := s.Availability.Of(ctx, q)
		if worse(said.State, worst) {
			worst = said.State
		}
		all = append(all, said)
	}
	o.merge(all)
	return worst
}

// those of a list that somebody wants: the list itself where that is all of it, as it mostly is.
func those(all []Motif, wanted func(*Motif) bool) []Motif {
	for i := range all {
		if wanted(&all[i]) {
			continue
		}
		some := slices.Clone(all[:i])
		for j := i + 1; j < len(all); j++ {
			if wanted(&all[j]) {
				some = append(some, all[j])
			}
		}
		return some
	}
	return all[:len(all):len(all)]
}

// merge sums what several agendas say. Slots of one agenda stay true when another cannot be read; but an empty
// list means "none" only when every agenda was read.
func (o *Offer) merge(all []Availabilities) {
	o.Slots = united(all)
	for _, a := range all {
		if a.Err != nil {
			o.Errs = append(o.Errs, a.Err)
		}
		if len(o.Slots) > 0 && len(a.Slots) == 0 {
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
	if len(o.Slots) > 0 {
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

// united sorts by start and shows equal slots of several agendas once, their seats summed. The first agenda names
// the slot; a booking tries the others too.
func united(all []Availabilities) []Slot {
	if len(all) == 1 && inOrder(all[0].Slots) {
		return all[0].Slots
	}
	var slots []Slot
	for _, a := range all {
		slots = append(slots, a.Slots...)
	}
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

// inOrder reports whether no slot starts before, or with, the one before it.
func inOrder(slots []Slot) bool {
	for i := 1; i < len(slots); i++ {
		if slots[i].Start <= slots[i-1].Start {
			return false
		}
	}
	return true
}
