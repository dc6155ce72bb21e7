package booking

import (
	"strings"

	"passerelle/connectors"
)

// Postal is the address of a place, a line each; none where the file has none.
func (p *Place) Postal() []string { return Lines(p.Address, p.AddressMore, p.Locality()) }

// Locality is where letters to a place are sorted: "26400 Eurre".
func (p *Place) Locality() string { return OneLine(p.PostalCode + " " + p.Commune) }

// Whereabouts is where an appointment takes place. One of its fields says so; all are empty where nobody has said.
type Whereabouts struct {
	Elsewhere string   // than at the place, or not certainly there
	How       string   // otherwise than by going somewhere: "par téléphone"
	Postal    []string // of the place
}

// Whereabouts believes the agenda first, which may have put it elsewhere, then the page that it was taken on.
func (a Appointment) Whereabouts(p *Place) Whereabouts {
	elsewhere := OneLine(a.Upstream.Location)
	switch m := a.Motif.Modality; {
	case elsewhere != "":
		return Whereabouts{Elsewhere: elsewhere}
	case a.Guarantee == connectors.Handoff:
		return Whereabouts{Elsewhere: "là où la page de réservation l'a dit"}
	case m.Remote() || m == AtHome:
		return Whereabouts{How: m.InWords()}
	}
	return Whereabouts{Postal: p.Postal()}
}

// Lines are what stands under the name of the place.
func (w Whereabouts) Lines() []string {
	how := w.How
	if how != "" {
		how = strings.ToUpper(how[:1]) + how[1:] // no modality begins with an accent
	}
	return append(Lines(w.Elsewhere, how), w.Postal...)
}

// Line is where a calendar shows it: with the name of the place where one goes there.
func (w Whereabouts) Line(p *Place) string {
	lines := w.Lines()
	if w.Elsewhere == "" && w.How == "" {
		lines = append(Lines(p.Name), lines...)
	}
	return strings.Join(lines, ", ")
}
