package web

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

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

// Options are the parts of the pages. All are needed but Now.
type Options struct {
	Requests Decider
	// Read says which appointment a link is for: NotFound when the link is not ours, Refused when its time is over.
	Read  func(token string, now time.Time) (appointment string, err error)
	Place func(id string) *booking.Place // nil where it is unknown

	Consents    Consents
	ReadConsent func(token string, now time.Time) (agenda string, err error) // as Read
	Back        string                                                       // the address of /consentement, as it is public

	Logger *slog.Logger
	Now    func() time.Time // default time.Now
}

type pages struct {
	Options
	words  *template.Template
	style  template.CSS
	policy string // Content-Security-Policy
}

//go:embed page.html
var pageWords string

//go:embed style.css
var styleSheet string

// New makes the handler of /demandes/ and /consentement.
func New(o Options) (http.Handler, error) {
	if o.Requests == nil || o.Read == nil || o.Place == nil || o.Consents == nil || o.ReadConsent == nil || o.Back == "" || o.Logger == nil {
		return nil, errors.New("web: a part of the pages is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	words, err := template.New("page").Parse(pageWords)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	digest := sha256.Sum256([]byte(styleSheet))
	p := &pages{Options: o, words: words, style: template.CSS(styleSheet)} // #nosec G203 -- our own file
	p.policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demandes/{jeton}", p.show)
	mux.HandleFunc("POST /demandes/{jeton}", p.decide)
	mux.HandleFunc("/demandes/{jeton}", p.otherwise)
	mux.HandleFunc("GET /consentement/{jeton}", p.offerConsent)
	mux.HandleFunc("GET /consentement", p.takeConsent)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.tell(w, r, unknownLink) })
	return p.headed(mux), nil
}

// headed gives every answer its headers: no copy is kept, nothing is run, and the link goes nowhere else.
func (p *pages) headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", p.policy)
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Robots-Tag", "noindex")
		next.ServeHTTP(w, r)
	})
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
	choice, reason := r.PostForm.Get("reponse"), tidy(r.PostForm.Get("raison"))
	if choice != "accepter" && choice != "refuser" {
		p.ask(w, r, a, place, "Choisissez « Accepter » ou « Refuser ».", reason)
		return
	}
	if n := len([]rune(reason)); n > maxReason {
		p.ask(w, r, a, place, fmt.Sprintf("La raison est trop longue : %d caractères, %d au plus. Rien n'a été envoyé.", n, maxReason), reason)
		return
	}
	if choice == "accepter" {
		reason = ""
	}
	done, err := p.Requests.Decide(r.Context(), a.ID, choice == "accepter", booking.Words(reason))
	if err != nil {
		p.tell(w, r, p.afterRefusal(r, a.ID, err))
		return
	}
	p.tell(w, r, answered(done.Status))
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

// afterRefusal says why a decision was not taken: most often because another was, a moment before.
func (p *pages) afterRefusal(r *http.Request, id string, err error) page {
	switch connectors.KindOf(err) {
	case connectors.Refused, connectors.Changed:
		if a, err := p.Requests.Show(r.Context(), id); err == nil && a.Status != booking.Requested {
			return settled(a.Status)
		}
		if e, ok := errors.AsType[*booking.Error](err); ok && e.Code == "demande_expiree" {
			return overdue
		}
		return changed
	}
	return p.failed(err)
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

// tidy is a reason as it is kept: control characters are dropped but for line ends.
func tidy(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && hidden(r) {
			return -1
		}
		return r
	}, s))
}
