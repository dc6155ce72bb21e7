package api

import (
	"context"
	"time"

	"passerelle/booking"
)

// GetCreneauxDuLieu lists the slots of a place.
func (s *server) GetCreneauxDuLieu(ctx context.Context, r GetCreneauxDuLieuRequestObject) (GetCreneauxDuLieuResponseObject, error) {
	from, to, err := bounds(r.Params.Debut, r.Params.Fin)
	if err != nil {
		return nil, err
	}
	o, err := s.serviceFor(ctx).SlotsOf(ctx, r.Id, from, to, value(r.Params.Motif))
	if err != nil {
		return nil, err
	}
	answer := slotsInJSON{server: s, to: connOf(ctx), of: o}
	if len(o.Slots) == 0 {
		after, err := s.serviceFor(ctx).Instead(ctx, o, from, to, value(r.Params.Motif))
		if err != nil {
			return nil, err
		}
		answer.after = &after
	}
	return answer, nil
}

// GetCreneaux lists places with their first slots.
func (s *server) GetCreneaux(ctx context.Context, r GetCreneauxRequestObject) (GetCreneauxResponseObject, error) {
	p := r.Params
	asked := criteria{
		p.LieuId, p.CodeCommune, p.CodePostal, p.CodeDepartement, p.CodeEpci, p.Lat, p.Lon, p.RayonKm, p.Siret, p.Lien, p.Q,
		p.Services, p.ModalitesAcces, p.ModalitesAccompagnement, p.PublicsSpecifiquementAdresses, p.PriseEnChargeSpecifique,
		p.FraisACharge, p.DispositifProgrammesNationaux,
	}
	if beside := asked.besideIDs(); beside != "" {
		return nil, booking.InvalidField(beside, "ne se combine pas avec lieu_id : chaque lieu demandé a sa réponse")
	}
	f, err := asked.filter()
	if err != nil {
		return nil, err
	}
	from, to, err := bounds(p.Debut, p.Fin)
	if err != nil {
		return nil, err
	}
	before, err := bound("disponible_avant", p.DisponibleAvant)
	if err != nil {
		return nil, err
	}
	found, err := s.serviceFor(ctx).SearchSlots(ctx, booking.SlotSearch{
		PlaceFilter: f, From: from, To: to, Before: before, Order: booking.Order(*p.Tri), PerPlace: *p.CreneauxParLieu, Page: *p.Page, Size: placesOnAPage(p),
	})
	if err != nil {
		return nil, err
	}
	return placesInJSON{s, connOf(ctx), found}, nil
}

// placesOnAPage is all of those that were asked for by id, unless the caller wants fewer.
func placesOnAPage(p GetCreneauxParams) int {
	switch {
	case p.Limite != nil:
		return *p.Limite
	case p.LieuId != nil:
		return booking.MaxPlaceIDs
	}
	return 20
}

// bounds reads debut and fin: an instant with its offset, or a day.
func bounds(debut, fin *string) (from, to *booking.Bound, err error) {
	if from, err = bound("debut", debut); err != nil {
		return nil, nil, err
	}
	to, err = bound("fin", fin)
	return from, to, err
}

func bound(field string, raw *string) (*booking.Bound, error) {
	if raw == nil {
		return nil, nil
	}
	at, err := time.Parse(time.DateOnly, *raw)
	day := err == nil
	if !day {
		at, err = time.Parse(time.RFC3339, *raw)
	}
	switch {
	case err != nil:
		return nil, booking.InvalidField(field, "n'est pas une date (2026-12-01), et "+notAnInstant)
	case at.Year() < 2000 || at.Year() > 2200:
		return nil, booking.InvalidField(field, "est hors du temps de la passerelle, de 2000 à 2200")
	}
	return &booking.Bound{At: at, Day: day}, nil
}
