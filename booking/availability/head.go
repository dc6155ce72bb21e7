package availability

import (
	"math"
	"slices"
	"time"

	"passerelle/booking"
)

// head is the first slots of a motif from now on, which is what searches ask for: they are the same until the first of them can
// be booked no more. Only those that were asked for are kept.
type head struct {
	motif        string
	limit        int   // slots, at most
	since, until int64 // it answers who asks in [since, until)
	whole        int64 // where it has fewer slots than its limit, no other starts before
	slots        []booking.Slot
}

// first lists the first slots of a motif as cut does, from the head where a question is of the kind that it answers.
func (f *free) first(q booking.AvailabilityQuery, m *booking.Motif, now time.Time) ([]booking.Slot, booking.EmptyReason) {
	if q.Limit == 0 || q.Live || q.Held || q.Except != "" || q.Window.Start > now.Unix() {
		return f.cut(q, m, now)
	}
	h := f.head(q, m, now)
	n := min(q.Limit, len(h.slots))
	all := n == q.Limit || q.Window.End <= h.whole
	for n > 0 && h.slots[n-1].Start >= q.Window.End {
		n, all = n-1, true
	}
	if n == 0 || !all { // why there is none, and what else there is, is worked out
		return f.cut(q, m, now)
	}
	return h.slots[:n:n], ""
}

// head gives the one that answers a question, and keeps it.
func (f *free) head(q booking.AvailabilityQuery, m *booking.Motif, now time.Time) *head {
	var kept []*head
	if p := f.heads.Load(); p != nil {
		kept = *p
	}
	for _, h := range kept {
		if h.motif == m.ID && h.limit >= q.Limit && h.since <= now.Unix() && now.Unix() < h.until {
			return h
		}
	}
	h := &head{motif: m.ID, limit: q.Limit, since: now.Unix(), whole: now.AddDate(0, 0, m.HorizonDays).Unix() + 1}
	q.Window.End = math.MaxInt64
	h.slots, _ = f.cut(q, m, now)
	if len(h.slots) == 0 {
		return h
	}
	h.until = h.slots[0].Start - int64(math.Ceil(m.Notice.Seconds()))
	kept = slices.DeleteFunc(slices.Clone(kept), func(h *head) bool { return h.motif == m.ID })
	kept = append(kept, h)
	f.heads.Store(&kept) // what somebody else has kept meanwhile is cut again
	return h
}
