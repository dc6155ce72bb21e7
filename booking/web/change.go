package web

import (
	"context"
	"errors"
	"net/http"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// cancelMine cancels an appointment for whom it was taken for, or because its taker has to.
func (p *pages) cancelMine(w http.ResponseWriter, r *http.Request) {
	s, a, form, ok := p.ownToChange(w, r)
	if !ok {
		return
	}
	by := booking.TheBeneficiary
	if form.Get("par") == string(booking.ThePrescriber) {
		by = booking.ThePrescriber
	}
	_, err := p.Service.Cancel(r.Context(), call(s.Account, form, "annulation "+a.ID), a.ID, booking.Ending{By: by})
	p.changed(w, r, a, "annule", err)
}

// moveMine moves an appointment to the slot that was chosen on the page of its place.
func (p *pages) moveMine(w http.ResponseWriter, r *http.Request) {
	s, a, form, ok := p.ownToChange(w, r)
	if !ok {
		return
	}
	done, err := p.Service.Move(r.Context(), call(s.Account, form, "deplacement "+a.ID+" "+form.Get("creneau")), a.ID, form.Get("creneau"))
	if err == nil {
		a = done.Appointment
	}
	p.changed(w, r, a, "deplace", err)
}

// attendMine keeps whether she came.
func (p *pages) attendMine(w http.ResponseWriter, r *http.Request) {
	s, a, form, ok := p.ownToChange(w, r)
	if !ok {
		return
	}
	_, err := p.Service.Attend(r.Context(), call(s.Account, form, "presence "+a.ID+" "+form.Get("statut")), a.ID, booking.Status(form.Get("statut")))
	p.changed(w, r, a, "presence", err)
}

// awaits says to when an appointment may move, where that is not answered yet: until it is, this one stands.
func (p *pages) awaits(ctx context.Context, v *sheet, a booking.Appointment) {
	place := p.Place(a.Place)
	if a.Status != booking.Confirmed || a.Interval.Empty() || place == nil {
		return
	}
	all, err := p.Register.StandingAt(ctx, place.Names(), interval.Of(p.Now(), p.Now().Add(requestsWithin)))
	if err != nil {
		p.Logger.Error("what may replace an appointment could not be read", "rendez_vous", a.ID, "err", err)
		return
	}
	for _, x := range all {
		if x.Replaces == a.ID && (x.Status == booking.Requested || x.Status.Doubtful()) {
			v.Asked, v.AskedPath = booking.InWords(x.StartTime(), zoneOf(place)), minePath(x.ID)
		}
	}
}

// changed leads to the appointment as it is now, or says why nothing changed.
func (p *pages) changed(w http.ResponseWriter, r *http.Request, a booking.Appointment, done string, err error) {
	e, known := errors.AsType[*booking.Error](err)
	switch {
	case err == nil:
		p.redirect(w, r, minePath(a.ID)+"?fait="+done)
	case known && e.Code == "demande_en_cours":
		p.redirect(w, r, minePath(a.ID))
	case known && connectors.KindOf(err) == connectors.SlotTaken:
		p.tell(w, r, p.refused(err), next{p.sheet(a).MovePath, "Choisir un autre créneau"}, next{minePath(a.ID), "Ne rien changer"})
	default:
		p.tell(w, r, p.refused(err), next{minePath(a.ID), "Revenir au rendez-vous"})
	}
}
