package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// The pages of the person: whoever has the link of her letters may see her appointment, move it and cancel it, without an
// account. The link is hers as long as the appointment is; it says nothing of anybody.

var (
	personOver = page{http.StatusGone, "Ce rendez-vous est passé", []string{"Ce lien ne sert plus : le rendez-vous auquel il menait est terminé."}}
	// changeFailed is for who has one appointment before her, and no list of them.
	changeFailed = page{http.StatusServiceUnavailable, "Service indisponible", []string{
		"Nous ne savons pas si votre changement est enregistré. Revenez au rendez-vous : sa page dit où il en est.",
	}}
	personGone = page{http.StatusNotFound, "Lien inconnu", []string{"Ce lien n'est pas valable. Il est peut-être incomplet : ouvrez-le depuis le message reçu, ou téléphonez au lieu."}}
)

// seenFor is how long a person sees her appointment once it is over, wherever it was moved since her link was made.
const seenFor = 24 * time.Hour

// hers finds the appointment of a link, as it is since it was moved; false when it was answered.
func (p *pages) hers(w http.ResponseWriter, r *http.Request) (booking.Appointment, bool) {
	a, err := p.current(r.Context(), r.PathValue("jeton"))
	switch {
	case err == nil && !a.Taken.IsZero() && (a.Interval.Empty() || p.Now().Before(a.EndTime().Add(seenFor))):
		return a, true
	case err == nil && !a.Taken.IsZero():
		p.tell(w, r, personOver)
	case connectors.KindOf(err) == connectors.Refused:
		p.tell(w, r, personOver)
	case err == nil || connectors.KindOf(err) == connectors.NotFound:
		p.tell(w, r, personGone)
	default:
		p.Logger.Error("the appointment of a link could not be read", "err", err)
		p.tell(w, r, unavailable)
	}
	return a, false
}

// current follows an appointment to where it was moved.
func (p *pages) current(ctx context.Context, token string) (booking.Appointment, error) {
	id, err := p.ReadPerson(token, p.Now())
	if err != nil {
		return booking.Appointment{}, err
	}
	a, err := p.Service.Ledger.AnyAppointment(ctx, id)
	for err == nil && a.ReplacedBy != "" && a.Status == booking.Moved {
		a, err = p.Service.Ledger.AnyAppointment(ctx, a.ReplacedBy)
	}
	return a, err
}

// personPath is a page of the person's, under the link that she came by.
func personPath(r *http.Request, more string) string {
	return "/rv/" + url.PathEscape(r.PathValue("jeton")) + more
}

func (p *pages) showHers(w http.ResponseWriter, r *http.Request) {
	a, ok := p.hers(w, r)
	if !ok {
		return
	}
	v := p.sheet(a)
	v.Status, v.Self = p.statusForHer(a), personPath(r, "")
	v.MovePath, v.Key, v.Done = v.Self+"/creneaux?"+url.Values{"motif": {a.Motif.ID}}.Encode()+"#creneaux", newKey(), doneTo(a, r.URL.Query().Get("fait"))
	if p.awaits(r.Context(), &v, a); v.Asked != "" { // it is said that it is asked for
		v.Done = ""
	}
	p.write(w, r, http.StatusOK, "person", view{Title: "Votre rendez-vous", Of: v})
}

// statusForHer is where an appointment stands, for whom it is.
func (p *pages) statusForHer(a booking.Appointment) string {
	switch a.Status {
	case booking.Confirmed:
		if !p.Now().Before(a.StartTime()) {
			return "Passé"
		}
		return "Confirmé"
	case booking.Requested:
		return "Demandé : attendez que le lieu réponde"
	case booking.Sending, booking.Uncertain, booking.Cancelling, booking.NeedsHuman:
		return "À vérifier : téléphonez au lieu"
	case booking.Refused, booking.Expired:
		return "Le lieu n'a pas pu vous recevoir : ce rendez-vous n'aura pas lieu"
	case booking.Cancelled:
		return "Annulé"
	}
	return "Passé"
}

// slotsForHers is where she chooses another time.
func (p *pages) slotsForHers(w http.ResponseWriter, r *http.Request) {
	a, ok := p.hers(w, r)
	if !ok {
		return
	}
	place := p.Place(a.Place)
	if place == nil || place.Zone == nil {
		p.tell(w, r, unavailable, next{personPath(r, ""), "Revenir au rendez-vous"})
		return
	}
	v, _, err := p.week(r.Context(), place, r.URL.Query(), personPath(r, "/creneaux"))
	if err != nil {
		p.Logger.Error("the slots of a place could not be listed", "lieu", place.ID, "err", err)
		p.tell(w, r, unavailable, next{personPath(r, ""), "Revenir au rendez-vous"})
		return
	}
	v.Action, v.Key = personPath(r, ""), newKey()
	v.move(personPath(r, ""))
	p.write(w, r, http.StatusOK, "person_slots", view{Title: "Changer de jour ou d'heure", Wide: true, Of: &v})
}

func (p *pages) moveHers(w http.ResponseWriter, r *http.Request) {
	a, form, ok := p.hersToChange(w, r)
	if !ok {
		return
	}
	slot := form.Get("creneau")
	_, err := p.Service.Move(r.Context(), callFor(a, booking.TheBeneficiary, form, "deplacement "+slot), a.ID, slot) // her link leads to what it became: sent twice, it is the same
	p.changedHers(w, r, "deplace", err)
}

func (p *pages) cancelHers(w http.ResponseWriter, r *http.Request) {
	a, form, ok := p.hersToChange(w, r)
	if !ok {
		return
	}
	_, err := p.Service.Cancel(r.Context(), callFor(a, booking.TheBeneficiary, form, "annulation "+a.ID), a.ID, booking.Ending{By: booking.TheBeneficiary})
	p.changedHers(w, r, "annule", err)
}

// hersToChange reads a form of her pages. Their address is the secret: no other site can make a browser send them.
func (p *pages) hersToChange(w http.ResponseWriter, r *http.Request) (booking.Appointment, url.Values, bool) {
	a, ok := p.hers(w, r)
	if !ok {
		return a, nil, false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.tell(w, r, formOver, next{personPath(r, ""), "Revenir au rendez-vous"})
		return a, nil, false
	}
	return a, r.PostForm, true
}

// callFor is what somebody other than its taker does with an appointment, in the name of the partner whose it is.
func callFor(a booking.Appointment, who booking.Actor, form url.Values, what string) booking.Call {
	return booking.Call{Partner: a.Partner, Actor: who, Key: keyOf(form, string(who)+" "+what), Request: []byte(what)}
}

func (p *pages) changedHers(w http.ResponseWriter, r *http.Request, done string, err error) {
	e, known := errors.AsType[*booking.Error](err)
	switch {
	case err == nil:
		p.redirect(w, r, personPath(r, "?fait="+done))
	case known && e.Code == "demande_en_cours":
		p.redirect(w, r, personPath(r, ""))
	default:
		p.tell(w, r, p.refusedOr(err, changeFailed), next{personPath(r, "/creneaux#creneaux"), "Voir les créneaux"}, next{personPath(r, ""), "Revenir au rendez-vous"})
	}
}
