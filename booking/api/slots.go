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
	zone := o.Place.Zone
	after, err := s.insteadOf(ctx, o, from, to, value(r.Params.Motif))
	if err != nil {
		return nil, err
	}
	return slotsInJSON{
		LieuId: o.Place.ID, Etat: Etat(o.State), ObserveLe: when(o.ObservedAt, zone), SourceLe: when(o.SourceAt, zone),
		MotifVide: emptyReason(o.Empty), Ensuite: after, Creneaux: slots(o.Slots, zone),
	}, nil
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
	out := placesInJSON{
		Items: make([]LieuAvecCreneaux, len(found.Items)), Etats: make(map[string]int),
		Total: found.Total, Page: found.Page.Page, Size: found.Size, Pages: found.Pages(),
	}
	for i, one := range found.Items {
		out.Items[i] = placeWithSlots(one)
	}
	for state, n := range found.States {
		out.Etats[string(state)] = n
	}
	if n := nearest(found.Nearest); n != nil {
		out.Ensuite = &EnsuiteDeLaRecherche{LieuProche: *n}
	}
	return out, nil
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

func placeWithSlots(r booking.SlotResult) LieuAvecCreneaux {
	if r.Offer == nil {
		return LieuAvecCreneaux{LieuId: r.Asked, Etat: Etat(booking.UnknownPlace), Creneaux: []Creneau{}}
	}
	zone, lieu, action := r.Place.Zone, brief(r.Place), next(r.Next, r.Place)
	out := LieuAvecCreneaux{
		LieuId: r.Asked, Lieu: &lieu, DistanceKm: hundredths(r.DistanceKM), Etat: Etat(r.State), ObserveLe: when(r.ObservedAt, zone),
		SourceLe: when(r.SourceAt, zone), MotifVide: emptyReason(r.Empty), Creneaux: slots(r.Slots, zone), ProchaineAction: &action,
	}
	if len(r.Slots) == 0 {
		out.Ensuite = &Ensuite{ProchainCreneau: firstOf(r.Later, zone), Telephone: text(r.Place.Phone)}
	}
	if out.LieuId == "" {
		out.LieuId = r.Place.ID
	}
	return out
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
