package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// orienting is the page on which somebody is led to the page of a place's own software.
type orienting struct {
	Place, PlaceID, Back string
	Invites              bool // the page is made for the person alone, who is passed on to it
	Form                 *form
	FormToken, Key       string
}

// handsOn finds a place that books on a page of its own, and whether that page is made for the person; false when it was
// answered.
func (p *pages) handsOn(w http.ResponseWriter, r *http.Request, id string) (place *booking.Place, invites, ok bool) {
	offer, err := p.Service.Offered(id)
	if err != nil {
		p.tell(w, r, p.refused(err), next{"/", "Chercher un lieu"})
		return nil, false, false
	}
	if !slices.Contains(offer.Capacities(), booking.CanHandOn) {
		p.tell(w, r, noPage, next{placePath(offer.Place.ID), "Voir ce lieu"})
		return nil, false, false
	}
	return offer.Place, slices.Contains(offer.Capacities(), booking.CanInvite), true
}

var noPage = page{http.StatusConflict, "Ce lieu n'a pas de page de réservation", []string{"Réservez un de ses créneaux, ou téléphonez-lui."}}

// newOrientForm asks for no more than is passed on.
func (p *pages) newOrientForm(invites bool, values url.Values) *form {
	f := &form{values: values}
	if invites {
		f.Groups = []group{{"La personne", f.askPerson(booking.Motif{}, p.Service.SMS)}, {"Vous", f.askPrescriber()}, {"Son accord", f.askConsent()}}
		return f
	}
	f.Groups = []group{{"Vous", f.askPrescriber()}}
	return f
}

func (p *pages) offerOrientation(w http.ResponseWriter, r *http.Request) {
	s, ok := p.aidant(w, r)
	if !ok {
		return
	}
	place, invites, ok := p.handsOn(w, r, r.URL.Query().Get("lieu"))
	if !ok {
		return
	}
	p.orienting(w, r, place, invites, p.newOrientForm(invites, knownOf(s.Account)), "")
}

func (p *pages) orienting(w http.ResponseWriter, r *http.Request, place *booking.Place, invites bool, f *form, wrong string) {
	p.write(w, r, http.StatusOK, "orient", view{Title: "Orienter vers la page du lieu", Wrong: wrong, Of: &orienting{
		Place: nameOf(place, place.ID), PlaceID: place.ID, Back: placePath(place.ID), Invites: invites, Form: f,
		FormToken: formToken(r), Key: newKey(),
	}})
}

func (p *pages) orient(w http.ResponseWriter, r *http.Request) {
	s, ok := p.aidant(w, r)
	if !ok {
		return
	}
	filled, ok := p.form(w, r, sessionCookie)
	if !ok {
		return
	}
	place, invites, ok := p.handsOn(w, r, filled.Get("lieu"))
	if !ok {
		return
	}
	f := p.newOrientForm(invites, filled)
	b, good := f.readBooking(p.Now())
	if !good {
		p.orienting(w, r, place, invites, f, "Rien n'est encore envoyé : des réponses manquent ou ne vont pas.")
		return
	}
	o := booking.Orientation{Place: place.ID, Details: booking.Details{Prescriber: b.Details.Prescriber}}
	if invites {
		o.Details.Beneficiary, o.Details.Consent = b.Details.Beneficiary, b.Details.Consent
	}
	done, err := p.Service.Orient(r.Context(), call(s.Account, filled, "orientation "+place.ID), o)
	e, known := errors.AsType[*booking.Error](err)
	switch {
	case err == nil:
		p.redirect(w, r, minePath(done.Appointment.ID)+"?fait=oriente")
	case known && connectors.KindOf(err) != connectors.Internal:
		for _, x := range e.Fields {
			f.blame(x.Name, sentence(x.Reason))
		}
		p.orienting(w, r, place, invites, f, refusedInWords(e))
	default:
		p.Logger.Error("an orientation failed", "lieu", place.ID, "err", err)
		p.orienting(w, r, place, invites, f, "Le service ne répond pas : envoyez de nouveau dans un instant.")
	}
}

// conclude keeps what became of an orientation.
func (p *pages) conclude(w http.ResponseWriter, r *http.Request) {
	s, a, filled, ok := p.ownToChange(w, r)
	if !ok {
		return
	}
	var during interval.Interval
	if when := strings.TrimSpace(filled.Get("debut")); when != "" && filled.Get("statut") == string(booking.Confirmed) {
		start, err := time.ParseInLocation(localTime, when, zoneOf(p.Place(a.Place)))
		if err != nil {
			p.tell(w, r, page{http.StatusUnprocessableEntity, "Cette heure n'est pas comprise", []string{"Donnez le jour et l'heure du rendez-vous, ou laissez vide si vous ne les connaissez pas."}},
				next{minePath(a.ID), "Revenir au rendez-vous"})
			return
		}
		during = interval.Of(start, start.Add(max(a.Motif.Duration, 30*time.Minute)))
	}
	_, err := p.Service.Conclude(r.Context(), call(s.Account, filled, "issue "+a.ID+" "+filled.Get("statut")), a.ID, booking.Status(filled.Get("statut")), during, booking.ThePrescriber)
	p.changed(w, r, a, "presence", err)
}
