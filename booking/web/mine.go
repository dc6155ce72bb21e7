package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors"
)

// mostMine is how many appointments a list shows: what is older is over, and erased soon.
const mostMine = 500

// mine is the list of somebody's appointments.
type mine struct {
	Coming, Past []mineLine
	Code         codeForm
}

// minePath is the page of an appointment, for who took it.
func minePath(id string) string { return "/mes-rendez-vous/" + url.PathEscape(id) }

type mineLine struct {
	Path, When, Place, Person, Status string
	Ask                               bool // nobody has said whether she came
}

func (p *pages) listMine(w http.ResponseWriter, r *http.Request) {
	s, ok := p.who(w, r)
	if !ok {
		return
	}
	found, err := p.newest(r.Context(), partnerOf(s.Account), mostMine)
	if err != nil {
		p.Logger.Error("appointments could not be listed", "err", err)
		p.tell(w, r, unavailable)
		return
	}
	slices.SortFunc(found, func(a, b booking.Appointment) int { return cmp.Compare(a.Start, b.Start) })
	v := mine{Code: p.codeForm(r, "/code")}
	for _, a := range found {
		if a.Taken.IsZero() {
			continue
		}
		line := p.mineLine(a)
		if a.Status == booking.HandedOff || hourless(a) || a.Status.Occupies() && a.EndTime().After(p.Now()) {
			v.Coming = append(v.Coming, line)
		} else {
			v.Past = append(v.Past, line)
		}
	}
	slices.Reverse(v.Past)
	p.write(w, r, http.StatusOK, "mine", view{Title: "Mes rendez-vous", Wide: true, Of: v})
}

// newest are the appointments of a partner that changed last, most of them at most.
func (p *pages) newest(ctx context.Context, partner string, most int) ([]booking.Appointment, error) {
	_, total, err := p.Service.Appointments(ctx, partner, booking.AppointmentFilter{Limit: 1})
	if err != nil {
		return nil, err
	}
	found, _, err := p.Service.Appointments(ctx, partner, booking.AppointmentFilter{Limit: most, Offset: max(0, total-most)})
	return found, err
}

func (p *pages) mineLine(a booking.Appointment) mineLine {
	place := p.Place(a.Place)
	line := mineLine{
		Path: minePath(a.ID), When: booking.InWords(a.StartTime(), zoneOf(place)), Place: nameOf(place, a.Place), Status: p.statusInWords(a),
		Ask: a.Status == booking.Confirmed && (hourless(a) || !p.Now().Before(a.StartTime())),
	}
	if a.Interval.Empty() {
		line.When = "Jour et heure à choisir"
		if a.Status != booking.HandedOff {
			line.When = "Jour et heure non précisés"
		}
	}
	if a.Details != nil {
		line.Person = a.Details.Beneficiary.Called()
	}
	return line
}

// hourless reports whether an appointment stands of which nobody has said when it is: it was taken on the place's own page.
func hourless(a booking.Appointment) bool {
	return a.Status == booking.Confirmed && a.Guarantee == connectors.Handoff && a.Interval.Empty()
}

// zoneOf is the clock of a place; of one that is unknown by now, the clock that says so.
func zoneOf(place *booking.Place) *time.Location {
	if place == nil || place.Zone == nil {
		return time.UTC
	}
	return place.Zone
}

// statusInWords is where an appointment stands, for who took it.
func (p *pages) statusInWords(a booking.Appointment) string {
	switch a.Status {
	case booking.Confirmed:
		if hourless(a) {
			return "Confirmé : dites quand il a lieu"
		}
		if !p.Now().Before(a.StartTime()) {
			return "Passé : dites si la personne est venue"
		}
		return "Confirmé"
	case booking.Requested:
		return "Demandé : le lieu n'a pas encore répondu"
	case booking.Sending, booking.Uncertain, booking.Cancelling:
		return "En cours : la réponse de l'agenda est attendue"
	case booking.NeedsHuman:
		return "À vérifier : téléphonez au lieu"
	case booking.Refused:
		return "Refusé par le lieu"
	case booking.Expired:
		if a.Guarantee == connectors.Handoff {
			return "Sans suite : aucun rendez-vous n'a été pris sur la page du lieu"
		}
		return "Sans réponse du lieu : ce rendez-vous n'aura pas lieu"
	case booking.Cancelled:
		return "Annulé"
	case booking.Moved:
		return "Déplacé"
	case booking.Honoured:
		return "La personne est venue"
	case booking.Missed:
		return "La personne n'est pas venue"
	case booking.Excused:
		return "La personne s'était excusée"
	case booking.HandedOff:
		return "À finir sur la page du lieu"
	}
	return a.Status.Wire()
}

// own finds an appointment of who is signed in; false when it was answered.
func (p *pages) own(w http.ResponseWriter, r *http.Request) (signin.Session, booking.Appointment, bool) {
	return p.ownOf(w, r, r.PathValue("id"))
}

// ownToChange reads a form about it too.
func (p *pages) ownToChange(w http.ResponseWriter, r *http.Request) (signin.Session, booking.Appointment, url.Values, bool) {
	s, a, ok := p.own(w, r)
	if !ok {
		return s, a, nil, false
	}
	form, ok := p.form(w, r, sessionCookie)
	return s, a, form, ok
}

func (p *pages) ownOf(w http.ResponseWriter, r *http.Request, id string) (signin.Session, booking.Appointment, bool) {
	s, ok := p.who(w, r)
	if !ok {
		return s, booking.Appointment{}, false
	}
	a, err := p.Service.Appointment(r.Context(), partnerOf(s.Account), id)
	if err != nil {
		o := p.refused(err)
		if connectors.KindOf(err) == connectors.NotFound {
			o.title = "Rendez-vous inconnu"
		}
		p.tell(w, r, o, next{"/mes-rendez-vous", "Mes rendez-vous"})
		return s, a, false
	}
	return s, a, true
}
