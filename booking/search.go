package booking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Page is one page of a list, numbered from 1.
type Page[T any] struct {
	Items             []T
	Total, Page, Size int
}

// Pages is how many there are; one when the list is empty.
func (p Page[T]) Pages() int { return max(1, (p.Total+p.Size-1)/p.Size) }

func paged[T any](all []T, page, size int) Page[T] {
	from := min((page-1)*size, len(all))
	return Page[T]{Items: all[from:min(from+size, len(all))], Total: len(all), Page: page, Size: size}
}

// Listing is a place as searches show it.
type Listing struct {
	*Offer
	DistanceKM *float64
	Next       NextAction
}

// Places lists the places that a filter selects, each with its next slot of the coming two weeks.
func (s *Service) Places(ctx context.Context, f PlaceFilter, page, size int) (Page[Listing], error) {
	found, err := s.Directory.Search(f)
	if err != nil {
		return Page[Listing]{}, err
	}
	if f.Services, err = s.Directory.Services("services", f.Services); err != nil {
		return Page[Listing]{}, err
	}
	now := s.Now()
	p := paged(found, page, size)
	items := s.listings(ctx, p.Items, f.Services, interval.Of(now, now.Add(DefaultWindow)), 1)
	return Page[Listing]{Items: items, Total: p.Total, Page: page, Size: size}, nil
}

// Place finds one place by id or alias.
func (s *Service) Place(ctx context.Context, id string) (Listing, error) {
	p, err := s.place(id)
	if err != nil {
		return Listing{}, err
	}
	now := s.Now()
	return s.listings(ctx, []Found{{Place: p}}, nil, interval.Of(now, now.Add(DefaultWindow)), 1)[0], nil
}

// Offered is what a place can be booked for, without any of its agendas being read.
func (s *Service) Offered(id string) (*Offer, error) {
	p, err := s.place(id)
	if err != nil {
		return nil, err
	}
	return s.offer(p, nil), nil
}

// listings reads the agendas of places, several at once, and waits AnswerIn for the slowest.
func (s *Service) listings(ctx context.Context, found []Found, services []string, w interval.Interval, limit int) []Listing {
	ctx, cancel := context.WithTimeout(ctx, s.AnswerIn)
	defer cancel()
	out := make([]Listing, len(found))
	each(ctx, len(found), func(ctx context.Context, i int) {
		o := s.offer(found[i].Place, services)
		s.read(ctx, o, w, "", limit)
		out[i] = Listing{Offer: o, DistanceKM: found[i].DistanceKM, Next: s.Next(o)}
	})
	return out
}

// Bound is one end of a window as it was asked for: an instant, or a local day of the place.
type Bound struct {
	At  time.Time // the instant; for a day, its midnight in UTC
	Day bool
}

func (b Bound) in(zone *time.Location) time.Time {
	if !b.Day {
		return b.At
	}
	return time.Date(b.At.Year(), b.At.Month(), b.At.Day(), 0, 0, 0, 0, zone)
}

// window is what is looked at for a place: from now on, or from debut; two weeks, or until fin (not included).
func (s *Service) window(from, to *Bound, zone *time.Location) (interval.Interval, error) {
	start := s.Now()
	if from != nil {
		start = from.in(zone)
	}
	end := start.Add(DefaultWindow)
	if to != nil {
		end = to.in(zone)
	}
	switch {
	case !start.Before(end):
		return interval.Interval{}, InvalidField("fin", "doit être après debut")
	case end.Sub(start) > MaxWindow+time.Hour: // the hour of a change of clocks
		return interval.Interval{}, InvalidField("fin", "la période demandée dépasse 62 jours")
	}
	return interval.Of(start, end), nil
}

// SlotsOf lists the slots of a place that start in [from, to).
func (s *Service) SlotsOf(ctx context.Context, place string, from, to *Bound, motif string) (*Offer, error) {
	p, err := s.place(place)
	if err != nil {
		return nil, err
	}
	w, err := s.window(from, to, p.Zone)
	if err != nil {
		return nil, err
	}
	o := s.offer(p, nil)
	if motif != "" && !slices.ContainsFunc(o.Motifs, func(m Motif) bool { return m.ID == motif }) {
		ids := make([]string, len(o.Motifs))
		for i, m := range o.Motifs {
			ids[i] = m.ID
		}
		return nil, InvalidField("motif", "ce lieu n'a pas ce motif", ids...)
	}
	ctx, cancel := context.WithTimeout(ctx, s.AnswerIn)
	defer cancel()
	s.read(ctx, o, w, motif, 0)
	return o, nil
}

// SlotSearch asks for places with their first slots.
type SlotSearch struct {
	PlaceFilter
	From, To *Bound
	ByDate   bool // earliest first, whatever the distance
	PerPlace int  // slots shown of each place
	Page     int
	Size     int // places on a page
}

// SlotResult is one place in a SlotSearch. Offer is nil where the id that was asked for is unknown.
type SlotResult struct {
	Listing
	Asked string // the id that was asked for, when places were asked for by id
}

// SlotResults is a page of places, and how all of them stand.
type SlotResults struct {
	Page[SlotResult]
	States map[State]int // of all the places that the search found
}

// UnknownPlace is the state of an id that no place bears.
const UnknownPlace State = "lieu_inconnu"

// SearchSlots lists places with their first slots. By id: exactly one answer each, in the order asked. By point:
// bands of 5, 15, 30 km and beyond, the earliest first inside each. Elsewhere: those with slots, then those with a
// link, then those to call, write or come to.
func (s *Service) SearchSlots(ctx context.Context, q SlotSearch) (SlotResults, error) {
	var err error
	if q.Services, err = s.Directory.Services("services", q.Services); err != nil {
		return SlotResults{}, err
	}
	results, err := s.candidates(q)
	if err != nil {
		return SlotResults{}, err
	}
	windows, err := s.windows(q.From, q.To, results)
	if err != nil {
		return SlotResults{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.AnswerIn)
	defer cancel()
	each(ctx, len(results), func(ctx context.Context, i int) {
		r := &results[i]
		if r.Offer == nil {
			return
		}
		o := s.offer(r.Place, q.Services)
		s.read(ctx, o, windows[r.Place.Zone], "", q.PerPlace)
		r.Offer, r.Next = o, s.Next(o)
	})
	out := SlotResults{States: make(map[State]int)}
	for _, r := range results {
		out.States[r.state()]++
	}
	if len(q.IDs) == 0 {
		slices.SortStableFunc(results, q.order)
	}
	out.Page = paged(results, q.Page, q.Size)
	return out, nil
}

// windows is what is looked at in each zone that a search meets: a day is a local day.
func (s *Service) windows(from, to *Bound, results []SlotResult) (map[*time.Location]interval.Interval, error) {
	zones := map[*time.Location]bool{}
	for _, r := range results {
		if r.Offer != nil {
			zones[r.Place.Zone] = true
		}
	}
	if len(zones) == 0 {
		zones[time.UTC] = true // a wrong question is answered even where there is no place to ask it of
	}
	out := make(map[*time.Location]interval.Interval, len(zones))
	for zone := range zones {
		w, err := s.window(from, to, zone)
		if err != nil {
			return nil, err
		}
		out[zone] = w
	}
	return out, nil
}

func (r SlotResult) state() State {
	if r.Offer == nil {
		return UnknownPlace
	}
	return r.State
}

// candidates finds the places of a search; those asked for by id are all there, in order.
func (s *Service) candidates(q SlotSearch) ([]SlotResult, error) {
	if len(q.IDs) > 0 {
		places := s.Directory.Places(q.IDs...)
		out := make([]SlotResult, len(q.IDs))
		for i, id := range q.IDs {
			out[i].Asked = id
			if places[i] != nil {
				out[i].Offer = &Offer{Place: places[i]}
			}
		}
		return out, nil
	}
	found, err := s.Directory.Search(q.PlaceFilter)
	if err != nil {
		return nil, err
	}
	out := make([]SlotResult, len(found))
	for i, f := range found {
		out[i] = SlotResult{Listing: Listing{Offer: &Offer{Place: f.Place}, DistanceKM: f.DistanceKM}}
	}
	return out, nil
}

// order compares two places of a search; both have an Offer.
func (q SlotSearch) order(a, b SlotResult) int {
	switch {
	case q.ByDate:
		return cmp.Or(cmp.Compare(a.first(), b.first()), cmp.Compare(a.kind(), b.kind()))
	case q.Near != nil:
		return cmp.Or(cmp.Compare(a.band(), b.band()), cmp.Compare(a.first(), b.first()), cmp.Compare(a.kind(), b.kind()))
	}
	return cmp.Or(cmp.Compare(a.kind(), b.kind()), cmp.Compare(a.first(), b.first()))
}

// kind ranks what can be done: a slot, a link, a call.
func (r SlotResult) kind() int {
	switch {
	case len(r.Slots) > 0:
		return 0
	case r.Next.Type == ToFollow || r.Mode == connectors.ByHandoff:
		return 1
	case r.Next.Type == ToDoNone:
		return 3
	}
	return 2
}

// first is the start of the first slot; places without one come last.
func (r SlotResult) first() int64 {
	if len(r.Slots) > 0 {
		return r.Slots[0].Start
	}
	return 1<<63 - 1
}

// band is the ring of distance that the place lies in. Remote motifs ignore distance.
func (r SlotResult) band() int {
	for _, x := range r.Slots {
		if x.Motif.Modality.Remote() {
			return 0
		}
	}
	if r.DistanceKM == nil {
		return 3
	}
	for i, km := range []float64{5, 15, 30} {
		if *r.DistanceKM <= km {
			return i
		}
	}
	return 3
}
