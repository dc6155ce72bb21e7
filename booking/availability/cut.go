package availability

import (
	"cmp"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// cut lists the slots of a motif that start in the window, and says why if there is none.
//
// The grid of starts begins where the agenda opens (anew at midnight, local time), not where it is free: a slot
// keeps its identity whatever is booked around it.
func (f *free) cut(q booking.AvailabilityQuery, m booking.Motif, now time.Time) ([]booking.Slot, booking.EmptyReason) {
	earliest, latest := now.Add(m.Notice).Unix(), now.AddDate(0, 0, m.HorizonDays).Unix()
	var out []booking.Slot
	why := booking.Closed
	for _, s := range f.starts(q, m) {
		switch {
		case s.at <= now.Unix() || s.at < q.Window.Start || s.at >= q.Window.End:
			continue
		case s.at <= earliest && m.Notice > 0:
			why = milder(why, booking.TooSoon)
			continue
		case s.at > latest:
			why = milder(why, booking.TooFar)
			continue
		}
		x := booking.Slot{
			Interval: interval.Interval{Start: s.at, End: s.at + int64(m.Duration.Seconds())},
			Place:    q.Place.ID, Agenda: q.Agenda.Agenda, Motif: m,
		}
		if x.Seats = min(s.seats, f.seats(x)); x.Seats > 0 {
			out = append(out, x)
		} else {
			why = booking.Full
		}
	}
	return out, why
}

// start is a place on the grid of a motif: an instant (Unix seconds) and the seats that the agenda gives it.
type start struct {
	at    int64
	seats int
}

// starts is the grid of a motif, sorted.
func (f *free) starts(q booking.AvailabilityQuery, m booking.Motif) []start {
	var out []start
	if f.native {
		for _, s := range f.ready {
			if s.Motif == m.Upstream && s.Interval.Duration() == m.Duration {
				out = append(out, start{s.Start, s.Seats})
			}
		}
		slices.SortFunc(out, func(a, b start) int { return cmp.Compare(a.at, b.at) })
		return slices.CompactFunc(out, func(a, b start) bool { return a.at == b.at })
	}
	length, step := int64(m.Duration.Seconds()), int64(m.Step.Seconds())
	for _, day := range days(f.open, q.Place.Zone) {
		for at := day.Start; at+length <= day.End; at += step {
			out = append(out, start{at, m.Seats})
		}
	}
	return out
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
			end := min(s.End, midnight)
			out = append(out, interval.Interval{Start: s.Start, End: end})
			s.Start = end
		}
	}
	return out
}

// seats is how many are left of a slot: none where anything is in its way, its buffer included.
func (f *free) seats(x booking.Slot) int {
	whole := x.Interval
	whole.End += int64(x.Motif.Buffer.Seconds())
	first, _ := slices.BinarySearchFunc(f.taken, whole.Start, func(t interval.Interval, at int64) int {
		if t.End <= at {
			return -1
		}
		return 1
	})
	if first < len(f.taken) && f.taken[first].Overlaps(whole) {
		return 0
	}
	left := x.Motif.Seats
	session := booking.SessionOf(x)
	for _, c := range f.claims {
		switch {
		case c.Start >= whole.End:
			return left
		case !c.Overlaps(whole):
		case x.Motif.Group && c.Session == session:
			left -= c.Seats
		default:
			return 0
		}
	}
	return left
}
