package booking

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Outlook (disponibilité) is how a place stands, as far as anybody may know: nothing in it books, and nothing is somebody's.
type Outlook struct {
	Place      *Place
	State      State
	ObservedAt time.Time // when its agendas were read; zero if they never were
	First      time.Time // start of the next slot of the coming two weeks that can be booked; zero where there is none
	Next       ActionType
}

// Outlooks is how every place stands, by id, as far as it is known: no agenda is read. It is what Place says, and what searches
// rank by.
func (s *Service) Outlooks(ctx context.Context) ([]Outlook, error) {
	found, err := s.Directory.Search(PlaceFilter{})
	if err != nil {
		return nil, err
	}
	out := make([]Outlook, len(found))
	for i, f := range found {
		o := s.offer(f.Place, nil)
		s.look(ctx, &o, AvailabilityQuery{Window: s.soon(o.Place), Limit: 1, Known: true}, "")
		o.limit(1)
		next := s.Next(&o)
		out[i] = Outlook{Place: o.Place, State: o.State, ObservedAt: o.ObservedAt, Next: next.Type}
		if next.Type == ToBook {
			out[i].First = next.When
		}
	}
	slices.SortFunc(out, func(a, b Outlook) int { return cmp.Compare(a.Place.ID, b.Place.ID) })
	return out, nil
}
