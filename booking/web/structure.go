package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors/interval"
)

// Register is what was taken at places, for who answers for them, and what is kept there.
type Register interface {
	// AtPlace lists what was taken at a place, under any of its names, and overlaps a time, of some statuses or of all; by start,
	// with details.
	AtPlace(ctx context.Context, names []string, w interval.Interval, of ...booking.Status) ([]booking.Appointment, error)
	// StandingAt lists what stands of what was taken at a place, likewise, and overlaps a time; by start, without personal data.
	StandingAt(ctx context.Context, names []string, w interval.Interval) ([]booking.Appointment, error)
	// KeptBy lists the holds of a partner at a place, likewise, that stand; by start.
	KeptBy(ctx context.Context, partner string, names []string) ([]booking.Appointment, error)
}

// structures is the page of the places that somebody answers for.
type structures struct{ Places []next }

func (p *pages) showStructures(w http.ResponseWriter, r *http.Request) {
	s, ok := p.who(w, r)
	if !ok {
		return
	}
	var v structures
	for _, id := range s.Account.Places {
		v.Places = append(v.Places, next{structurePath(id), nameOf(p.Place(id), id)})
	}
	p.write(w, r, http.StatusOK, "structures", view{Title: "Vos lieux", Of: v})
}

func structurePath(place string) string { return "/structure/lieux/" + url.PathEscape(place) }

// answersFor finds a place that who is signed in answers for; false when it was answered. Of another it says what it says of one
// that there is not.
func (p *pages) answersFor(w http.ResponseWriter, r *http.Request, id string) (signin.Session, *booking.Place, bool) {
	s, ok := p.who(w, r)
	if !ok {
		return s, nil, false
	}
	place := p.Place(id)
	if place == nil || place.Zone == nil || !p.answers(s.Account, place) {
		p.tell(w, r, notYours, next{"/structure", "Vos lieux"})
		return s, nil, false
	}
	return s, place, true
}

// placeToChange reads a form about it too.
func (p *pages) placeToChange(w http.ResponseWriter, r *http.Request) (signin.Session, *booking.Place, url.Values, bool) {
	s, place, ok := p.answersFor(w, r, r.PathValue("id"))
	if !ok {
		return s, place, nil, false
	}
	form, ok := p.form(w, r, sessionCookie)
	return s, place, form, ok
}

var notYours = page{http.StatusNotFound, "Ce n'est pas un de vos lieux", []string{"Ce compte ne répond pas de ce lieu. Il le peut, s'il vous y a autorisé : demandez-le depuis votre compte."}}

// answers: what was claimed under an id that the place had before still counts.
func (p *pages) answers(a signin.Account, place *booking.Place) bool {
	return slices.ContainsFunc(a.Places, func(id string) bool {
		claimed := p.Place(id)
		return claimed != nil && claimed.ID == place.ID
	})
}

// dayList is the appointments of a day at a place, as they are printed, and the requests that wait for an answer.
type dayList struct {
	Day, Earlier, Later string
	Requests, List      []structureLine
	Public, Agendas     string // pages: the place's public one, and that of its agendas
	Calendar            string // the page where it says how else it wants to see this
	Code                codeForm
	Untold              bool // the last list of a next day has not gone
}

type structureLine struct {
	Path, Hour, Person, Motif, Status, Phone string
	Over                                     bool
}

// requestsWithin is how far ahead requests are looked for: as far as anybody may book.
const requestsWithin = 366 * 24 * time.Hour

func (p *pages) showDay(w http.ResponseWriter, r *http.Request) {
	_, place, ok := p.answersFor(w, r, r.PathValue("id"))
	if !ok {
		return
	}
	day := booking.Midnight(p.Now(), place.Zone)
	if asked, err := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("jour"), place.Zone); err == nil {
		day = asked
	}
	today, err := p.Register.AtPlace(r.Context(), place.Names(), interval.Of(day, day.AddDate(0, 0, 1)))
	waiting, err2 := p.Register.AtPlace(r.Context(), place.Names(), interval.Of(p.Now(), p.Now().Add(requestsWithin)), booking.Requested)
	if err != nil || err2 != nil {
		p.Logger.Error("the appointments of a place could not be listed", "lieu", place.ID, "err", err, "cause", err2)
		p.tell(w, r, unavailable)
		return
	}
	at := func(day time.Time) string { return structurePath(place.ID) + "?jour=" + day.Format(time.DateOnly) }
	v := dayList{
		Day: booking.DayInWords(day, place.Zone), Earlier: at(day.AddDate(0, 0, -1)), Later: at(day.AddDate(0, 0, 1)), Public: placePath(place.ID),
		Agendas: structurePath(place.ID) + "/agenda", Calendar: CalendarPath(place.ID), Code: p.codeForm(r, structurePath(place.ID)+"/code"),
	}
	if p.Evenings != nil {
		e, err := p.Evenings.Evening(r.Context(), place)
		if err != nil { // the day is worth more
			p.Logger.Error("whether a place has its lists could not be read", "lieu", place.ID, "err", err)
		}
		v.Untold = e.Untold && e.Address != ""
	}
	for _, a := range today {
		v.List = append(v.List, p.structureLine(a, place, booking.HourInWords(a.StartTime(), place.Zone)))
	}
	for _, a := range waiting {
		v.Requests = append(v.Requests, p.structureLine(a, place, booking.InWords(a.StartTime(), place.Zone)))
	}
	p.write(w, r, http.StatusOK, "day", view{Title: place.Name, Wide: true, Of: v})
}

func (p *pages) structureLine(a booking.Appointment, place *booking.Place, when string) structureLine {
	line := structureLine{Path: StructurePath + a.ID, Hour: when, Motif: a.Motif.Label, Status: p.statusForStructure(a), Over: !a.Status.Occupies()}
	if d := a.Details; d != nil {
		line.Person = d.Beneficiary.Called()
		line.Phone = booking.PhoneInDigits(string(d.Beneficiary.Phone))
	}
	return line
}

// statusForStructure is where an appointment stands, for the place.
func (p *pages) statusForStructure(a booking.Appointment) string {
	switch a.Status {
	case booking.Requested:
		return "À accepter ou à refuser"
	case booking.Refused:
		if a.Ended.By != booking.TheStructure {
			return "Refusé par votre agenda : la demande est terminée"
		}
		return "Refusé"
	case booking.Expired:
		return "Resté sans réponse"
	case booking.Confirmed:
		if !p.Now().Before(a.StartTime()) {
			return "Passé : la personne est-elle venue ?"
		}
		return "Confirmé"
	case booking.Sending, booking.Uncertain, booking.Cancelling:
		return "En cours : votre agenda n'a pas encore répondu"
	case booking.NeedsHuman:
		return "À vérifier dans votre agenda"
	}
	return p.statusInWords(a)
}
