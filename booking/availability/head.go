package availability

import (
	"math"
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
	next         *head // of another motif
}

// without is the list without the one of a motif. None of it is written on: others may be walking it.
func (h *head) without(motif string) *head {
	switch {
	case h == nil:
		return nil
	case h.motif == motif:
		return h.next
	}
	same := *h
	same.next = h.next.without(motif)
	return &same
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
	kept := f.heads.Load()
	for h := kept; h != nil; h = h.next {
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
	h.next = kept.without(m.ID)
	f.heads.Store(h) // what somebody else has kept meanwhile is cut again
	return h
}
