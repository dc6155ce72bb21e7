package web

import (
	"net/http"

	"passerelle/booking"
)

// page is one that only says something.
type page struct {
	status     int
	title      string
	paragraphs []string
}

// next is what can be done after a page.
type next struct{ Path, Words string }

// The pages of links that have nothing to answer.
var (
	unknownLink = page{http.StatusNotFound, "Lien inconnu", []string{
		"Ce lien n'est pas valable. Il est peut-être incomplet : ouvrez-le directement depuis le courriel, ou recopiez-le en entier.",
	}}
	overdue = page{http.StatusGone, "Cette demande est terminée", []string{
		"Le délai pour répondre est passé. La demande ne compte plus et le créneau est de nouveau libre.",
		"Si vous voulez tout de même recevoir cette personne, appelez la personne qui a fait la demande : son numéro est dans le courriel.",
	}}
	changed = page{http.StatusConflict, "Votre réponse n'a pas été prise en compte", []string{
		"La demande vient de changer. Ouvrez de nouveau le lien du courriel pour voir où elle en est.",
	}}
	broken = page{http.StatusServiceUnavailable, "Service indisponible", []string{
		"Votre réponse n'a peut-être pas été prise en compte. Ouvrez de nouveau le lien du courriel dans quelques minutes : la page dira où en est la demande.",
	}}
	agendaRefused = page{http.StatusConflict, "Votre agenda a refusé ce rendez-vous", []string{
		"La demande est terminée : le rendez-vous n'aura pas lieu. L'heure est sans doute prise dans votre agenda.",
		"La personne qui a fait la demande est prévenue. Pour recevoir tout de même cette personne, appelez-la : son numéro est dans le courriel.",
	}}
	agendaSilent = page{http.StatusOK, "Votre agenda n'a pas encore répondu", []string{
		"Votre réponse est enregistrée, mais le rendez-vous n'est pas encore confirmé : il le sera quand votre agenda l'aura pris. L'heure reste gardée.",
		"Ouvrez de nouveau le lien du courriel dans quelques minutes : la page dira où en est la demande.",
	}}
	agendaUnsure = page{http.StatusConflict, "Regardez dans votre agenda", []string{
		"Votre agenda ne dit pas si ce rendez-vous y est. Regardez-y, puis appelez la personne qui a fait la demande : son numéro est dans le courriel.",
	}}
	wrongMethod = page{http.StatusMethodNotAllowed, "Action impossible", []string{"Ouvrez le lien du courriel."}}
)

// settled is the page of a request that has had its answer.
func settled(s booking.Status) page {
	p := page{http.StatusConflict, "Cette demande a déjà reçu une réponse", nil}
	switch s {
	case booking.Refused:
		p.paragraphs = []string{"Elle a été refusée. Rien n'a changé."}
	case booking.Cancelled:
		p = page{http.StatusConflict, "Cette demande est annulée", []string{"Elle a été annulée avant votre réponse. Vous n'avez rien à faire."}}
	case booking.Expired:
		p = overdue
	case booking.Moved:
		p.paragraphs = []string{"Elle a été acceptée, puis le rendez-vous a été déplacé. Rien n'a changé."}
	case booking.Sending, booking.Uncertain:
		p = agendaSilent
	case booking.NeedsHuman:
		p = agendaUnsure
	default:
		p.paragraphs = []string{"Elle a été acceptée. Rien n'a changé."}
	}
	return p
}

// answered is the page of an answer that was taken.
func answered(s booking.Status) page {
	switch s {
	case booking.Refused:
		return page{http.StatusOK, "Demande refusée", []string{
			"C'est enregistré. Le créneau est de nouveau libre.", "La personne qui a fait la demande est prévenue. Vous pouvez fermer cette page.",
		}}
	case booking.Sending, booking.Uncertain:
		return agendaSilent
	}
	return page{http.StatusOK, "Demande acceptée", []string{
		"C'est enregistré. Le rendez-vous est confirmé.", "Vous recevez un courriel qui le récapitule. Vous pouvez fermer cette page.",
	}}
}

// question is the page that asks.
type question struct {
	When, Until, Length string
	Place               string
	Where               []string
	Label               string
	Person              string // first name only: who else comes by this page has no more
	Services            []string
	Need                []string // paragraphs
	Reception           []string
	Seats               int
	Wrong, Reason       string // what is to be corrected, and what was written
	MaxReason           int
}

func newQuestion(a booking.Appointment, p *booking.Place) question {
	q := question{
		When: booking.InWords(a.StartTime(), p.Zone), Length: booking.LengthInWords(a.Duration()), Place: p.Name,
		Where: a.Whereabouts(p).Lines(),
		Label: a.Motif.Label, Seats: a.Seats, MaxReason: maxReason,
	}
	if !a.Expires.IsZero() {
		q.Until = booking.InWords(a.Expires, p.Zone)
	}
	if d := a.Details; d != nil {
		q.Person, q.Services, q.Reception = string(d.Beneficiary.FirstName), d.Need.Services, d.Reception
		q.Need = booking.LinesOf(string(d.Need.Details))
	}
	return q
}

// ask writes the form; wrong says what to correct.
func (p *pages) ask(w http.ResponseWriter, r *http.Request, a booking.Appointment, place *booking.Place, wrong, reason string) {
	q := newQuestion(a, place)
	q.Wrong, q.Reason = wrong, reason
	p.write(w, r, http.StatusOK, "request", view{Title: "Demande de rendez-vous", Wrong: wrong, Of: &q})
}

// tell says something, and where it leads.
func (p *pages) tell(w http.ResponseWriter, r *http.Request, o page, onward ...next) {
	p.write(w, r, o.status, "text", view{Title: o.title, Of: map[string]any{"Paragraphs": o.paragraphs, "Onward": onward}})
}

func (p *pages) otherwise(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", "GET, HEAD, POST")
	p.tell(w, r, wrongMethod)
}
