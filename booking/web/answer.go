package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"passerelle/booking"
	"passerelle/connectors"
)

// Decider is what a structure may do with a request.
type Decider interface {
	// Show finds the appointment, with its details.
	Show(ctx context.Context, id string) (booking.Appointment, error)
	// Decide is booking.Service.Decide: Refused when there is nothing to decide any more.
	Decide(ctx context.Context, id string, accept bool, reason booking.Words) (booking.Appointment, error)
}

// show asks. It changes nothing.
func (p *pages) show(w http.ResponseWriter, r *http.Request) {
	a, place, o := p.open(r)
	if o.title == "" {
		p.ask(w, r, a, place, "", "")
		return
	}
	p.tell(w, r, o)
}

// Limits of a form.
const (
	maxForm   = 16 << 10
	maxReason = 300 // characters
)

// decide does what the form says. Who sends it twice is told that it is done.
func (p *pages) decide(w http.ResponseWriter, r *http.Request) {
	a, place, o := p.open(r)
	if o.title != "" {
		p.tell(w, r, o)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.ask(w, r, a, place, "Votre réponse n'a pas pu être lue : choisissez de nouveau.", "")
		return
	}
	accept, reason, wrong := readDecision(r.PostForm)
	if wrong != "" {
		p.ask(w, r, a, place, wrong, reason)
		return
	}
	done, err := p.Requests.Decide(r.Context(), a.ID, accept, booking.Words(reason))
	if err != nil {
		p.tell(w, r, p.afterRefusal(r, a.ID, err))
		return
	}
	p.tell(w, r, answered(done.Status))
}

// readDecision reads what a place answers, and why it refuses; wrong says what is to be corrected.
func readDecision(form url.Values) (accept bool, reason, wrong string) {
	reason, wrong = readReason(form)
	switch form.Get("reponse") {
	case "accepter": // a reason that was typed before is not meant
		return true, "", ""
	case "refuser":
		return false, reason, wrong
	}
	return false, reason, "Choisissez « Accepter » ou « Refuser »."
}

// readReason reads why a place refuses or cancels.
func readReason(form url.Values) (reason, wrong string) {
	reason = booking.Printable(form.Get("raison"))
	if n := utf8.RuneCountInString(reason); n > maxReason {
		wrong = fmt.Sprintf("La raison est trop longue : %d caractères, %d au plus. Rien n'a changé.", n, maxReason)
	}
	return reason, wrong
}

// open reads the link and finds what it is for; a page that has a title says why there is nothing to answer.
func (p *pages) open(r *http.Request) (booking.Appointment, *booking.Place, page) {
	id, err := p.Read(r.PathValue("jeton"), p.Now())
	if err != nil {
		return booking.Appointment{}, nil, p.failed(err)
	}
	a, err := p.Requests.Show(r.Context(), id)
	if err != nil {
		return a, nil, p.failed(err)
	}
	if a.Status != booking.Requested {
		return a, nil, settled(a.Status)
	}
	if !a.Expires.IsZero() && !p.Now().Before(a.Expires) {
		return a, nil, overdue
	}
	place := p.Place(a.Place)
	if place == nil || place.Zone == nil {
		p.Logger.Error("a request is for a place that is unknown", "rendez_vous", a.ID)
		return a, nil, broken
	}
	return a, place, page{}
}

// answeredMeanwhile is what a decision is refused with once another was taken: what any other does, the agenda's own refusal does.
var answeredMeanwhile = []string{"etape_impossible", "rendez_vous_modifie"}

// afterRefusal says why a decision was not taken: most often because another was, a moment before.
func (p *pages) afterRefusal(r *http.Request, id string, err error) page {
	now, unread := p.Requests.Show(r.Context(), id)
	switch e, known := errors.AsType[*booking.Error](err); {
	case known && unread == nil && now.Status == booking.Refused && !slices.Contains(answeredMeanwhile, e.Code):
		return agendaRefused
	case connectors.KindOf(err) != connectors.Refused && connectors.KindOf(err) != connectors.Changed:
		return p.failed(err)
	case unread == nil && now.Status != booking.Requested:
		return settled(now.Status)
	case known && e.Code == "demande_expiree":
		return overdue
	}
	return changed
}

// failed is the page of an error.
func (p *pages) failed(err error) page {
	switch connectors.KindOf(err) {
	case connectors.NotFound:
		return unknownLink
	case connectors.Refused:
		return overdue
	}
	p.Logger.Error("a request could not be read or answered", "err", err)
	return broken
}
