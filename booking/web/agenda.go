package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors"
)

// Connections keeps how agendas are reached.
type Connections interface {
	// Put keeps a connection and says under which agenda: a diary that is one already stays that one.
	Put(ctx context.Context, c booking.Connection) (agenda string, err error)
	// Change changes an agenda as it stands, and says under which it is kept; change may be called again where somebody else was first.
	Change(ctx context.Context, agenda string, change func(*booking.Connection) error) (kept string, err error)
	// Same finds the agenda that a diary is already, whatever it is called.
	Same(c connectors.Connection) (*booking.Agenda, bool)
}

// agendas is the page of the agendas of a place.
type agendas struct {
	Place, Day string
	List       []agendaLine
	Kinds      []kindLine
}

type agendaLine struct {
	Path, Name, State string
	Foreign           bool   // somebody else must change it
	Consent           string // where its structure lets the gateway into its own software
}

type kindLine struct{ Path, Name, Words string }

func agendaPath(place, agenda string) string {
	return structurePath(place) + "/agenda/" + url.PathEscape(agenda)
}

// newAgenda stands where the id of an agenda does, for one that there is not yet.
const newAgenda = "nouveau"

func (p *pages) showAgendas(w http.ResponseWriter, r *http.Request) {
	s, place, ok := p.answersFor(w, r, r.PathValue("id"))
	if !ok {
		return
	}
	v := agendas{Place: place.Name, Day: structurePath(place.ID)}
	for _, a := range p.agendasOf(place) {
		line := agendaLine{Path: agendaPath(place.ID, a.Agenda), Name: kindName(a), State: stateOf(a), Foreign: !p.manages(s.Account, a)}
		if _, asks := a.Diary.(connectors.Consenter); asks && p.answersAll(s.Account, a) {
			line.Consent = p.ConsentLink(a.Agenda)
		}
		v.List = append(v.List, line)
	}
	for _, k := range kinds {
		v.Kinds = append(v.Kinds, kindLine{agendaPath(place.ID, newAgenda) + "?par=" + k.Connector, k.Name, k.Words})
	}
	p.write(w, r, http.StatusOK, "agendas", view{Title: "Agendas", Of: v})
}

// agendasOf lists the declared agendas of a place, drafts too.
func (p *pages) agendasOf(place *booking.Place) []*booking.Agenda {
	out := slices.DeleteFunc(slices.Clone(p.Service.Agendas.OfPlace(place).Agendas), func(a *booking.Agenda) bool { return a.Agenda == "" })
	for _, a := range p.Service.Agendas.All() {
		if a.Draft && slices.ContainsFunc(a.Places, func(id string) bool { found := p.Place(id); return found != nil && found.ID == place.ID }) {
			out = append(out, a)
		}
	}
	return out
}

// manages reports whether an account may change an agenda: it answers for all the places that it serves, and none is found by
// its link.
func (p *pages) manages(a signin.Account, agenda *booking.Agenda) bool {
	if len(agenda.Links) > 0 {
		return false
	}
	if _, ok := kindOf(agenda.Connector); !ok {
		return false
	}
	return p.answersAll(a, agenda)
}

// answersAll reports whether an account answers for every place that an agenda names.
func (p *pages) answersAll(a signin.Account, agenda *booking.Agenda) bool {
	return len(agenda.Places) > 0 && !slices.ContainsFunc(agenda.Places, func(id string) bool {
		place := p.Place(id)
		return place == nil || !p.answers(a, place)
	})
}

func kindName(a *booking.Agenda) string {
	if a.Name != "" {
		return a.Name
	}
	if k, ok := kindOf(a.Connector); ok {
		return k.Name
	}
	return map[string]string{"rdvsp": "RDV Service Public", "link": "Un lien"}[a.Connector]
}

func stateOf(a *booking.Agenda) string {
	switch {
	case a.Draft:
		return "Brouillon : personne ne le voit encore"
	case a.Paused:
		return "En pause : ses créneaux se voient, mais ne se réservent pas"
	}
	return "Publié"
}

// agendaPage is one agenda: what it says of the two weeks to come, and its settings.
type agendaPage struct {
	State           string
	Draft, Paused   bool
	Native          bool
	Days            []previewDay
	Trouble         string // why it cannot be read, and what to do
	Form            *form
	Hours           []string // that only an operator changes
	Action, Back    string
	FormToken, Done string
	Standing        []structureLine // the appointments of the hours that were closed just now
	Closures        []closure
	New             bool
	Public          string
}

func (p *pages) showAgenda(w http.ResponseWriter, r *http.Request) {
	s, place, ok := p.answersFor(w, r, r.PathValue("id"))
	if !ok {
		return
	}
	_, k, agenda, ok := p.agendaAsked(w, r, s, place)
	if !ok {
		return
	}
	known := connectionOf(agenda)
	p.agendaPage(w, r, place, agenda, k, newAgendaForm(k, agendaValues(known, place), known), "")
}

// connectionOf is how an agenda is reached; nil of none.
func connectionOf(a *booking.Agenda) *booking.Connection {
	if a == nil {
		return nil
	}
	return &a.Connection
}

// agendaAsked finds the agenda of a page's address, or begins one; false when it was answered. The agenda is nil for a new one.
func (p *pages) agendaAsked(w http.ResponseWriter, r *http.Request, s signin.Session, place *booking.Place) (booking.Connection, kind, *booking.Agenda, bool) {
	id := r.PathValue("agenda")
	if id == newAgenda {
		k, ok := kindOf(r.FormValue("par"))
		if !ok {
			p.redirect(w, r, structurePath(place.ID)+"/agenda")
			return booking.Connection{}, k, nil, false
		}
		c := reached(k, place)
		c.Agenda, c.Origin = "s-"+newKey(), booking.FromStructure
		return c, k, nil, true
	}
	for _, a := range p.agendasOf(place) {
		if a.Agenda == id && p.manages(s.Account, a) {
			k, _ := kindOf(a.Connector)
			return a.Connection, k, a, true
		}
	}
	p.tell(w, r, notYourAgenda, next{structurePath(place.ID) + "/agenda", "Agendas de ce lieu"})
	return booking.Connection{}, kind{}, nil, false
}

var notYourAgenda = page{http.StatusNotFound, "Cet agenda ne se change pas ici", []string{
	"Il n'existe pas, ou il sert aussi des lieux dont ce compte ne répond pas. Adressez-vous à l'exploitant de la passerelle.",
}}

func (p *pages) agendaPage(w http.ResponseWriter, r *http.Request, place *booking.Place, a *booking.Agenda, k kind, f *form, wrong string) {
	v := agendaPage{
		Form: f, New: a == nil, FormToken: formToken(r), Back: structurePath(place.ID) + "/agenda", Public: placePath(place.ID),
		Action: agendaPath(place.ID, newAgenda) + "?par=" + k.Connector, Native: k.Connector == "native",
	}
	if a != nil {
		v.Action, v.State, v.Draft, v.Paused = agendaPath(place.ID, a.Agenda), stateOf(a), a.Draft, a.Paused
		v.Days, v.Trouble = p.preview(r.Context(), a, place)
		v.Hours = foreignHours(a.Connection)
		v.Done, v.Standing = p.agendaDone(r, a, place)
		v.Closures = closuresOf(a, place.Zone, p.Now())
	}
	p.write(w, r, http.StatusOK, "agenda", view{Title: k.Name, Wrong: wrong, Wide: true, Of: &v})
}

// keepAgenda keeps what a form says. A new agenda is a draft; a change of one that is published holds at once.
func (p *pages) keepAgenda(w http.ResponseWriter, r *http.Request) {
	s, place, filled, ok := p.placeToChange(w, r)
	if !ok {
		return
	}
	c, k, a, ok := p.agendaAsked(w, r, s, place)
	if !ok {
		return
	}
	f := newAgendaForm(k, filled, connectionOf(a))
	read := func(c *booking.Connection) error {
		filled, good := f.readAgenda(*c)
		if !good {
			return errFaults
		}
		// Who knows the address of a diary is not whose it is: another place's does not gain this one.
		if have, ok := p.Connections.Same(filled.Connection); ok && have.Agenda != filled.Agenda && !p.manages(s.Account, have) {
			f.blame("adresse", "Cet agenda est déjà relié, pour un lieu dont ce compte ne répond pas. Adressez-vous à l'exploitant de la passerelle.")
			return errFaults
		}
		*c, c.Origin = filled, booking.FromStructure
		return nil
	}
	var id string
	var err error
	if a != nil {
		id, err = p.Connections.Change(r.Context(), a.Agenda, read)
	} else if err = read(&c); err == nil {
		id, err = p.Connections.Put(r.Context(), c)
	}
	if err != nil {
		p.agendaPage(w, r, place, a, k, f, p.notKept(f, err))
		return
	}
	p.redirect(w, r, agendaPath(place.ID, id)+"?"+p.saysKept(r, id).Encode())
}

// saysKept is what says so on the page of an agenda: to this browser, and for as long as the agenda is as it was kept.
func (p *pages) saysKept(r *http.Request, agenda string) url.Values {
	said := url.Values{"fait": {"garde"}}
	if a, ok := p.Service.Agendas.ByID(agenda); ok {
		said.Set("preuve", signin.Proof(cookie(r, sessionCookie), asKept(a)))
	}
	return said
}

func asKept(a *booking.Agenda) string { return fmt.Sprintf("agenda %s %d", a.Agenda, a.Version) }

var (
	errFaults     = errors.New("answers are missing or wrong") // and marked
	errNotOffered = errors.New("no button of the page")
)

// notKept says why a connection was not kept, and marks the fields that it is about.
func (p *pages) notKept(f *form, err error) string {
	switch {
	case errors.Is(err, errFaults):
		return "Rien n'a été enregistré : des réponses manquent ou ne vont pas."
	case errors.Is(err, errNotOffered):
		return "Rien n'a changé : cette demande n'est pas comprise."
	}
	e, ok := errors.AsType[*booking.Error](err)
	if !ok && connectors.KindOf(err) != connectors.Invalid {
		p.Logger.Error("a connection was not kept", "err", err)
		return "Rien n'a été enregistré : le service ne répond pas. Réessayez."
	}
	p.Logger.Info("a connection was refused", "err", err)
	if !ok {
		f.blame("adresse", "La passerelle ne peut pas se servir de cette adresse.")
		return "Rien n'a été enregistré."
	}
	for _, x := range e.Fields {
		if f.blame(x.Name, sentence(x.Reason)) {
			return "Rien n'a été enregistré : une réponse ne va pas."
		}
	}
	return "Rien n'a été enregistré. " + e.Detail
}

// switchAgenda publishes an agenda, or pauses it.
func (p *pages) switchAgenda(w http.ResponseWriter, r *http.Request) {
	p.changeAgenda(w, r, func(c *booking.Connection, form url.Values, _ *time.Location) (done string) {
		switch form.Get("etat") {
		case "publier":
			c.Draft, c.Paused = false, false
			return "publie"
		case "pause":
			c.Paused = true
			return "pause"
		}
		return ""
	})
}

// changeAgenda changes an agenda by a button; done is "" when it is no button of the page.
func (p *pages) changeAgenda(w http.ResponseWriter, r *http.Request, change func(c *booking.Connection, form url.Values, zone *time.Location) (done string)) {
	s, place, filled, ok := p.placeToChange(w, r)
	if !ok {
		return
	}
	_, k, a, ok := p.agendaAsked(w, r, s, place)
	if !ok || a == nil {
		return
	}
	done := ""
	_, err := p.Connections.Change(r.Context(), a.Agenda, func(c *booking.Connection) error {
		if done = change(c, filled, place.Zone); done == "" {
			return errNotOffered
		}
		c.Origin = booking.FromStructure
		return nil
	})
	if err != nil {
		f := newAgendaForm(k, agendaValues(&a.Connection, place), &a.Connection)
		p.agendaPage(w, r, place, a, k, f, p.notKept(f, err))
		return
	}
	said := url.Values{"fait": {done}}
	for _, name := range []string{"debut", "fin"} {
		if v := filled.Get(name); v != "" {
			said.Set(name, v)
		}
	}
	p.redirect(w, r, agendaPath(place.ID, a.Agenda)+"?"+said.Encode())
}
