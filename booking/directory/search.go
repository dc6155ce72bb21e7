package directory

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"passerelle/booking"
)

// query is a filter, checked and worked out once for all places.
type query struct {
	ids         map[*booking.Place]bool // nil when the filter names none
	communes    []string
	postalCodes []string
	departments []string
	near        *booking.Point
	radiusKM    float64
	siret       string
	links       []string // any of them
	words       []string // each with a space before it: the beginning of a word
	labels      [facetCount]labelSet
}

func (x *index) search(f booking.PlaceFilter) ([]booking.Found, error) {
	q, err := x.query(f)
	if err != nil {
		return nil, err
	}
	found := []booking.Found{}
	for i := range x.entries {
		e := &x.entries[i]
		if !q.matches(e) {
			continue
		}
		if q.near == nil {
			found = append(found, booking.Found{Place: e.place})
		} else if km, ok := q.distance(e); ok {
			distance := km // km itself would be allocated for each of those that are too far
			found = append(found, booking.Found{Place: e.place, DistanceKM: &distance})
		}
	}
	if q.near != nil {
		slices.SortFunc(found, func(a, b booking.Found) int {
			return cmp.Or(cmp.Compare(*a.DistanceKM, *b.DistanceKM), cmp.Compare(a.Place.ID, b.Place.ID))
		})
	}
	return found, nil
}

var (
	siretShape      = regexp.MustCompile(`^\d{14}$`)
	departmentShape = regexp.MustCompile(`^(0[1-9]|1\d|2[1-9AB]|[3-8]\d|9[0-5]|9[78]\d)$`)
)

func (x *index) query(f booking.PlaceFilter) (*query, error) {
	q := &query{near: f.Near, radiusKM: f.RadiusKM}
	var err error
	if q.communes, err = each("code_commune", f.Commune, inseeShape, "un code INSEE a cinq caractères"); err != nil {
		return nil, err
	}
	if q.postalCodes, err = each("code_postal", f.PostalCode, postalShape, "un code postal a cinq chiffres"); err != nil {
		return nil, err
	}
	if q.departments, err = each("code_departement", f.Department, departmentShape, "un département s'écrit 01 à 95, 2A, 2B, ou avec trois chiffres outre-mer"); err != nil {
		return nil, err
	}
	if f.SIRET != "" {
		q.siret = strings.Join(strings.Fields(f.SIRET), "")
		if !siretShape.MatchString(q.siret) || strings.Trim(q.siret, "0") == "" {
			return nil, booking.InvalidField("siret", "un SIRET a quatorze chiffres, dont un au moins n'est pas zéro")
		}
	}
	if err := q.around(); err != nil {
		return nil, err
	}
	if q.labels, err = x.facets.wanted(&f); err != nil {
		return nil, err
	}
	if f.Link != "" {
		link := clean(f.Link)
		if link == "" {
			return nil, booking.InvalidField("lien", "ne contient aucun lien")
		}
		q.links = x.linkKeys(link)
	}
	for _, word := range strings.Fields(foldName(f.Text)) {
		q.words = append(q.words, " "+word)
	}
	if f.Text != "" && len(q.words) == 0 { // without words it would find every place
		return nil, booking.InvalidField("q", "ne contient aucun mot à chercher")
	}
	if len(f.IDs) > 0 {
		q.ids = map[*booking.Place]bool{}
		for _, id := range f.IDs {
			if p := x.find(id); p != nil {
				q.ids[p] = true
			}
		}
	}
	return q, nil
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

func (q *query) around() error {
	if !(q.radiusKM >= 0) || math.IsInf(q.radiusKM, 0) {
		return booking.InvalidField("rayon_km", "un rayon est un nombre de kilomètres, positif")
	}
	if q.radiusKM == 0 {
		q.radiusKM = booking.DefaultRadiusKM
	}
	if q.near == nil {
		return nil
	}
	if !(math.Abs(q.near.Latitude) <= 90) {
		return booking.InvalidField("lat", "une latitude va de -90 à 90")
	}
	if !(math.Abs(q.near.Longitude) <= 180) {
		return booking.InvalidField("lon", "une longitude va de -180 à 180")
	}
	return nil
}

// matches compares everything but the distance.
func (q *query) matches(e *entry) bool {
	if q.ids != nil && !q.ids[e.place] ||
		q.departments != nil && !slices.Contains(q.departments, e.department) ||
		q.postalCodes != nil && !slices.Contains(q.postalCodes, e.place.PostalCode) ||
		q.communes != nil && !overlap(q.communes, e.communes) ||
		q.siret != "" && q.siret != e.pivot ||
		q.links != nil && !overlap(q.links, e.links) {
		return false
	}
	for i, wanted := range q.labels {
		if wanted != 0 && wanted&e.labels[i] == 0 {
			return false
		}
	}
	for _, word := range q.words {
		if !strings.Contains(e.text, word) {
			return false
		}
	}
	return true
}

// selects compares everything.
func (q *query) selects(e *entry) bool {
	if !q.matches(e) {
		return false
	}
	_, near := q.distance(e)
	return q.near == nil || near
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

const (
	earthRadiusKM = 6371.0088 // mean radius, IUGG
	kmPerDegree   = earthRadiusKM * math.Pi / 180
)

// distance is the great circle's (haversine); not ok beyond the radius, for a place without a point, or to nowhere.
func (q *query) distance(e *entry) (km float64, ok bool) {
	if e.place.Point == nil || q.near == nil {
		return 0, false
	}
	north := e.place.Point.Latitude - q.near.Latitude
	if math.Abs(north)*kmPerDegree > q.radiusKM {
		return 0, false
	}
	const radians = math.Pi / 180
	a := math.Sin(north * radians / 2)
	b := math.Sin((e.place.Point.Longitude - q.near.Longitude) * radians / 2)
	h := a*a + b*b*e.cosine*math.Cos(q.near.Latitude*radians)
	km = 2 * earthRadiusKM * math.Asin(math.Sqrt(min(h, 1)))
	return km, km <= q.radiusKM
}
