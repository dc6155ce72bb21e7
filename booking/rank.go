package booking

import (
	"cmp"
	"context"
	"math"
	"slices"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// glance is how a place stands as far as memory goes: what it is ranked by among all that a search has found. It is small, and
// has no pointer: a search makes one for each.
type glance struct {
	first  int64   // start of its first slot; never where it has none
	far    float64 // how far it is, as far as that counts
	found  int32   // as many were found before it
	state  stateNumber
	kind   uint8
	remote bool // one of its slots is by telephone or the like: distance says nothing
	unread bool // of one of its agendas nothing is known
}

// stateNumber is a State, in states.
type stateNumber uint8

var states = [...]State{NoAgenda, Fresh, Stale, Unknown, UnknownPlace}

func numberOf(s State) stateNumber { return stateNumber(slices.Index(states[:], s)) } // #nosec G115 -- there are five

// never is later than any slot.
const never int64 = 1<<63 - 1

// The kinds of places, the best first: what an aidant can do there.
const (
	hasSlots uint8 = iota
	hasLink
	hasContact
	hasNothing
)

// glance reads nothing.
func (s *Service) glance(ctx context.Context, f Found, services []string, w interval.Interval) glance {
	g := glance{first: never, state: numberOf(NoAgenda), kind: hasNothing}
	terms := s.Agendas.OfPlace(f.Place).serving(services)
	if len(terms.Agendas) > 0 {
		o := &Offer{Place: f.Place, Terms: terms, State: NoAgenda}
		g.unread = s.look(ctx, o, AvailabilityQuery{Window: w, Limit: 1, Known: true}, "") == Unknown
		g.state = numberOf(o.State)
		if len(o.Slots) > 0 {
			g.first, g.kind = o.Slots[0].Start, hasSlots
			g.remote = terms.remote && slices.ContainsFunc(o.Slots, func(x Slot) bool { return x.Motif.Modality.Remote() })
			return g
		}
		if terms.Mode == connectors.ByHandoff {
			g.kind = hasLink
			return g
		}
	}
	switch p := f.Place; {
	case terms.Page() != "":
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
func (q *SlotSearch) soonEnough(found []Found, seen []glance) []glance {
	if q.Before == nil {
		return seen
	}
	return slices.DeleteFunc(seen, func(g glance) bool { return g.first >= q.Before.in(found[g.found].Place.Zone).Unix() })
}

// band is the ring of distance that the place lies in.
func (f Found) band() int {
	if f.DistanceKM != nil {
		for i, km := range []float64{5, 15, 30} {
			if *f.DistanceKM <= km {
				return i
			}
		}
	}
	return 3
}

// away is how far the place is, in kilometres.
func (f Found) away() float64 {
	if f.DistanceKM == nil {
		return math.Inf(1)
	}
	return *f.DistanceKM
}

// compare says which of two places comes first. Those that stand alike stay as they were found: by distance, or by name.
func (g glance) compare(other glance) int {
	switch {
	case g.far != other.far:
		return cmp.Compare(g.far, other.far)
	case g.first != other.first:
		return cmp.Compare(g.first, other.first)
	case g.kind != other.kind:
		return cmp.Compare(g.kind, other.kind)
	}
	return cmp.Compare(g.found, other.found)
}

// far is how far a place is, as far as a search ranks by that.
func (q *SlotSearch) far(f Found, g glance) float64 {
	switch {
	case g.remote: // from where she is
	case q.Order == ByDistance:
		return f.away()
	case q.Near != nil && q.Order != ByDate:
		return float64(f.band())
	}
	return 0
}

// rank puts first the n places that are shown first, in order; what was asked for by id is in the order asked.
func (q *SlotSearch) rank(found []Found, seen []glance, n int) {
	if len(q.IDs) > 0 {
		return
	}
	for i := range seen {
		seen[i].far = q.far(found[seen[i].found], seen[i])
	}
	putFirst(seen, n)
}

// putFirst puts the first n in order before the others: a page is a small part of what a search over a country finds.
func putFirst(seen []glance, n int) {
	if n > len(seen)/4 {
		slices.SortFunc(seen, glance.compare)
		return
	}
	first := seen[:n]
	slices.SortFunc(first, glance.compare)
	for i, g := range seen[n:] {
		if last := first[n-1]; g.compare(last) < 0 {
			at, _ := slices.BinarySearchFunc(first, g, glance.compare)
			copy(first[at+1:], first[at:])
			first[at], seen[n+i] = g, last
		}
	}
}
