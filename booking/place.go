package booking

import (
	"iter"
	"strings"
	"time"
)

// Place (lieu) is one row of the national standard "standard-mediation-num" v1.0.2. Each field names its column.
// Absent text is empty, absent lists are nil. What every search looks at comes first, side by side.
type Place struct {
	ID             string // id: the key
	Zone           *time.Location
	Number         int      // dense, from 1, among the places of one reading of all sources; 0 where it was not read from one
	Phone          string   // telephone
	Emails         []string // courriels
	AccessModes    []string // modalites_acces
	Aliases        []string // other names that find it: parts of a merged id, forms used by other platforms
	Pivot          string   // pivot: SIRET, RNA or RIDET; "00000000000000" when unknown, so never a key
	Name           string   // nom
	Commune        string   // commune
	PostalCode     string   // code_postal
	INSEE          string   // code_insee: the file's, or else deduced
	INSEEDeduced   bool     // code_insee was deduced from the postal code and the commune
	OutsideSources bool     // hors_source: vanished from the file, kept because it has an agenda or an appointment
	Address        string   // adresse
	AddressMore    string   // complement_adresse
	Point          *Point   // latitude, longitude
	Typologies     []string // typologie
	Sites          []string // site_web
	Hours          string   // horaires: OSM opening_hours
	Summary        string   // presentation_resume
	Description    string   // presentation_detail
	Source         string   // source
	Mobility       []string // itinerance
	Parent         string   // structure_parente
	UpdatedOn      string   // date_maj: YYYY-MM-DD
	Services       []string // services
	Publics        []string // publics_specifiquement_adresses
	SpecialCare    []string // prise_en_charge_specifique
	Fees           []string // frais_a_charge
	Programmes     []string // dispositif_programmes_nationaux
	Labels         []string // formations_labels
	OtherLabels    []string // autres_formations_labels
	SupportModes   []string // modalites_accompagnement
	AccessCard     string   // fiche_acces_libre
	BookingURL     string   // prise_rdv: as written; it may hold somebody's secret (see Resolution)
}

// Department is the département of the place: two digits, 2A, 2B, or three digits overseas; empty when unknown.
func (p *Place) Department() string {
	code := p.INSEE
	if code == "" {
		code = p.PostalCode
		if strings.HasPrefix(code, "20") && len(code) == 5 {
			// Corsica: 200xx and 201xx are the south. Postal codes alone do not say more.
			if code[2] <= '1' {
				return "2A"
			}
			return "2B"
		}
	}
	switch {
	case len(code) < 3:
		return ""
	case strings.HasPrefix(code, "97"), strings.HasPrefix(code, "98"):
		return code[:3]
	}
	return code[:2]
}

// Names are the id and all that the place is, or was, called: what was taken before it was merged stands under one of them.
func (p *Place) Names() []string { return append([]string{p.ID}, p.Aliases...) }

// ReceivesPublic is false where the standard says that nobody may come ("Ce lieu n'accueille pas de public").
func (p *Place) ReceivesPublic() bool {
	for _, m := range p.AccessModes {
		if m == NoPublic {
			return false
		}
	}
	return true
}

// NoPublic is the value of modalites_acces that forbids to send somebody there.
const NoPublic = "Ce lieu n'accueille pas de public"

// Point is a position in decimal degrees, WGS 84.
type Point struct {
	Latitude, Longitude float64
}

// Middle is the mean of the points of those places that have one; nil where none has.
func Middle(places iter.Seq[*Place]) *Point {
	var sum Point
	n := 0.0
	for p := range places {
		if p.Point != nil {
			sum.Latitude, sum.Longitude, n = sum.Latitude+p.Point.Latitude, sum.Longitude+p.Point.Longitude, n+1
		}
	}
	if n == 0 {
		return nil
	}
	return &Point{Latitude: sum.Latitude / n, Longitude: sum.Longitude / n}
}

// PlaceFilter selects places. Every field that is set must hold; inside a list one value is enough.
type PlaceFilter struct {
	IDs         []string // ids or aliases
	Commune     []string // INSEE codes; the code of Paris, Lyon or Marseille covers its arrondissements
	EPCI        []string // SIREN of groups of communes
	PostalCode  []string
	Department  []string
	Near        *Point
	RadiusKM    float64 // around Near; zero means DefaultRadiusKM
	SIRET       string
	Link        string   // prise_rdv: all the places behind it
	Text        string   // q: words of the name or of the commune, without case or accents
	Services    []string // labels of the standard, without case or accents, as below
	AccessModes []string
	SupportModes,
	Publics,
	SpecialCare,
	Fees,
	Programmes []string
}

// elsewhere is the filter of who wants the same around a point, wherever and whosever it is.
func (f PlaceFilter) elsewhere(near *Point) PlaceFilter {
	f.IDs, f.Commune, f.EPCI, f.PostalCode, f.Department, f.SIRET, f.Link, f.Text, f.Near = nil, nil, nil, nil, nil, "", "", "", near
	return f
}

// onlyAround reports whether elsewhere, around the same point, leaves the filter as it is.
func (f *PlaceFilter) onlyAround() bool {
	return f.Near != nil && len(f.IDs)+len(f.Commune)+len(f.EPCI)+len(f.PostalCode)+len(f.Department) == 0 && f.SIRET+f.Link+f.Text == ""
}

// DefaultRadiusKM is the radius of a search by point that names none.
const DefaultRadiusKM = 30

// Found is a place that a search found. DistanceKM is set only when the search had a point and the place has one.
type Found struct {
	Place      *Place
	DistanceKM *float64
}

// Count is how many places have a value of the standard.
type Count struct {
	Value  string
	Places int
}
