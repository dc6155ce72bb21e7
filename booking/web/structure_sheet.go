package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"passerelle/booking"
	"passerelle/connectors"
)

// structureSheet is an appointment as the place sees it: who comes, what for, and who sends her.
type structureSheet struct {
	sheet
	Day                 string // the list of its day
	Need                []string
	Services, Reception []string
	Contact             []string // of the person
	Prescriber          []string
	Consent             string
	MayAnswer, Erased   bool
	Until, Reason       string
	MaxReason           int
}

// StructurePath is where the page of an appointment is, for its place: the id follows.
const StructurePath = "/structure/rendez-vous/"

// theirs finds an appointment at a place that who is signed in answers for; false when it was answered.
func (p *pages) theirs(w http.ResponseWriter, r *http.Request) (booking.Appointment, *booking.Place, bool) {
	s, ok := p.who(w, r)
	if !ok {
		return booking.Appointment{}, nil, false
	}
	a, err := p.Service.Ledger.AnyAppointment(r.Context(), r.PathValue("id"))
	if err != nil && connectors.KindOf(err) != connectors.NotFound {
		p.Logger.Error("an appointment could not be read", "err", err)
		p.tell(w, r, unavailable)
		return a, nil, false
	}
	place := p.Place(a.Place)
	if err != nil || a.Taken.IsZero() || place == nil || place.Zone == nil || !p.answers(s.Account, place) {
		p.tell(w, r, page{http.StatusNotFound, "Rendez-vous inconnu", []string{"Aucun rendez-vous de vos lieux ne porte cet identifiant."}}, next{"/structure", "Vos lieux"})
		return a, nil, false
	}
	return a, place, true
}

// theirsToChange reads a form about it too.
func (p *pages) theirsToChange(w http.ResponseWriter, r *http.Request) (booking.Appointment, *booking.Place, url.Values, bool) {
	a, place, ok := p.theirs(w, r)
	if !ok {
		return a, place, nil, false
	}
	form, ok := p.form(w, r, sessionCookie)
	return a, place, form, ok
}

func (p *pages) showTheirs(w http.ResponseWriter, r *http.Request) {
	if a, place, ok := p.theirs(w, r); ok {
		p.structureSheet(w, r, a, place, "", "")
	}
}

func (p *pages) structureSheet(w http.ResponseWriter, r *http.Request, a booking.Appointment, place *booking.Place, wrong, reason string) {
	v := structureSheet{sheet: p.sheet(a), MayAnswer: a.Status == booking.Requested, Erased: a.Details == nil, Reason: reason, MaxReason: maxReason}
	v.Status, v.Self = p.statusForStructure(a), StructurePath+a.ID
	v.Day = structurePath(place.ID) + "?jour=" + a.StartTime().In(place.Zone).Format("2006-01-02")
	v.FormToken, v.Key = formToken(r), newKey()
	v.Done = doneTo(a, r.URL.Query().Get("fait"))
	v.MayCancel = v.MayCancel && a.Status == booking.Confirmed
	if v.Doubt != "" {
		v.Doubt = "Votre agenda n'a pas encore répondu : l'heure reste gardée, et cette page dira ce qu'il en est. Rechargez-la dans une minute, ou regardez dans votre agenda."
	}
	if v.MayAnswer && !a.Expires.IsZero() {
		v.Until = booking.InWords(a.Expires, place.Zone)
	}
	if d := a.Details; d != nil {
		v.say(*d)
	}
	p.write(w, r, http.StatusOK, "structure_sheet", view{Title: "Rendez-vous", Wrong: wrong, Of: &v})
}

// say is what the place is told of persons.
func (v *structureSheet) say(d booking.Details) {
	b, who := d.Beneficiary, d.Prescriber
	v.Services, v.Reception = d.Need.Services, d.Reception
	v.Need = booking.LinesOf(string(d.Need.Details))
	v.Contact = booking.Lines(booking.PhoneInDigits(string(b.Phone)), string(b.Email), string(b.Address))
	if b.Language != "" {
		v.Contact = append(v.Contact, "Langue : "+b.Language)
	}
	v.Prescriber = booking.Lines(booking.FullName(who.FirstName, who.LastName), who.StructureName, booking.PhoneInDigits(string(who.Phone)), string(who.Email))
	v.Consent = map[string]string{"oral": "donné de vive voix", "ecrit": "écrit", "mandat": "par un mandat"}[d.Consent.Mode]
}

// answerTheirs accepts or refuses a request.
func (p *pages) answerTheirs(w http.ResponseWriter, r *http.Request) {
	a, place, form, ok := p.theirsToChange(w, r)
	if !ok {
		return
	}
	accept, reason, wrong := readDecision(form)
	if wrong != "" {
		p.structureSheet(w, r, a, place, wrong, reason)
		return
	}
	_, err := p.Service.Decide(r.Context(), a.ID, accept, booking.Words(reason))
	if now, e := p.Service.Ledger.AnyAppointment(r.Context(), a.ID); err != nil && e == nil && now.Status != booking.Requested { // her agenda's refusal is final too: the sheet says whose it was
		err = nil
	}
	p.changedTheirs(w, r, a, "reponse", err)
}

func (p *pages) cancelTheirs(w http.ResponseWriter, r *http.Request) {
	a, place, form, ok := p.theirsToChange(w, r)
	if !ok {
		return
	}
	reason, wrong := readReason(form)
	if wrong != "" {
		p.structureSheet(w, r, a, place, wrong, reason)
		return
	}
	_, err := p.Service.Cancel(r.Context(), callFor(a, booking.TheStructure, form, "annulation "+a.ID), a.ID, booking.Ending{By: booking.TheStructure, Reason: booking.Words(reason)})
	p.changedTheirs(w, r, a, "annule", err)
}

func (p *pages) attendTheirs(w http.ResponseWriter, r *http.Request) {
	a, _, form, ok := p.theirsToChange(w, r)
	if !ok {
		return
	}
	_, err := p.Service.Attend(r.Context(), callFor(a, booking.TheStructure, form, "presence "+a.ID+" "+form.Get("statut")), a.ID, booking.Status(form.Get("statut")))
	p.changedTheirs(w, r, a, "presence", err)
}

func (p *pages) changedTheirs(w http.ResponseWriter, r *http.Request, a booking.Appointment, done string, err error) {
	self := StructurePath + a.ID
	e, known := errors.AsType[*booking.Error](err)
	switch {
	case err == nil:
		p.redirect(w, r, self+"?fait="+done)
	case known && slices.Contains([]string{"demande_en_cours", "etape_impossible"}, e.Code): // answered meanwhile: the sheet says how
		p.redirect(w, r, self)
	default:
		p.tell(w, r, p.refusedOr(err, changeFailed), next{self, "Revenir au rendez-vous"})
	}
}
