package web

import (
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"passerelle/booking"
	"passerelle/connectors"
)

// sheet is an appointment, as it is printed for the person, and what its taker can do with it.
type sheet struct {
	Status, When, Length       string
	Code                       string // while it stands
	Self                       string // its page, for who looks
	Place                      string
	Where, Bring, Note         []string
	Phone                      string
	PhoneLink                  template.URL
	Motif, Person              string
	Told                       []string // who was told, and how
	Untold                     bool     // she will receive nothing
	Done                       string   // what was just done
	Doubt                      string   // what to do about what is not known
	MayCancel, MayMove, MayAsk bool
	MovePath                   string
	FormToken, Key             string
	Over                       bool   // it does not stand
	Page                       string // where it is finished
	MayConclude                bool   // nobody but her knows what became of it
	NoHour                     bool   // it is taken over there, she has not said for when
	Calendar                   bool
	Next                       string // the appointment that took its place
	Asked, AskedPath           string // when it may be instead, which is not answered yet
	Before                     string // the appointment whose place it takes if it is accepted
}

var doneInWords = map[string]string{
	"pris": "C'est fait.", "annule": "C'est annulé.", "deplace": "C'est déplacé.", "presence": "C'est noté.", "reponse": "Votre réponse est enregistrée.",
	"oriente": "La page est prête : ouvrez-la avec la personne, puis dites ici ce qu'il en est.",
}

const moveAsked = "La demande de changement est partie ; l'ancien rendez-vous tient jusqu'à la réponse."

// doneTo says what a page has just done, where the appointment is as that would have it: the address of the page may be old.
func doneTo(a booking.Appointment, done string) string {
	switch {
	case a.Status.Doubtful(): // the page says what is awaited
		return ""
	case done == "pris" && a.Status == booking.Requested:
		return "La demande est partie : le lieu doit encore l'accepter."
	case done == "deplace" && a.Status == booking.Requested:
		return moveAsked
	case done == "reponse" && a.Status == booking.Refused && a.Ended.By != booking.TheStructure:
		return ""
	case (done == "pris" || done == "deplace") && !a.Status.Occupies(), done == "annule" && a.Status != booking.Cancelled,
		done == "presence" && a.Status == booking.Confirmed, (done == "presence" || done == "reponse") && a.Status == booking.Requested:
		return ""
	}
	return doneInWords[done]
}

// showMine is one appointment. The sheet is for the person: it says nothing of what she comes for.
func (p *pages) showMine(w http.ResponseWriter, r *http.Request) {
	if id, ok := strings.CutSuffix(r.PathValue("id"), ".ics"); ok {
		r.SetPathValue("id", id)
		p.calendar(w, r)
		return
	}
	_, a, ok := p.own(w, r)
	if !ok {
		return
	}
	v := p.sheet(a)
	v.Self, v.FormToken, v.Key = minePath(a.ID), formToken(r), newKey()
	v.Done = doneTo(a, r.URL.Query().Get("fait"))
	if a.Status == booking.Requested || a.Status.Doubtful() {
		v.Before = a.Replaces
	}
	p.awaits(r.Context(), &v, a)
	p.write(w, r, http.StatusOK, "sheet", view{Title: cmp.Or(map[bool]string{true: "Demande de rendez-vous"}[a.Status == booking.Requested], "Rendez-vous"), Of: v})
}

func (p *pages) sheet(a booking.Appointment) sheet {
	place := p.Place(a.Place)
	v := sheet{
		Status: p.statusInWords(a), Over: !a.Status.Occupies(), Length: booking.LengthInWords(a.Duration()), Motif: a.Motif.Label,
		When: booking.InWords(a.StartTime(), zoneOf(place)), Place: nameOf(place, a.Place), Bring: booking.Lines(a.Motif.Bring...), Note: booking.Lines(a.Motif.Conditions, a.Motif.Instructions),
		Next: a.ReplacedBy, Calendar: a.Status.Occupies() && !a.Interval.Empty(),
	}
	if a.Status.Occupies() {
		v.Code = booking.CodeInWords(a.Code())
	}
	if place != nil {
		v.Where = a.Whereabouts(place).Lines()
		if place.Phone != "" {
			v.Phone, v.PhoneLink = booking.PhoneInDigits(place.Phone), telephone(place.Phone)
		}
	}
	if a.Details != nil {
		v.Person = a.Details.Beneficiary.Called()
	}
	v.told(a)
	begun := !a.Interval.Empty() && !p.Now().Before(a.StartTime())
	if a.Interval.Empty() {
		v.When, v.Length = "Le jour et l'heure se choisissent sur la page du lieu", ""
	}
	if v.NoHour = hourless(a); v.NoHour {
		v.When = "Jour et heure non précisés"
	}
	v.MayConclude = a.Status == booking.HandedOff || v.NoHour
	if d := a.Details; d != nil && v.MayConclude {
		v.Page = string(d.Page)
	}
	v.MayCancel = a.Status == booking.Requested || a.Status == booking.Confirmed && !begun && !a.Interval.Empty()
	v.MayMove = a.Status == booking.Confirmed && !begun && a.Guarantee != connectors.Handoff
	v.MayAsk = begun && slices.Contains([]booking.Status{booking.Confirmed, booking.Honoured, booking.Missed}, a.Status)
	v.MovePath = placePath(a.Place) + "?" + url.Values{"deplacer": {a.ID}, "motif": {a.Motif.ID}}.Encode() + "#creneaux"
	if a.Status.Doubtful() {
		v.Doubt = "L'agenda du lieu n'a pas encore répondu : le créneau reste gardé, et cette page dira ce qu'il en est. Rechargez-la dans une minute, ou téléphonez au lieu."
	}
	return v
}
