package booking

import (
	"context"
	"slices"
	"time"

	"passerelle/connectors/interval"
)

// Finding is how a slot stands that was shown before. Its value is its wire name.
type Finding string

// The findings.
const (
	StillFree Finding = "libre"    // by a reading that began after the question came
	NotFree   Finding = "pris"     // taken, or no longer offered
	NotKnown  Finding = "inconnu"  // an agenda behind it could not be read in time, or not be understood then
	NotASlot  Finding = "invalide" // no id of ours, or of a place or an agenda that is not there
	Begun     Finding = "passe"
)

// Checked is how one slot stands.
type Checked struct {
	ID         string
	Finding    Finding
	Seats      int       // left; zero where it is not free
	ObservedAt time.Time // when the agendas behind it were read, the oldest; zero where that says nothing of it
	Zone       *time.Location
}

// check is a slot that is looked at, and what the agendas behind it say.
type check struct {
	ref   SlotRef
	place *Place
	said  []Availabilities
}

// Check says of each slot, in the order asked, how it stands now: every agenda behind them is read once, past all that was
// known of it. A slot is free as for who would book it anew: a notice that has begun, or a motif that has changed, ends it.
func (s *Service) Check(ctx context.Context, ids []string) []Checked {
	ctx, cancel := context.WithTimeout(ctx, s.AnswerIn)
	defer cancel()
	out, checks := make([]Checked, len(ids)), make([]check, len(ids))
	var agendas []*Agenda // in the order met
	asked := make(map[*Agenda][]int)
	for i, id := range ids {
		var behind []*Agenda
		out[i] = Checked{ID: id}
		out[i].Finding, checks[i], behind = s.checkable(id)
		for _, a := range behind {
			if asked[a] == nil {
				agendas = append(agendas, a)
			}
			asked[a] = append(asked[a], i)
		}
	}
	said := make([][]Availabilities, len(agendas))
	each(ctx, len(agendas), func(ctx context.Context, n int) {
		a := agendas[n]
		questions := make([]AvailabilityQuery, len(asked[a]))
		for k, i := range asked[a] {
			questions[k] = checks[i].question(a)
		}
		said[n] = s.Availability.Check(ctx, a, questions)
	})
	for n, a := range agendas {
		for k, i := range asked[a] {
			checks[i].said = append(checks[i].said, checks[i].only(said[n][k]))
		}
	}
	for i, c := range checks {
		if len(c.said) > 0 {
			out[i] = c.checked(ids[i])
		}
	}
	return out
}

// checkable finds the agendas that may have a slot; where there is none to ask, how the slot stands.
func (s *Service) checkable(id string) (Finding, check, []*Agenda) {
	ref, err := s.Slots.Ref(id)
	if err != nil {
		return NotASlot, check{}, nil
	}
	p, err := s.place(ref.Place)
	if err != nil {
		return NotASlot, check{}, nil
	}
	all := s.Agendas.OfPlace(p).Agendas
	motif := ref.motifIn(all)
	behind := slices.DeleteFunc(slices.Clone(all), func(a *Agenda) bool {
		_, has := motif(a)
		return !has || !a.Readable()
	})
	switch {
	case len(behind) == 0 && !slices.ContainsFunc(all, func(a *Agenda) bool { return a.Agenda == ref.Agenda }):
		return NotASlot, check{}, nil
	case ref.Start <= s.Now().Unix():
		return Begun, check{}, nil
	case len(behind) == 0:
		return NotFree, check{}, nil
	}
	return "", check{ref: ref, place: p}, behind
}

// question asks an agenda for the slots that start when this one does.
func (c check) question(a *Agenda) AvailabilityQuery {
	m, _ := a.Motif(c.ref.Motif)
	return AvailabilityQuery{Place: c.place, Motifs: []Motif{m}, Window: interval.Interval{Start: c.ref.Start, End: c.ref.Start + 1}}
}

// only leaves this slot in an answer: a motif that is longer or shorter now makes another.
func (c check) only(a Availabilities) Availabilities {
	a.Slots = slices.DeleteFunc(slices.Clone(a.Slots), func(x Slot) bool { return x.Interval != c.ref.Interval })
	return a
}

// checked joins what the agendas say as searches do: free where one has it, not free where all were read.
func (c check) checked(id string) Checked {
	o := Offer{State: NoAgenda}
	o.merge(c.said)
	switch {
	case len(o.Slots) > 0:
		return Checked{ID: id, Finding: StillFree, Seats: o.Slots[0].Seats, ObservedAt: o.ObservedAt, Zone: c.place.Zone}
	case o.State == Unknown:
		return Checked{ID: id, Finding: NotKnown}
	}
	return Checked{ID: id, Finding: NotFree, ObservedAt: o.ObservedAt, Zone: c.place.Zone}
}
