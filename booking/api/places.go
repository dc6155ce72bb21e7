package api

import (
	"context"
	"slices"

	"passerelle/booking"
)

// GetLieux lists places.
func (s *server) GetLieux(ctx context.Context, r GetLieuxRequestObject) (GetLieuxResponseObject, error) {
	p := r.Params
	f, err := criteria{
		p.LieuId, p.CodeCommune, p.CodePostal, p.CodeDepartement, p.CodeEpci, p.Lat, p.Lon, p.RayonKm, p.Siret, p.Lien, p.Q,
		p.Services, p.ModalitesAcces, p.ModalitesAccompagnement, p.PublicsSpecifiquementAdresses, p.PriseEnChargeSpecifique,
		p.FraisACharge, p.DispositifProgrammesNationaux,
	}.filter()
	if err != nil {
		return nil, err
	}
	found, err := s.serviceFor(ctx).Places(ctx, f, *p.Page, *p.Size)
	if err != nil {
		return nil, err
	}
	items := make([]Lieu, len(found.Items))
	for i, l := range found.Items {
		items[i] = s.place(l)
	}
	return GetLieux200JSONResponse{Items: items, Total: found.Total, Page: found.Page, Size: found.Size, Pages: found.Pages()}, nil
}

// GetLieu reads one place.
func (s *server) GetLieu(ctx context.Context, r GetLieuRequestObject) (GetLieuResponseObject, error) {
	l, err := s.serviceFor(ctx).Place(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	return GetLieu200JSONResponse(s.place(l)), nil
}

// criteria are the filters that two calls share.
type criteria struct {
	IDs         *LieuId
	Commune     *CodeCommune
	PostalCode  *CodePostal
	Department  *CodeDepartement
	EPCI        *CodeEpci
	Lat         *Lat
	Lon         *Lon
	Radius      *RayonKm
	SIRET       *Siret
	Link        *Lien
	Text        *Q
	Services    *Services
	AccessModes *ModalitesAcces
	Support     *ModalitesAccompagnement
	Publics     *PublicsSpecifiquementAdresses
	SpecialCare *PriseEnChargeSpecifique
	Fees        *FraisACharge
	Programmes  *DispositifProgrammesNationaux
}

func (c criteria) filter() (booking.PlaceFilter, error) {
	f := booking.PlaceFilter{
		IDs: value(c.IDs), Commune: value(c.Commune), PostalCode: value(c.PostalCode), Department: value(c.Department), EPCI: value(c.EPCI),
		RadiusKM: value(c.Radius), SIRET: value(c.SIRET), Link: value(c.Link), Text: value(c.Text),
		Services: value(c.Services), AccessModes: value(c.AccessModes), SupportModes: value(c.Support), Publics: value(c.Publics),
		SpecialCare: value(c.SpecialCare), Fees: value(c.Fees), Programmes: value(c.Programmes),
	}
	switch {
	case c.Lat != nil && c.Lon != nil:
		f.Near = &booking.Point{Latitude: *c.Lat, Longitude: *c.Lon}
	case c.Lat != nil:
		return f, booking.InvalidField("lon", "obligatoire avec lat")
	case c.Lon != nil:
		return f, booking.InvalidField("lat", "obligatoire avec lon")
	case c.Radius != nil:
		return f, booking.InvalidField("rayon_km", "demande un point : lat et lon")
	}
	return f, nil
}

// besideIDs names a criterion that was given together with places' ids; empty when there is none. Services are no
// such criterion: they choose motifs.
func (c criteria) besideIDs() string {
	if c.IDs == nil {
		return ""
	}
	for _, other := range []struct {
		name  string
		given bool
	}{
		{"code_commune", c.Commune != nil},
		{"code_postal", c.PostalCode != nil},
		{"code_departement", c.Department != nil},
		{"code_epci", c.EPCI != nil},
		{"lat", c.Lat != nil},
		{"lon", c.Lon != nil},
		{"rayon_km", c.Radius != nil},
		{"siret", c.SIRET != nil},
		{"lien", c.Link != nil},
		{"q", c.Text != nil},
		{"modalites_acces", c.AccessModes != nil},
		{"modalites_accompagnement", c.Support != nil},
		{"publics_specifiquement_adresses", c.Publics != nil},
		{"prise_en_charge_specifique", c.SpecialCare != nil},
		{"frais_a_charge", c.Fees != nil},
		{"dispositif_programmes_nationaux", c.Programmes != nil},
	} {
		if other.given {
			return other.name
		}
	}
	return ""
}

func (s *server) place(l booking.Listing) Lieu {
	p := l.Place
	lat, lon := point(p.Point)
	out := Lieu{
		Id: p.ID, Alias: list(p.Aliases), Pivot: text(p.Pivot), Nom: p.Name, Commune: text(p.Commune), CodePostal: text(p.PostalCode),
		CodeInsee: text(p.INSEE), CodeInseeDeduit: p.INSEEDeduced, Adresse: text(p.Address), ComplementAdresse: text(p.AddressMore),
		Latitude: lat, Longitude: lon, Typologie: list(p.Typologies), Telephone: text(p.Phone), Courriels: list(p.Emails),
		SiteWeb: list(p.Sites), Horaires: text(p.Hours), PresentationResume: text(p.Summary), PresentationDetail: text(p.Description),
		Source: text(p.Source), Itinerance: list(p.Mobility), StructureParente: text(p.Parent), DateMaj: text(p.UpdatedOn),
		Services: list(p.Services), PublicsSpecifiquementAdresses: list(p.Publics), PriseEnChargeSpecifique: list(p.SpecialCare),
		FraisACharge: list(p.Fees), DispositifProgrammesNationaux: list(p.Programmes), FormationsLabels: list(p.Labels),
		AutresFormationsLabels: list(p.OtherLabels), ModalitesAcces: list(p.AccessModes), ModalitesAccompagnement: list(p.SupportModes),
		FicheAccesLibre: text(p.AccessCard), HorsSource: p.OutsideSources, Fuseau: zoneName(p.Zone), DistanceKm: hundredths(l.DistanceKM),
		Motifs: make([]Motif, len(l.Motifs)), ProchaineAction: next(l.Next, p), Agenda: s.agenda(&l.Offer),
	}
	if !l.Link.Secret {
		out.PriseRdv = text(p.BookingURL)
	}
	for i, m := range l.Motifs {
		out.Motifs[i] = motif(m)
	}
	return out
}

func next(a booking.NextAction, p *booking.Place) ProchaineAction {
	value := text(a.Value)
	if a.Slot != nil {
		id := a.Slot.ID()
		value = &id
	}
	return ProchaineAction{Type: ProchaineActionType(a.Type), Valeur: value, Quand: when(a.When, p.Zone), VerifieLe: when(a.VerifiedAt, p.Zone)}
}

func (s *server) agenda(o *booking.Offer) AgendaDuLieu {
	a := AgendaDuLieu{
		Connecteur: text(o.Connector), Mode: Mode(o.Mode), Capacites: []AgendaDuLieuCapacites{}, Lien: text(o.Page()), Etat: Etat(o.State),
		ObserveLe: when(o.ObservedAt, o.Place.Zone), SourceLe: when(o.SourceAt, o.Place.Zone),
	}
	if o.Guarantee != "" {
		g := Garantie(o.Guarantee)
		a.Garantie = &g
	}
	a.Previent = teller(o)
	for _, c := range o.Capacities() {
		a.Capacites = append(a.Capacites, AgendaDuLieuCapacites(c))
	}
	if len(o.Slots) > 0 {
		a.ProchainCreneau = when(o.Slots[0].StartTime(), o.Place.Zone)
	}
	return a
}

// teller is who tells the structure and the person of what is booked at a place; nil where nothing is. Of several
// agendas it is the first that takes bookings, as for the connector and the guarantee.
func teller(o *booking.Offer) *AgendaDuLieuPrevient {
	for _, a := range o.Agendas {
		booked := slices.DeleteFunc(slices.Clone(a.Motifs), func(m booking.Motif) bool {
			return !a.Books(m) || !slices.ContainsFunc(o.Motifs, func(have booking.Motif) bool { return have.ID == m.ID })
		})
		if len(booked) == 0 {
			continue
		}
		who := AgendaDuLieuPrevientPasserelle
		sent := slices.ContainsFunc(booked, func(m booking.Motif) bool { return a.Path(m) == booking.BySending })
		if sent && a.Tells == booking.SourceTells {
			who = AgendaDuLieuPrevientSource
		}
		return &who
	}
	return nil
}
