package booking

import (
	"context"
	"runtime"
	"slices"
	"time"

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
	Offer
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
	p := paged(found, page, size)
	return Page[Listing]{Items: s.listings(ctx, p.Items, f.Services), Total: p.Total, Page: page, Size: size}, nil
}

// soon is the coming two weeks.
func (s *Service) soon(*Place) interval.Interval {
	now := s.Now()
	return interval.Of(now, now.Add(DefaultWindow))
}

// Place finds one place by id or alias.
func (s *Service) Place(ctx context.Context, id string) (Listing, error) {
	p, err := s.place(id)
	if err != nil {
		return Listing{}, err
	}
	return s.listings(ctx, []Found{{Place: p}}, nil)[0], nil
}

// Offered is what a place can be booked for, without any of its agendas being read.
func (s *Service) Offered(id string) (*Offer, error) {
	p, err := s.place(id)
	if err != nil {
		return nil, err
	}
	o := s.offer(p, nil)
	return &o, nil
}

// listings shows places with their next slot.
func (s *Service) listings(ctx context.Context, found []Found, services []string) []Listing {
	out, places := make([]Listing, len(found)), make([]listed, len(found))
	for i := range found {
		places[i] = listed{found[i], &out[i]}
	}
	s.list(ctx, s.AnswerIn, places, services, s.soon, 1)
	return out
}

// listed is a place that is shown, and where.
type listed struct {
	Found
	in *Listing
}

// list shows places as they are known, where that is fresh; the agendas of the others are read, several at once, and the slowest is
// waited for as long as is left.
func (s *Service) list(ctx context.Context, left time.Duration, places []listed, services []string, window func(*Place) interval.Interval, limit int) {
	show := func(ctx context.Context, p listed, known bool) (shown bool) {
		o := &p.in.Offer
		*o = s.offer(p.Place, services)
		worst := s.look(ctx, o, AvailabilityQuery{Window: window(o.Place), Limit: limit, Known: known, Shown: true, Hasty: len(places) > 1}, "")
		if known && worst != Fresh && worst != NoAgenda {
			return false
		}
		o.limit(limit)
		p.in.DistanceKM, p.in.Next = p.DistanceKM, s.Next(o)
		return true
	}
	var unread []listed
	for i, p := range places {
		if i%16 == 15 {
			runtime.Gosched() // behind whatever the network has woken meanwhile: see each
		}
		if !show(ctx, p, true) {
			unread = append(unread, p)
		}
	}
	if len(unread) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	each(ctx, len(unread), func(ctx context.Context, i int) { show(ctx, unread[i], false) })
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
	if motif != "" && !o.has(motif) {
		ids := make([]string, len(o.Motifs))
		for i, m := range o.Motifs {
			ids[i] = m.ID
		}
		return nil, InvalidField("motif", "ce lieu n'a pas ce motif", ids...)
	}
	q := AvailabilityQuery{Window: w, Known: true, Shown: true}
	if worst := s.look(ctx, &o, q, motif); worst != Fresh && worst != NoAgenda {
		ctx, cancel := context.WithTimeout(ctx, s.AnswerIn)
		defer cancel()
		o, q.Known = s.offer(p, nil), false
		s.look(ctx, &o, q, motif)
	}
	return &o, nil
}

// SlotSearch asks for places with their first slots.
type SlotSearch struct {
	PlaceFilter
	From, To *Bound
	Before   *Bound // only the places whose first slot starts before it; not together with IDs
	Order    Order  // zero means ByRings
	PerPlace int    // slots shown of each place
	Page     int
	Size     int // places on a page
}

// Order (tri) is what comes first among the places that a search around a point finds. Its value is its wire name.
type Order string

// The orders. Whoever can be helped from where she is finds a place near, wherever it is.
const (
	ByRings    Order = "distance"  // rings of 5, 15, 30 km and beyond, the earliest first in each
	ByDate     Order = "date"      // the earliest first; of those that start together the nearest
	ByDistance Order = "proximite" // the nearest first; of those as near the earliest
)

// SlotResult is one place in a SlotSearch. It has no Place where the id that was asked for is unknown.
type SlotResult struct {
	Listing
	Later []Slot // where it has none in the window: its first after it, as of Instead
	Asked string // the id that was asked for, when places were asked for by id
}

// SlotResults is a page of places, and how all of them stand.
type SlotResults struct {
	Page[SlotResult]
	States  map[State]int // of all the places that the search found
	Nearest *Nearest      // where none of them has a slot: one elsewhere that has
}

// UnknownPlace is the state of an id that no place bears.
const UnknownPlace State = "lieu_inconnu"

// SearchSlots lists places with their first slots. By id: exactly one answer each, in the order asked. By point: in the order that
// is asked for. Elsewhere: those with slots, then those with a link, then those to call, write or come to. All that were found are
// ranked by what is known of them, those of which nothing is known once they were read, as far as the time for it goes; those on the
// page are shown as fresh as they can be had.
func (s *Service) SearchSlots(ctx context.Context, q SlotSearch) (SlotResults, error) {
	var err error
	if q.Services, err = s.Directory.Services("services", q.Services); err != nil {
		return SlotResults{}, err
	}
	found, err := s.candidates(q)
	if err != nil {
		return SlotResults{}, err
	}
	windows, err := s.windows(q.From, q.To, found)
	if err != nil {
		return SlotResults{}, err
	}
	if err := q.check(windows); err != nil {
		return SlotResults{}, err
	}
	seen, left := s.glances(ctx, found, q.Services, windows)
	s.count(q, found, seen)
	soon := q.soonEnough(found, seen)
	out := s.results(ctx, left, q, found, soon, windows)
	if !out.haveSlots(soon) {
		out.Nearest, err = s.elsewhere(ctx, q, found)
	}
	return out, err
}

// haveSlots reports whether any of the places that a search found has a slot, as far as it is known or as it is shown.
func (r SlotResults) haveSlots(seen []glance) bool {
	return slices.ContainsFunc(seen, func(g glance) bool { return g.kind == hasSlots }) ||
		slices.ContainsFunc(r.Items, func(x SlotResult) bool { return len(x.Slots) > 0 })
}

// glances is how each place stands that was found; where nothing is known of it, once its agendas were read. What is left of the
// time for an answer is for those that are shown.
func (s *Service) glances(ctx context.Context, found []Found, services []string, windows windows) (seen []glance, left time.Duration) {
	seen = make([]glance, len(found))
	var unknown []int
	for i, f := range found {
		if f.Place == nil {
			seen[i] = glance{state: numberOf(UnknownPlace), first: never, kind: hasNothing}
		} else if seen[i] = s.glance(ctx, f, services, windows.in(f.Place.Zone)); seen[i].unread {
			unknown = append(unknown, i)
		}
		seen[i].found = int32(i) // #nosec G115 -- places are counted in thousands
	}
	if len(unknown) == 0 {
		return seen, s.AnswerIn
	}
	ctx, cancel := context.WithTimeout(ctx, s.AnswerIn/3)
	defer cancel()
	each(ctx, len(unknown), func(ctx context.Context, i int) {
		at := unknown[i]
		f := found[at]
		o := s.offer(f.Place, services)
		s.look(ctx, &o, AvailabilityQuery{Window: windows.in(f.Place.Zone), Limit: 1, Hasty: true}, "")
		seen[at] = s.glance(ctx, f, services, windows.in(f.Place.Zone))
		seen[at].found = int32(at) // #nosec G115 -- as above
	})
	return seen, s.AnswerIn - s.AnswerIn/3
}

// results is the page that was asked for, of what was found as far as it was seen, and the states of all of it: of the places on the
// page as they are shown.
func (s *Service) results(ctx context.Context, left time.Duration, q SlotSearch, found []Found, seen []glance, windows windows) SlotResults {
	q.rank(found, seen, q.Page*q.Size)
	shown := paged(seen, q.Page, q.Size)
	out := SlotResults{States: make(map[State]int, len(states)), Page: Page[SlotResult]{Total: shown.Total, Page: shown.Page, Size: shown.Size}}
	var count [len(states)]int
	for _, g := range seen {
		count[g.state]++
	}
	out.Items = make([]SlotResult, len(shown.Items))
	known := make([]listed, 0, len(shown.Items))
	for i, g := range shown.Items {
		if len(q.IDs) > 0 {
			out.Items[i].Asked = q.IDs[(q.Page-1)*q.Size+i]
		}
		if f := found[g.found]; f.Place != nil {
			known = append(known, listed{f, &out.Items[i].Listing})
		}
	}
	s.list(ctx, left, known, q.Services, func(p *Place) interval.Interval { return windows.in(p.Zone) }, q.PerPlace)
	for i, g := range shown.Items {
		x := &out.Items[i]
		if x.Place == nil {
			continue
		}
		if len(x.Slots) == 0 {
			x.Later = s.beyond(ctx, &x.Offer, windows.in(x.Place.Zone), "")
		}
		count[g.state]--
		count[numberOf(x.State)]++
	}
	for i, n := range count {
		if n > 0 {
			out.States[states[i]] = n
		}
	}
	return out
}

// windows is what is looked at in each zone that a search meets, of which there are few: a day is a local day.
type windows []windowIn

type windowIn struct {
	zone *time.Location
	interval.Interval
}

// in is empty for a zone that the search does not meet.
func (w windows) in(zone *time.Location) interval.Interval {
	for i := range w {
		if w[i].zone == zone {
			return w[i].Interval
		}
	}
	return interval.Interval{}
}

func (s *Service) windows(from, to *Bound, found []Found) (windows, error) {
	var out windows
	add := func(zone *time.Location) error {
		if slices.ContainsFunc(out, func(w windowIn) bool { return w.zone == zone }) {
			return nil
		}
		w, err := s.window(from, to, zone)
		out = append(out, windowIn{zone, w})
		return err
	}
	for _, f := range found {
		if f.Place != nil {
			if err := add(f.Place.Zone); err != nil {
				return nil, err
			}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return out, add(time.UTC) // a wrong question is answered even where there is no place to ask it of
}

// candidates finds the places of a search; those asked for by id are all there, in order, without a place where it is unknown.
func (s *Service) candidates(q SlotSearch) ([]Found, error) {
	if len(q.IDs) == 0 {
		return s.Directory.Search(q.PlaceFilter)
	}
	out := make([]Found, len(q.IDs))
	for i, p := range s.Directory.Places(q.IDs...) {
		out[i].Place = p
	}
	return out, nil
}
