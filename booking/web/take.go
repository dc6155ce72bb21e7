package web

import (
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
	v := reserving{Form: p.newBookingForm(a.Motif, place, r.PostForm), Key: r.PostForm.Get("cle"), Ended: true, Near: p.chosenSlot(r.PostForm, place)}
	p.reserving(w, r, a, place, v, "La connexion est terminée.")
}

func (p *pages) takeFor(w http.ResponseWriter, r *http.Request, s signin.Session) {
	held, place, ok := p.held(w, r, s)
	if !ok {
		return
	}
	form := r.PostForm
	v := reserving{Form: p.newBookingForm(held.Motif, place, form), Key: newKey()}
	if !signin.CheckFormToken(cookie(r, sessionCookie), form.Get("formulaire")) { // a page of an earlier session, or of another site
		v.Near = p.chosenSlot(form, place)
		p.reserving(w, r, held, place, v, "Rien n'est encore envoyé : relisez, puis envoyez.")
		return
	}
	// Whatever comes next is about the slot that is kept now: a form that comes back asks for no other.
	now, err := p.keptNow(r, s.Account, held, place)
	if err != nil {
		p.notTaken(w, r, held, place, v, err)
		return
	}
	held = now
	b, ok := v.Form.readBooking(p.Now())
	if !ok {
		p.reserving(w, r, held, place, v, "Rien n'est encore envoyé : des réponses manquent ou ne vont pas.")
		return
	}
	b.HoldID = held.ID
	_, err = p.Service.Book(r.Context(), call(s.Account, form, "rendez-vous "+held.ID), b)
	e, known := errors.AsType[*booking.Error](err)
	switch {
	case err == nil:
		p.redirect(w, r, minePath(held.ID)+"?fait=pris")
	case known && e.Code == "demande_en_cours": // the same form, sent twice
		p.redirect(w, r, minePath(held.ID))
	default:
		p.notTaken(w, r, held, place, v, err)
	}
}

// keptNow is the hold that a form is for: the one that it was shown for; one of another slot, where that was chosen instead; or
// a new one of the same slot, where its time is over.
func (p *pages) keptNow(r *http.Request, a signin.Account, held booking.Appointment, place *booking.Place) (booking.Appointment, error) {
	slot := r.PostForm.Get("creneau")
	if slot == "" && held.Status == booking.Held && p.Now().Before(held.Expires) {
		return held, nil
	}
	ref := booking.SlotRef{Place: held.Place, Agenda: held.Agenda, Motif: held.Motif.ID, Interval: held.Interval}
	if slot == "" {
		slot = p.Service.Slots.ID(ref)
	} else if other, err := p.Service.Slots.Ref(slot); err == nil {
		ref = other
	}
	again, err := p.Service.Hold(r.Context(), call(a, r.PostForm, "reservation "+slot), slot)
	if connectors.KindOf(err) == connectors.SlotTaken {
		if hers, ok := p.keeps(r, a, place, ref); ok { // in another tab
			return hers, nil
		}
	}
	return again.Appointment, err
}

// chosenSlot is the slot that a form asks for instead of its own, to be asked for again.
func (p *pages) chosenSlot(form url.Values, place *booking.Place) []choice {
	ref, err := p.Service.Slots.Ref(form.Get("creneau"))
	if err != nil {
		return nil
	}
	return []choice{{Value: form.Get("creneau"), Words: booking.InWords(ref.StartTime(), place.Zone), Chosen: true}}
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
	wrong := refusedInWords(e)
	switch {
	case connectors.KindOf(err) == connectors.SlotTaken:
		for _, x := range e.Near {
			v.Near = append(v.Near, choice{Value: x.ID(), Words: slotOf(x, place.Zone).Words})
		}
		v.Lost, v.Taken = true, true
		if wrong = "Ce créneau vient d'être pris. Choisissez-en un autre ci-dessous : ce que vous avez écrit est gardé."; len(v.Near) == 0 {
			wrong = "Ce créneau vient d'être pris, et il n'y en a pas d'autre proche. Téléphonez au lieu, ou cherchez-en un autre."
		}
	case e.Code == "rendez_vous_double":
		v.Twice = true
		wrong = "Cette personne a déjà un rendez-vous à cette heure-là. Si c'est voulu, cochez la case et envoyez de nouveau."
	}
	for _, f := range e.Fields {
		v.Form.blame(f.Name, sentence(f.Reason))
	}
	p.reserving(w, r, held, place, v, wrong)
}
