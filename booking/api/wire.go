package api

import (
	"math"
	"time"

	"passerelle/booking"
)

// text is null on the wire where there is nothing to say.
func text[S ~string](s S) *string {
	if s == "" {
		return nil
	}
	t := string(s)
	return &t
}

// value is the zero of T where the wire said nothing.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// list is never null on the wire.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// when is an instant on the clock of a zone, to the millisecond; null where there is none.
func when(t time.Time, zone *time.Location) *time.Time {
	if t.IsZero() {
		return nil
	}
	local := in(t, zone)
	return &local
}

func in(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	return t.Truncate(time.Millisecond).In(zone)
}

func zoneName(zone *time.Location) string {
	if zone == nil {
		return time.UTC.String()
	}
	return zone.String()
}

// hundredths rounds a distance in km to ten metres: more would say something that a place's point does not know.
func hundredths(km *float64) *float64 {
	if km == nil {
		return nil
	}
	r := math.Round(*km*100) / 100
	return &r
}

func point(p *booking.Point) (lat, lon *float64) {
	if p == nil {
		return nil, nil
	}
	return &p.Latitude, &p.Longitude
}

func brief(p *booking.Place) LieuBref {
	b := LieuBref{
		Id: p.ID, Nom: p.Name, Commune: text(p.Commune), CodePostal: text(p.PostalCode), Adresse: text(p.Address), Telephone: text(p.Phone),
	}
	b.Latitude, b.Longitude = point(p.Point)
	return b
}

func slot(x booking.Slot, zone *time.Location) Creneau {
	return Creneau{
		Id: x.ID(), Debut: in(x.StartTime(), zone), Fin: in(x.EndTime(), zone), Fuseau: zoneName(zone), Places: x.Seats, Motif: motifOfSlot(*x.Motif),
	}
}

func motifOfSlot(m booking.Motif) MotifDuCreneau {
	return MotifDuCreneau{Id: m.ID, Libelle: m.Label, Modalite: Modalite(m.Modality)}
}

func slots(all []booking.Slot, zone *time.Location) []Creneau {
	out := make([]Creneau, len(all))
	for i, x := range all {
		out[i] = slot(x, zone)
	}
	return out
}

// slots writes slots of one place whose zone is still to be found.
func (s *server) slots(all []booking.Slot) []Creneau {
	return slots(all, s.lookUp(all[0].Place).Zone)
}

// lookUp finds a place that something here speaks of; one that the directory has lost keeps its id.
func (s *server) lookUp(id string) *booking.Place {
	if found := s.Service.Directory.Places(id); len(found) == 1 && found[0] != nil {
		return found[0]
	}
	return &booking.Place{ID: id, Zone: time.UTC}
}

func emptyReason(r booking.EmptyReason) *MotifVide {
	if r == "" {
		return nil
	}
	m := MotifVide(r)
	return &m
}

func motif(m booking.Motif) Motif {
	return Motif{
		Id: m.ID, Libelle: m.Label, Services: list(m.Services), DureeMin: int(m.Duration.Minutes()), Modalite: Modalite(m.Modality),
		Collectif: m.Group, Places: m.Seats, DelaiMinH: m.Notice.Hours(), HorizonJ: m.HorizonDays, AnnulableJusquAH: m.CancelUntil.Hours(),
		Validation: MotifValidation(m.Validation), Conditions: text(m.Conditions), Consignes: text(m.Instructions),
		PiecesAApporter: list(m.Bring), ChampsRequis: list(m.Required), Accueil: list(m.Reception),
	}
}
