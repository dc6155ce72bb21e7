package web

import (
	"net/http"

	"passerelle/auth/signin"
	"passerelle/booking"
)

// kept lists the slots of a place that somebody keeps and has not filled in: they are free for nobody, so that who has gone
// back, or has opened another tab, would not find hers again. What cannot be read is not shown; the slots are.
func (p *pages) kept(r *http.Request, a signin.Account, place *booking.Place) []booking.Appointment {
	found, err := p.Register.KeptBy(r.Context(), partnerOf(a), place.Names())
	if err != nil {
		p.Logger.Error("what is kept could not be listed", "lieu", place.ID, "err", err)
	}
	return found
}

// keptLines leads to the forms of what somebody keeps at a place.
func (p *pages) keptLines(r *http.Request, a signin.Account, place *booking.Place) []next {
	var out []next
	for _, x := range p.kept(r, a, place) {
		out = append(out, next{formPath(x.ID), booking.InWords(x.StartTime(), place.Zone)})
	}
	return out
}

// keeps is the hold of a slot that somebody keeps herself; false where she does not.
func (p *pages) keeps(r *http.Request, a signin.Account, place *booking.Place, slot booking.SlotRef) (booking.Appointment, bool) {
	for _, x := range p.kept(r, a, place) {
		if x.Interval == slot.Interval && x.Motif.ID == slot.Motif {
			return x, true
		}
	}
	return booking.Appointment{}, false
}

func formPath(hold string) string { return "/reservations/" + hold }
