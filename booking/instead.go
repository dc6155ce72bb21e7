package booking

import (
	"cmp"
	"context"
	"slices"

	"passerelle/connectors/interval"
)

// Instead (ensuite) is what there is instead of the slots that were asked for, where there are none.
type Instead struct {
	Later   []Slot   // the place's own first slots after the window, by start; none where there is none, or nobody knows
	Nearest *Nearest // nil where there is none, or nothing says where to look
}

// Nearest (lieu_proche) is the nearest other place that has a slot to book.
type Nearest struct {
	Place      *Place
	DistanceKM float64
	First      Slot
}

// farthest is how far somebody is sent, in kilometres.
const farthest = 50

// Instead says what there is instead of the slots of a place that start in [from, to), as far as it is known: no agenda is read
// for it. The offer is what SlotsOf gave for that window, and motif the one that was asked for; the nearest place is one for the
// same services.
func (s *Service) Instead(ctx context.Context, o *Offer, from, to *Bound, motif string) (Instead, error) {
	w, err := s.window(from, to, o.Place.Zone)
	if err != nil {
		return Instead{}, err
	}
	out := Instead{Later: s.beyond(ctx, o, w, motif)}
	if o.Place.Point == nil {
		return out, nil
	}
	f := PlaceFilter{Near: o.Place.Point, Services: s.comesFor(o, motif)}
	out.Nearest, err = s.nearest(ctx, f, -1, from, to, func(p *Place) bool { return p.ID == o.Place.ID })
	return out, err
}

// comesFor are the services that somebody comes for: the motif's, or those of all motifs; the place's own where a motif states
// none. What a file calls a service and the standard does not is none.
func (s *Service) comesFor(o *Offer, motif string) []string {
	var out []string
	for _, m := range o.Motifs {
		if motif == "" || m.ID == motif {
			out = append(out, m.Services...)
			if len(m.Services) == 0 {
				out = nil
				break
			}
		}
	}
	if len(out) == 0 {
		out = o.Place.Services
	}
	return slices.DeleteFunc(slices.Clone(out), func(label string) bool {
		_, err := s.Directory.Services("services", []string{label})
		return err != nil
	})
}

// beyond lists the first slots of a place after a window in which it has none: of each motif and agenda one, up to the horizon of
// the motifs. Where one of its agendas is not known the first is not either.
func (s *Service) beyond(ctx context.Context, o *Offer, w interval.Interval, motif string) []Slot {
	if o.State != Fresh && o.State != Stale {
		return nil
	}
	days := 0
	for _, m := range o.Motifs {
		days = max(days, m.HorizonDays)
	}
	after := interval.Interval{Start: w.End, End: s.Now().AddDate(0, 0, days+1).Unix()}
	if after.Empty() {
		return nil
	}
	found := &Offer{Place: o.Place, Terms: o.Terms, State: NoAgenda}
	s.look(ctx, found, AvailabilityQuery{Window: after, Limit: 1, Known: true}, motif)
	return found.Slots
}

// nearest walks outward from the point of a filter, ring by ring, to the first place that can be booked in [from, to) by what is
// known of it; up to inside, in kilometres, all were looked at. It costs four searches of the directory at most, and a glance at each
// place with an agenda within so many kilometres: what one more search would.
func (s *Service) nearest(ctx context.Context, f PlaceFilter, inside float64, from, to *Bound, passed func(*Place) bool) (*Nearest, error) {
	ctx, cancel := context.WithTimeout(ctx, s.AnswerIn/3)
	defer cancel()
	for _, km := range []float64{5, 15, 30, farthest} {
		if km <= inside {
			continue
		}
		f.RadiusKM = km
		found, err := s.Directory.Search(f)
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			if *x.DistanceKM <= inside || passed(x.Place) {
				continue
			}
			if ctx.Err() != nil {
				return nil, nil // what is not known in time is not said
			}
			w, err := s.window(from, to, x.Place.Zone)
			if err != nil {
				continue // a local day that is over there
			}
			if first, ok := s.first(ctx, x.Place, f.Services, w); ok {
				return &Nearest{Place: x.Place, DistanceKM: *x.DistanceKM, First: first}, nil
			}
		}
		inside = km
	}
	return nil, nil
}

// first is the first slot of a place in a window that can be booked, by what is known.
func (s *Service) first(ctx context.Context, p *Place, services []string, w interval.Interval) (Slot, bool) {
	o := s.offer(p, services)
	if len(o.Agendas) == 0 {
		return Slot{}, false
	}
	s.look(ctx, &o, AvailabilityQuery{Window: w, Limit: 1, Known: true}, "")
	i := slices.IndexFunc(o.Slots, func(x Slot) bool { return x.Books })
	if i < 0 {
		return Slot{}, false
	}
	return o.Slots[i], true
}

// elsewhere is the nearest place with a slot where none of all that a search found has one: from the point that it asked about, or
// from the middle of what it found.
func (s *Service) elsewhere(ctx context.Context, q SlotSearch, found []Found) (*Nearest, error) {
	places := make([]*Place, 0, len(found))
	for _, x := range found {
		if x.Place != nil {
			places = append(places, x.Place)
		}
	}
	near := q.Near
	if near == nil {
		near = Middle(slices.Values(places))
	}
	if near == nil {
		return nil, nil
	}
	inside := -1.0
	if q.onlyAround() {
		inside = cmp.Or(q.RadiusKM, DefaultRadiusKM)
	}
	to := q.To
	if q.Before != nil {
		to = q.Before
	}
	passed := make(map[*Place]bool, len(places))
	for _, p := range places {
		passed[p] = true
	}
	return s.nearest(ctx, q.elsewhere(near), inside, q.From, to, func(p *Place) bool { return passed[p] })
}
