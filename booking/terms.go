package booking

import (
	"slices"

	"passerelle/connectors"
)

// Terms are what a place can be booked for, and how: they stand for as long as its agendas do. Who comes for certain services only
// may have others, of fewer motifs.
type Terms struct {
	// What each search looks at comes first.
	readable []readable  // the agendas that can be asked for slots
	one      [1]readable // mostly it is one, and lies here
	open     bool        // each motif is for whatever one comes for
	remote   bool        // a motif is from where one is

	Agendas   []*Agenda             // declared ones first, then the one that its prise_rdv alone makes
	Link      connectors.Resolution // of the place's prise_rdv; zero when it has none
	Motifs    []Motif               // that its slots can be for; equal ids once
	Mode      connectors.Mode
	Connector string // of the agenda that Mode is due to; empty when there is none
	Guarantee connectors.Guarantee

	services []string // that they are for; none are any
}

// readable is an agenda that can be asked for the slots of motifs.
type readable struct {
	*Agenda
	motifs []Motif
}

// NewTerms works them out from the agendas of a place and from what its prise_rdv is, which are not to change any more.
func NewTerms(agendas []*Agenda, link connectors.Resolution) *Terms {
	return newTerms(agendas, link, nil)
}

func newTerms(agendas []*Agenda, link connectors.Resolution, services []string) *Terms {
	t := &Terms{Agendas: agendas, Link: link, Mode: connectors.ByContact, services: services, open: true}
	t.readable = t.one[:0]
	for _, a := range agendas {
		t.add(a)
		t.open = t.open && !slices.ContainsFunc(a.Motifs, func(m Motif) bool { return len(m.Services) > 0 })
	}
	return t
}

// serving are the terms for who comes for one of the services.
func (t *Terms) serving(services []string) *Terms {
	if t.open || len(services) == 0 {
		return t
	}
	return newTerms(t.Agendas, t.Link, services)
}

func (t *Terms) add(a *Agenda) {
	motifs := a.serving(t.services)
	if len(motifs) == 0 {
		return
	}
	mode, guarantee := connectors.ByContact, a.Guarantee()
	for i := range motifs {
		switch m := &motifs[i]; a.Path(*m) {
		case ByLedger, ByAsking:
			mode, guarantee = connectors.ByAPI, a.Promise(*m)
		case BySending:
			mode = connectors.ByAPI
		case ByLink:
			if mode != connectors.ByAPI {
				mode = connectors.ByHandoff
			}
		}
	}
	if a.Readable() {
		t.addMotifs(motifs)
		if len(a.Motifs) > 0 {
			t.readable = append(t.readable, readable{a, motifs})
			t.remote = t.remote || slices.ContainsFunc(motifs, func(m Motif) bool { return m.Modality.Remote() })
		}
	}
	if t.Connector == "" || rank(mode) > rank(t.Mode) {
		t.Mode, t.Connector, t.Guarantee = mode, a.Connector, guarantee
		if mode == connectors.ByContact {
			t.Guarantee = "" // nothing is booked, so nothing is promised
		}
	}
}

func rank(m connectors.Mode) int {
	return slices.Index([]connectors.Mode{connectors.ByContact, connectors.ByHandoff, connectors.ByAPI}, m)
}

// serving lists the motifs of an agenda that are for one of the services.
func (a *Agenda) serving(services []string) []Motif {
	if len(a.Motifs) == 0 { // a bare link: whatever one comes for, it is found there
		return []Motif{{}}
	}
	return those(a.Motifs, func(m *Motif) bool { return m.Serves(services) })
}

func (t *Terms) addMotifs(motifs []Motif) {
	if t.Motifs == nil {
		t.Motifs = motifs
		return
	}
	for i := range motifs {
		if !t.has(motifs[i].ID) {
			t.Motifs = append(t.Motifs[:len(t.Motifs):len(t.Motifs)], motifs[i])
		}
	}
}

// has reports whether a motif is among those that can be looked at.
func (t *Terms) has(motif string) bool {
	for i := range t.Motifs {
		if t.Motifs[i].ID == motif {
			return true
		}
	}
	return false
}

// Page is where a human can finish a booking; empty when there is no such page, or when it may not be shown.
func (t *Terms) Page() string {
	if t.Link.Mode == connectors.ByHandoff && !t.Link.Secret {
		return t.Link.Link
	}
	return ""
}
