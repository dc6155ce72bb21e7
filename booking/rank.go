package booking

import (
	"cmp"
	"context"
	"slices"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// glance is how a place stands as far as memory goes: what it is ranked by among all that a search has found.
type glance struct {
	Found
	state  State
	first  int64 // start of its first slot; never where it has none
	remote bool  // one of its slots is by telephone or the like: distance says nothing
	unread bool  // of one of its agendas nothing is known
	kind   int
}

// never is later than any slot.
const never int64 = 1<<63 - 1

// The kinds of places, the best first: what an aidant can do there.
const (
	hasSlots = iota
	hasLink
	hasContact
	hasNothing
)

// glance reads nothing.
func (s *Service) glance(ctx context.Context, f Found, services []string, w interval.Interval) glance {
	g := glance{Found: f, first: never, state: NoAgenda, kind: hasNothing}
	agendas, link := s.Agendas.OfPlace(f.Place)
	if len(agendas) > 0 {
		o := s.offer(f.Place, services)
		g.unread = s.look(ctx, o, AvailabilityQuery{Window: w, Limit: 1, Known: true}, "") == Unknown
		g.state = o.State
		if len(o.Slots) > 0 {
			g.first, g.kind = o.Slots[0].Start, hasSlots
			g.remote = slices.ContainsFunc(o.Slots, func(x Slot) bool { return x.Motif.Modality.Remote() })
			return g
		}
		if o.Mode == connectors.ByHandoff {
			g.kind = hasLink
			return g
		}
	}
	switch p := f.Place; {
	case pageOf(link) != "":
		g.kind = hasLink
	case p.Phone != "" || len(p.Emails) > 0:
		g.kind = hasContact
	case p.ReceivesPublic():
		if _, opens := s.Availability.NextOpening(p, s.Now()); opens {
			g.kind = hasContact
		}
	}
	return g
}

// band is the ring of distance that the place lies in.
func (g glance) band() int {
	if g.remote {
		return 0
	}
	if g.DistanceKM == nil {
		return 3
	}
	for i, km := range []float64{5, 15, 30} {
		if *g.DistanceKM <= km {
			return i
		}
	}
	return 3
}

// rank sorts what a search has found. Places that stand alike stay as they were found: by distance, or by name.
func (q SlotSearch) rank(found []glance) {
	slices.SortStableFunc(found, func(a, b glance) int {
		switch {
		case q.ByDate:
			return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.kind, b.kind))
		case q.Near != nil:
			return cmp.Or(cmp.Compare(a.band(), b.band()), cmp.Compare(a.first, b.first), cmp.Compare(a.kind, b.kind))
		}
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.first, b.first))
	})
}
