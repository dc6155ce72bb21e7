package availability

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// cut lists the slots of a motif that start in the window, and says why if there is none.
//
// The grid of starts begins where the agenda opens (anew at midnight, local time), not where it is free: a slot
// keeps its identity whatever is booked around it.
func (f *free) cut(q booking.AvailabilityQuery, m *booking.Motif, now time.Time) ([]booking.Slot, booking.EmptyReason) {
	earliest, latest := now.Add(m.Notice).Unix(), now.AddDate(0, 0, m.HorizonDays).Unix()
	why := booking.Closed
	if q.Window.Start > latest && !q.Held {
		why = booking.TooFar
	}
	out := make([]booking.Slot, 0, f.atMost(q, m))
	of := &booking.PlacedMotif{Place: q.Place.ID, Agenda: q.Agenda.Agenda, Motif: m, Books: q.Agenda.Books(*m)}
	for s := range f.starts(q, m) {
		switch {
		case s.at <= now.Unix() || s.at < q.Window.Start || s.at >= q.Window.End:
			continue
		case q.Held: // it was promised within these bounds already
		case s.at <= earliest && m.Notice > 0:
			why = booking.Milder(why, booking.TooSoon)
			continue
		case s.at > latest:
			why = booking.Milder(why, booking.TooFar)
			continue
		}
		x := booking.Slot{Interval: interval.Interval{Start: s.at, End: s.at + int64(m.Duration.Seconds())}, PlacedMotif: of}
		seats, blocked := f.seats(&x)
		if x.Seats = min(s.seats, seats); x.Seats <= 0 {
			why = booking.Milder(why, blocked)
			continue
		}
		if out = append(out, x); len(out) == q.Limit {
			break
		}
	}
	if len(out) > 0 {
		of.Signer = f.motifSigner(out[0].Ref())
	}
	return out, why
}

// motifSigner is that of a motif, made once; nil where nobody signs.
func (f *free) motifSigner(of booking.SlotRef) *booking.MotifSigner {
	if f.signer == nil {
		return nil
	}
	kept := f.motifs.Load()
	for s := kept; s != nil; s = s.next {
		if s.motif == of.Motif {
			return s.MotifSigner
		}
	}
	s := &signerOf{of.Motif, f.signer.Of(of), kept}
	f.motifs.CompareAndSwap(kept, s) // what somebody else has kept meanwhile is made again
	return s.MotifSigner
}

// signerOf is the signer of a motif, in a list of those of its agenda at its place.
type signerOf struct {
	motif string
	*booking.MotifSigner
	next *signerOf
}

// atMost is how many slots a motif can have in the window.
func (f *free) atMost(q booking.AvailabilityQuery, m *booking.Motif) int {
	switch {
	case q.Limit > 0:
		return q.Limit
	case f.native:
		return len(f.ready)
	case q.Held:
		return 1
	}
	n, length, step := int64(0), int64(m.Duration.Seconds()), max(1, int64(m.Step.Seconds()))
	for _, day := range f.open {
		if span := day.Clip(q.Window); !span.Empty() && day.End-day.Start >= length {
			n += min(span.End-span.Start, day.End-day.Start-length)/step + 1
		}
	}
	return int(n)
}

// start is a place on the grid of a motif: an instant (Unix seconds) and the seats that the agenda gives it.
type start struct {
	at    int64
	seats int
}

// starts is the grid of a motif, in order.
func (f *free) starts(q booking.AvailabilityQuery, m *booking.Motif) iter.Seq[start] {
	if f.native {
		return slices.Values(f.readyStarts(m))
	}
	length, step := int64(m.Duration.Seconds()), int64(m.Step.Seconds())
	return func(yield func(start) bool) {
		if q.Held {
			held := interval.Interval{Start: q.Window.Start, End: q.Window.Start + length}
			if slices.ContainsFunc(f.open, func(o interval.Interval) bool { return o.Covers(held) }) {
				yield(start{held.Start, m.Seats})
			}
			return
		}
		first, _ := slices.BinarySearchFunc(f.open, q.Window.Start, func(s interval.Interval, at int64) int { return cmp.Compare(s.End, at+1) })
		for _, day := range f.open[first:] {
			if day.Start >= q.Window.End { // no slot of it is asked for, nor of those after it
				return
			}
			for at := day.Start; at+length <= day.End; at += step {
				if !yield(start{at, m.Seats}) {
					return
				}
			}
		}
	}
}

// readyStarts are the slots of a motif that the agenda cut itself, each start once.
func (f *free) readyStarts(m *booking.Motif) []start {
	var out []start
	for _, s := range f.ready {
		if s.Motif == m.Upstream && s.Interval.Duration() == m.Duration {
			out = append(out, start{s.Start, s.Seats})
		}
	}
	slices.SortFunc(out, func(a, b start) int { return cmp.Compare(a.at, b.at) })
	return slices.CompactFunc(out, func(a, b start) bool { return a.at == b.at })
}

// days cuts spans at every midnight of the zone.
func days(spans []interval.Interval, zone *time.Location) []interval.Interval {
	if zone == nil {
		zone = time.UTC
	}
	var out []interval.Interval
	for _, s := range spans {
		for !s.Empty() {
			y, mo, d := s.StartTime().In(zone).Date()
			midnight := time.Date(y, mo, d+1, 0, 0, 0, 0, zone).Unix()
			for midnight <= s.Start { // where clocks jump over midnight, Go may answer an hour before
				midnight += 3600
			}
			end := min(s.End, midnight)
			out = append(out, interval.Interval{Start: s.Start, End: end})
			s.Start = end
		}
	}
	if slices.Equal(out, spans) { // none was cut: what thousands of agendas have said is not held twice
		return spans
	}
	return out
}

// seats is how many are left of a slot, and what is in its way (its buffer counts) when there is none: an appointment
// or an event, or something that nobody understood.
func (f *free) seats(x *booking.Slot) (left int, blocked booking.EmptyReason) {
	whole := x.Interval
	whole.End += int64(x.Motif.Buffer.Seconds())
	if overlaps(f.taken, whole) {
		if overlaps(f.doubt, whole) {
			return 0, booking.SourceFailed
		}
		return 0, booking.Full
	}
	left = x.Motif.Seats
	first, _ := slices.BinarySearch(f.over, whole.Start+1)
	for _, c := range f.claims[first:] {
		switch {
		case c.Start >= whole.End:
			return left, booking.Full
		case !c.Overlaps(whole):
		case x.Motif.Group && c.Session == booking.SessionOf(*x):
			left -= c.Seats
		default:
			return 0, booking.Full
		}
	}
	return left, booking.Full
}

// over says of each claim when it and all before it have ended. Claims of one chain overlap while a move is pending, one
// perhaps within the other, so that their own ends are in no order.
func over(claims []booking.Claimed) []int64 {
	out := make([]int64, len(claims))
	latest := int64(0)
	for i, c := range claims {
		latest = max(latest, c.End)
		out[i] = latest
	}
	return out
}

// overlaps reports whether one of the sorted, disjoint spans overlaps w.
func overlaps(spans []interval.Interval, w interval.Interval) bool {
	first, _ := slices.BinarySearchFunc(spans, w.Start, func(s interval.Interval, at int64) int { return cmp.Compare(s.End, at+1) })
	return first < len(spans) && spans[first].Overlaps(w)
}
