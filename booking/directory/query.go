package directory

import (
	"cmp"
	"math"
	"regexp"
	"strings"

	"passerelle/booking"
)

// query is a filter, checked and looked up.
type query struct {
	all    [][]*posting // a place that is found is in one posting of each
	around *circle      // nil: anywhere
}

// among narrows a query to the places of a field's values, when the filter has any.
func (q *query) among(anyOf []*posting, values int) {
	if values > 0 {
		q.all = append(q.all, anyOf)
	}
}

var (
	sirenShape      = regexp.MustCompile(`^\d{9}$`)
	siretShape      = regexp.MustCompile(`^\d{14}$`)
	departmentShape = regexp.MustCompile(`^(0[1-9]|1\d|2[1-9AB]|[3-8]\d|9[0-5]|9[78]\d)$`)
)

func (x *index) query(f booking.PlaceFilter) (*query, error) {
	q := &query{all: make([][]*posting, 0, 4)}
	for _, t := range []struct {
		field  string
		codes  []string
		shape  *regexp.Regexp
		reason string
		places postings
	}{
		{"code_commune", f.Commune, inseeShape, "un code INSEE a cinq caractères", x.communes},
		{"code_postal", f.PostalCode, postalShape, "un code postal a cinq chiffres", x.postalCodes},
		{"code_departement", f.Department, departmentShape, "un département s'écrit 01 à 95, 2A, 2B, ou avec trois chiffres outre-mer", x.departments},
	} {
		codes, err := each(t.field, t.codes, t.shape, t.reason)
		if err != nil {
			return nil, err
		}
		q.among(t.places.of(codes), len(codes))
	}
	epcis, err := each("code_epci", f.EPCI, sirenShape, "un EPCI est désigné par son SIREN, de neuf chiffres")
	if err != nil {
		return nil, err
	}
	var members []*posting
	for _, siren := range epcis {
		members = append(members, x.communes.of(groupsTable().members(siren))...)
	}
	q.among(members, len(epcis))
	if f.SIRET != "" {
		siret := strings.Join(strings.Fields(f.SIRET), "")
		if !siretShape.MatchString(siret) || strings.Trim(siret, "0") == "" {
			return nil, booking.InvalidField("siret", "un SIRET a quatorze chiffres, dont un au moins n'est pas zéro")
		}
		q.among(x.sirets.of([]string{siret}), 1)
	}
	if q.around, err = circleOf(f); err != nil {
		return nil, err
	}
	for i, labels := range wantedOf(&f) {
		anyOf, err := x.wanted(i, *labels)
		if err != nil {
			return nil, err
		}
		q.among(anyOf, len(anyOf))
	}
	if f.Link != "" {
		link := clean(f.Link)
		if link == "" {
			return nil, booking.InvalidField("lien", "ne contient aucun lien")
		}
		q.among(x.links.of(x.linkKeys(link)), 1)
	}
	if f.Text != "" {
		words := strings.Fields(foldName(f.Text))
		if len(words) == 0 { // without words it would find every place
			return nil, booking.InvalidField("q", "ne contient aucun mot à chercher")
		}
		for _, word := range words {
			q.among(x.lexicon.beginning(word), 1)
		}
	}
	if len(f.IDs) > 0 {
		q.among([]*posting{x.bearing(f.IDs)}, 1)
	}
	return q, nil
}

// bearing are the places that bear one of these names.
func (x *index) bearing(ids []string) *posting {
	p := &posting{}
	for _, id := range ids {
		if number, ok := x.number(id); ok {
			p.few = append(p.few, number)
		}
	}
	return p
}

// each normalises codes and refuses those of another shape.
func each(field string, codes []string, shape *regexp.Regexp, reason string) ([]string, error) {
	var list []string
	for _, code := range codes {
		code = strings.ToUpper(strings.TrimSpace(code))
		if !shape.MatchString(code) {
			return nil, booking.InvalidField(field, reason)
		}
		list = append(list, code)
	}
	return list, nil
}

func circleOf(f booking.PlaceFilter) (*circle, error) {
	if !(f.RadiusKM >= 0) || math.IsInf(f.RadiusKM, 0) {
		return nil, booking.InvalidField("rayon_km", "un rayon est un nombre de kilomètres, positif")
	}
	if f.Near == nil {
		return nil, nil
	}
	if !(math.Abs(f.Near.Latitude) <= 90) {
		return nil, booking.InvalidField("lat", "une latitude va de -90 à 90")
	}
	if !(math.Abs(f.Near.Longitude) <= 180) {
		return nil, booking.InvalidField("lon", "une longitude va de -180 à 180")
	}
	const radians = math.Pi / 180
	return &circle{*f.Near, math.Cos(f.Near.Latitude * radians), cmp.Or(f.RadiusKM, booking.DefaultRadiusKM)}, nil
}
