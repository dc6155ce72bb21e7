package directory

import (
	"cmp"
	"slices"

	"passerelle/booking"
)

// work is what a search writes on, kept for the next one.
type work struct {
	selected, other set
	hits            []hit
}

// hit is a place inside the circle that was asked for.
type hit struct {
	km     float64
	number uint32
}

func (x *index) search(f booking.PlaceFilter) ([]booking.Found, error) {
	q, err := x.query(f)
	if err != nil {
		return nil, err
	}
	w := x.work.Get().(*work)
	defer x.work.Put(w)
	selected := x.selected(q, w)
	if q.around == nil {
		found := make([]booking.Found, 0, selected.size())
		for number := range selected.numbers() {
			found = append(found, booking.Found{Place: x.places[number]})
		}
		return found, nil
	}
	slices.SortFunc(w.hits, func(a, b hit) int {
		if nearer := cmp.Compare(a.km, b.km); nearer != 0 {
			return nearer
		}
		return cmp.Compare(x.places[a.number].ID, x.places[b.number].ID)
	})
	found, distances := make([]booking.Found, len(w.hits)), make([]float64, len(w.hits))
	for i, h := range w.hits {
		distances[i] = h.km
		found[i] = booking.Found{Place: x.places[h.number], DistanceKM: &distances[i]}
	}
	return found, nil
}

// selected answers the places that a query selects, in the work's set; those inside a circle are also its hits.
func (x *index) selected(q *query, w *work) set {
	w.selected.fill(len(x.places))
	for _, anyOf := range q.all {
		if len(anyOf) == 1 && anyOf[0].many != nil {
			w.selected.keep(anyOf[0].many)
			continue
		}
		clear(w.other)
		for _, p := range anyOf {
			p.into(w.other)
		}
		w.selected.keep(w.other)
	}
	if q.around == nil {
		return w.selected
	}
	w.hits = w.hits[:0]
	clear(w.other)
	for spots := range x.bands.around(q.around.center, q.around.radiusKM) {
		for i := range spots {
			if !w.selected.has(spots[i].number) {
				continue
			}
			if km, ok := q.around.distance(&spots[i]); ok {
				w.hits = append(w.hits, hit{km, spots[i].number})
				w.other.add(spots[i].number)
			}
		}
	}
	return w.other
}
