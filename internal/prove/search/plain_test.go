package search

import (
	"cmp"
	"math"
	"slices"
	"time"

	"passerelle/booking"
)

// plainSlot is a slot as the loop works it out.
type plainSlot struct {
	start, end int64
	motif      string
	seats      int
	remote     bool
}

// plainPlace is a place as the loop knows it.
type plainPlace struct {
	*booking.Place
	agendas []*plainAgenda
}

// plainResult is a place as the loop answers it.
type plainResult struct {
	*plainPlace
	km     float64
	state  booking.State
	slots  []plainSlot // all of the window
	remote bool
	kind   int
}

// serves: a motif, or a place, that states no service is for all of them if it is a motif, for none if it is a place.
func serves(m booking.Motif, services []string) bool {
	return len(services) == 0 || len(m.Services) == 0 || meet(services, m.Services)
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

// local is a bound as a place reads it.
func local(b *booking.Bound, zone *time.Location, otherwise time.Time) time.Time {
	switch {
	case b == nil:
		return otherwise
	case b.Day:
		return time.Date(b.At.Year(), b.At.Month(), b.At.Day(), 0, 0, 0, 0, zone)
	}
	return b.At
}

// at looks at one place.
func (p *plainPlace) at(q booking.SlotSearch, to *booking.Bound) plainResult {
	r := plainResult{plainPlace: p, state: booking.NoAgenda, kind: 3}
	if p.Phone != "" || p.Hours != "" {
		r.kind = 2
	}
	from := local(q.From, p.Zone, now)
	until := local(to, p.Zone, from.Add(booking.DefaultWindow))
	unknown, stale := false, false // of those that have slots, or of all where none has
	for _, a := range p.agendas {
		var slots []plainSlot
		asked := false
		for _, m := range a.motifs {
			if !serves(m, q.Services) {
				continue
			}
			asked = true
			for _, x := range a.slots(p.Place, m) {
				if x.start >= from.Unix() && x.start < until.Unix() {
					slots = append(slots, x)
				}
			}
		}
		switch {
		case !asked:
		case len(slots) > 0 && len(r.slots) == 0: // what has none says nothing any more
			r.slots, unknown, stale, r.state = slots, false, a.stale, booking.Fresh
		case len(slots) > 0:
			r.slots, stale = append(r.slots, slots...), stale || a.stale
		case len(r.slots) == 0:
			unknown, stale, r.state = unknown || a.fails, stale || a.stale, booking.Fresh
		}
	}
	switch {
	case unknown:
		r.state = booking.Unknown
	case stale:
		r.state = booking.Stale
	}
	slices.SortFunc(r.slots, func(a, b plainSlot) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.motif, b.motif))
	})
	if len(r.slots) > 0 {
		r.kind = 0
	}
	var once []plainSlot
	for _, x := range r.slots {
		r.remote = r.remote || x.remote
		if n := len(once); n > 0 && once[n-1].start == x.start && once[n-1].end == x.end && once[n-1].motif == x.motif {
			once[n-1].seats += x.seats
			continue
		}
		once = append(once, x)
	}
	r.slots = once
	return r
}

// first is when the first slot starts, later than any where there is none.
func (r plainResult) first() int64 {
	if len(r.slots) == 0 {
		return math.MaxInt64
	}
	return r.slots[0].start
}

// far is how far the place is for an order.
func (r plainResult) far(q booking.SlotSearch) float64 {
	switch {
	case q.Near == nil || q.Order == booking.ByDate || r.remote:
		return 0
	case q.Order == booking.ByDistance:
		return r.km
	}
	for i, km := range []float64{5, 15, 30} {
		if r.km <= km {
			return float64(i)
		}
	}
	return 3
}

// distance is the great circle's, in kilometres, by the law of haversines.
func distance(a, b booking.Point) float64 {
	const radians = math.Pi / 180
	lat1, lat2 := a.Latitude*radians, b.Latitude*radians
	h := math.Pow(math.Sin((lat1-lat2)/2), 2) + math.Cos(lat1)*math.Cos(lat2)*math.Pow(math.Sin((a.Longitude-b.Longitude)*radians/2), 2)
	return 2 * 6371.0088 * math.Asin(math.Sqrt(h))
}

// matches compares a place with all that a filter wants but where it is.
func (p *plainPlace) matches(f booking.PlaceFilter) bool {
	return (len(f.Services) == 0 || meet(f.Services, p.Services)) && (len(f.Fees) == 0 || meet(f.Fees, p.Fees))
}

// search looks at all places: those that match, in their order, and the nearest elsewhere if none has a slot.
func (all town) search(q booking.SlotSearch) (ranked []plainResult, nearest *plainResult) {
	var sum booking.Point
	found, points := map[string]bool{}, 0.0
	for _, p := range all { // by name
		r := p.at(q, q.To)
		if !p.matches(q.PlaceFilter) || len(q.PostalCode) > 0 && !slices.Contains(q.PostalCode, p.PostalCode) ||
			len(q.Department) > 0 && !slices.Contains(q.Department, p.Department()) {
			continue
		}
		if q.Near != nil {
			if r.km = distance(*p.Point, *q.Near); r.km > q.RadiusKM {
				continue
			}
		}
		found[p.ID] = true
		sum.Latitude, sum.Longitude, points = sum.Latitude+p.Point.Latitude, sum.Longitude+p.Point.Longitude, points+1
		if q.Before == nil || r.first() < local(q.Before, p.Zone, now).Unix() {
			ranked = append(ranked, r)
		}
	}
	slices.SortFunc(ranked, func(a, b plainResult) int {
		byName := cmp.Compare(a.Name, b.Name)
		if q.Near != nil {
			byName = cmp.Compare(a.km, b.km)
		}
		return cmp.Or(cmp.Compare(a.far(q), b.far(q)), cmp.Compare(a.first(), b.first()), cmp.Compare(a.kind, b.kind), byName, cmp.Compare(a.ID, b.ID))
	})
	if slices.ContainsFunc(ranked, func(r plainResult) bool { return len(r.slots) > 0 }) {
		return ranked, nil
	}
	center := q.Near
	if center == nil {
		center = &booking.Point{Latitude: sum.Latitude / points, Longitude: sum.Longitude / points}
	}
	to := q.To
	if q.Before != nil {
		to = q.Before
	}
	for _, p := range all {
		r := p.at(q, to)
		r.km = distance(*p.Point, *center)
		if found[p.ID] || !p.matches(q.PlaceFilter) || len(r.slots) == 0 || !(r.km <= 50) {
			continue
		}
		if nearest == nil || cmp.Or(cmp.Compare(r.km, nearest.km), cmp.Compare(r.ID, nearest.ID)) < 0 {
			nearest = &r
		}
	}
	return ranked, nearest
}
