package booking

import (
	"cmp"
	"context"
	"math"
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
		o := &Offer{Place: f.Place, Link: link, Agendas: agendas, services: services, State: NoAgenda}
		g.unread = s.look(ctx, o, AvailabilityQuery{Window: w, Limit: 1, Known: true}, "") == Unknown
		g.state = o.State
		if len(o.Slots) > 0 {
			g.first, g.kind = o.Slots[0].Start, hasSlots
			g.remote = slices.ContainsFunc(o.Slots, func(x Slot) bool { return x.Motif.Modality.Remote() })
			return g
		}
		if o.addAll(); o.Mode == connectors.ByHandoff {
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

// check refuses what cannot be asked together, and a Before that lies outside of a window: no answer to it would say anything.
func (q *SlotSearch) check(windows windows) error {
	if q.Order == ByDistance && q.Near == nil && len(q.IDs) == 0 {
		return InvalidField("tri", "proximite demande un point : lat et lon")
	}
	if q.Before == nil {
		return nil
	}
	if len(q.IDs) > 0 {
		return InvalidField("disponible_avant", "ne se combine pas avec lieu_id : chaque lieu demandé a sa réponse")
	}
	for _, w := range windows {
		switch before := q.Before.in(w.zone).Unix(); {
		case before <= w.Start:
			return InvalidField("disponible_avant", "doit être après debut, ou après maintenant sans debut")
		case before > w.End:
			return InvalidField("disponible_avant", "ne va pas au-delà de fin, ou de deux semaines sans fin")
		}
	}
	return nil
}

// soonEnough leaves the places whose first slot starts before what the search asks for.
func (q SlotSearch) soonEnough(found []glance) []glance {
	if q.Before == nil {
		return found
	}
	return slices.DeleteFunc(found, func(g glance) bool { return g.first >= q.Before.in(g.Place.Zone).Unix() })
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

// away is how far the place is, in kilometres.
func (g glance) away() float64 {
	switch {
	case g.remote:
		return 0
	case g.DistanceKM == nil:
		return math.Inf(1)
	}
	return *g.DistanceKM
}

// turn is where a place comes among those that a search has found. Places that stand alike stay as they were found: by distance,
// or by name.
type turn struct {
	far   float64
	first int64
	kind  int32
	found int32 // as many before it
}

func (a turn) compare(b turn) int {
	return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.first, b.first), cmp.Compare(a.kind, b.kind), cmp.Compare(a.found, b.found))
}

// turn says by what a search ranks a place: how far it is, as far as that counts, when it is free, and what can be done there.
func (q *SlotSearch) turn(g *glance) turn {
	t := turn{first: g.first, kind: int32(g.kind)} // #nosec G115 -- there are four kinds
	switch {
	case q.Order == ByDistance:
		t.far = g.away()
	case q.Near != nil && q.Order != ByDate:
		t.far = float64(g.band())
	}
	return t
}

// rank says in which order what a search has found is shown; what was asked for by id is in the order asked.
func (q *SlotSearch) rank(found []glance) []turn {
	turns := make([]turn, len(found))
	for i := range found {
		turns[i] = q.turn(&found[i])
		turns[i].found = int32(i) // #nosec G115 -- places are counted in thousands
	}
	if len(q.IDs) == 0 {
		slices.SortFunc(turns, turn.compare)
	}
	return turns
}
