package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors"
)

// take turns a hold into the appointment that its form describes. Whatever is in the way, what was filled in comes back
// with the answer: nobody types it twice.
func (p *pages) take(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.tell(w, r, formOver, next{"/mes-rendez-vous", "Mes rendez-vous"})
		return
	}
	if _, err := p.SignIn.Desk.Who(r.Context(), cookie(r, sessionCookie)); errors.Is(err, signin.ErrUnknown) {
		p.sessionEnded(w, r)
		return
	}
	if s, ok := p.aidant(w, r); ok {
		p.takeFor(w, r, s)
	}
}

// sessionEnded gives the form back to somebody who is not signed in any more. It tells a stranger nothing: what is filled in
// came with this very request, and a hold says when and where, for nobody.
func (p *pages) sessionEnded(w http.ResponseWriter, r *http.Request) {
	a, err := p.Service.Ledger.AnyAppointment(r.Context(), r.PathValue("id"))
	place := p.Place(a.Place)
	if err != nil || !a.Taken.IsZero() || place == nil || place.Zone == nil || !strings.HasPrefix(a.Partner, partnerOf(signin.Account{})) {
		p.redirect(w, r, "/connexion?retour="+url.QueryEscape("/mes-rendez-vous"))
		return
	}
	v := reserving{Form: p.newBookingForm(a.Motif, place, r.PostForm), Key: r.PostForm.Get("cle"), Ended: true}
	p.reserving(w, r, a, place, v, "Vous n'êtes plus connecté.")
}

func (p *pages) takeFor(w http.ResponseWriter, r *http.Request, s signin.Session) {
	held, place, ok := p.held(w, r, s)
	if !ok {
		return
	}
	form := r.PostForm
	v := reserving{Form: p.newBookingForm(held.Motif, place, form), Key: p.newKey()}
	if !signin.CheckFormToken(cookie(r, sessionCookie), form.Get("formulaire")) { // a page of an earlier session, or of another site
		p.reserving(w, r, held, place, v, "Rien n'est encore envoyé : relisez, puis envoyez.")
		return
	}
	b, ok := v.Form.readBooking(p.Now())
	if !ok {
		p.reserving(w, r, held, place, v, "Rien n'est encore envoyé : des réponses manquent ou ne vont pas.")
		return
	}
	made, err := p.bookHeld(r.Context(), s.Account, held, form, b)
	e, known := errors.AsType[*booking.Error](err)
	switch {
	case err == nil:
		p.redirect(w, r, "/mes-rendez-vous/"+made+"?fait=pris")
	case known && e.Code == "demande_en_cours": // the same form, sent twice
		p.redirect(w, r, "/mes-rendez-vous/"+made)
	default:
		p.notTaken(w, r, held, place, v, err)
	}
}

// bookHeld books the hold; one that has expired is taken again first, and so is another slot where one was chosen instead.
func (p *pages) bookHeld(ctx context.Context, a signin.Account, held booking.Appointment, form url.Values, b booking.Booking) (id string, err error) {
	slot := form.Get("creneau")
	if slot == "" && (held.Status != booking.Held || !p.Now().Before(held.Expires)) {
		slot = p.Service.Slots.ID(booking.SlotRef{Place: held.Place, Agenda: held.Agenda, Motif: held.Motif.ID, Interval: held.Interval})
	}
	b.HoldID = held.ID
	if slot != "" {
		again, err := p.Service.Hold(ctx, call(a, form, "reservation "+slot), slot)
		if err != nil {
			return "", err
		}
		b.HoldID = again.Appointment.ID
	}
	_, err = p.Service.Book(ctx, call(a, form, "rendez-vous "+b.HoldID), b)
	return b.HoldID, err
}

// notTaken gives the form back with why, and what to do about it.
func (p *pages) notTaken(w http.ResponseWriter, r *http.Request, held booking.Appointment, place *booking.Place, v reserving, err error) {
	e, known := errors.AsType[*booking.Error](err)
	if !known || connectors.KindOf(err) == connectors.Internal {
		p.Logger.Error("an appointment could not be taken", "rendez_vous", held.ID, "err", err)
		p.reserving(w, r, held, place, v, "Le service ne répond pas. Rien n'est perdu : envoyez de nouveau dans un instant, rien ne sera pris deux fois.")
		return
	}
	p.Logger.Info("an appointment was refused", "rendez_vous", held.ID, "err", err)
	wrong := e.Detail
	switch {
	case connectors.KindOf(err) == connectors.SlotTaken:
		for _, x := range e.Near {
			v.Near = append(v.Near, choice{Value: x.ID, Words: slotOf(x, place.Zone).Words})
		}
		v.Lost = true
		if wrong = "Ce créneau vient d'être pris. Choisissez-en un autre ci-dessous : ce que vous avez écrit est gardé."; len(v.Near) == 0 {
			wrong = "Ce créneau vient d'être pris, et il n'y en a pas d'autre proche. Téléphonez au lieu, ou cherchez-en un autre."
		}
	case e.Code == "rendez_vous_double":
		v.Twice = true
		wrong = "Cette personne a déjà un rendez-vous à cette heure-là. Si c'est voulu, cochez la case et envoyez de nouveau."
	}
	for _, f := range e.Fields {
		v.Form.blame(f.Name, "Cette réponse "+f.Reason+".")
	}
	p.reserving(w, r, held, place, v, wrong)
}
