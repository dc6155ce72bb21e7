package booking

import (
	"slices"
	"time"
)

// Modality is how an appointment takes place. Its value is its wire name.
type Modality string

// The modalities.
const (
	OnSite  Modality = "sur_place"
	ByPhone Modality = "telephone"
	ByVideo Modality = "visio"
	AtHome  Modality = "domicile"
)

// Remote reports whether distance does not matter.
func (m Modality) Remote() bool { return m == ByPhone || m == ByVideo }

// Validation is who confirms a booking. Its value is its wire name.
type Validation string

// The validations.
const (
	Automatic   Validation = "automatique"
	ByStructure Validation = "structure"
)

// Motif is what can be booked at a place. Its zero fields mean the defaults that Complete fills in.
type Motif struct {
	ID           string
	Label        string
	Services     []string      // labels of the standard; empty means all that the place offers
	Duration     time.Duration // of an appointment
	Step         time.Duration // between two starts
	Buffer       time.Duration // kept free after each appointment
	Modality     Modality
	Group        bool
	Seats        int           // of a group session; one otherwise
	Notice       time.Duration // between now and the first start
	HorizonDays  int           // between now and the last start
	CancelUntil  time.Duration // before the start; later than that is Refused
	Validation   Validation
	Conditions   string
	Instructions string
	Bring        []string // pieces_a_apporter
	Required     []string // fields of usager that must be given: "telephone", "courriel", "adresse"
	Reception    []string // what the place can offer on request: "LSF", "accès de plain-pied"…
	Upstream     string   // the agenda's own name of it
}

// Defaults of a motif that says nothing: what a digital mediator's diary most often holds.
const (
	defaultDuration = time.Hour
	defaultHorizon  = 60
)

// Complete returns m with every zero field that has a default filled in.
func (m Motif) Complete() Motif {
	if m.ID == "" {
		m.ID = "accompagnement"
	}
	if m.Label == "" {
		m.Label = "Accompagnement individuel"
	}
	if m.Duration <= 0 {
		m.Duration = defaultDuration
	}
	if m.Step <= 0 {
		m.Step = m.Duration + m.Buffer
	}
	if m.Modality == "" {
		m.Modality = OnSite
	}
	if !m.Group || m.Seats < 1 {
		m.Seats = 1
	}
	if m.HorizonDays <= 0 {
		m.HorizonDays = defaultHorizon
	}
	if m.Validation == "" {
		m.Validation = Automatic
	}
	return m
}

// StandsFor reports whether somebody who has chosen the other motif may be given this one: it is for all that the other is for.
func (m Motif) StandsFor(other Motif) bool {
	return len(m.Services) == 0 || len(other.Services) > 0 && !slices.ContainsFunc(other.Services, func(label string) bool {
		return !slices.Contains(m.Services, label)
	})
}

// Serves reports whether the motif is for one of the services, both in the standard's spelling; no service wanted, or
// none stated, is yes.
func (m Motif) Serves(services []string) bool {
	if len(services) == 0 || len(m.Services) == 0 {
		return true
	}
	return slices.ContainsFunc(m.Services, func(have string) bool {
		return slices.Contains(services, have)
	})
}
