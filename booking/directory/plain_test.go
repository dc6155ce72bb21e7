package directory

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"passerelle/booking"
	"passerelle/internal/prove"
)

// plain is a search that looks at every place: what the index is held against.
type plain []candidate

// candidate is a place with what is costly to work out for each question.
type candidate struct {
	*booking.Place
	name, text string
	communes   []string
	labels     [facetCount][]string // folded
}

func newPlain(places []*booking.Place) plain {
	all := make(plain, len(places))
	for i, p := range places {
		all[i] = candidate{Place: p, name: foldName(p.Name), communes: communesTable().coveredBy(p.INSEE, p.PostalCode)}
		all[i].text = " " + all[i].name + " " + foldName(p.Commune)
		for j, of := range facets {
			for _, label := range of.of(p) {
				all[i].labels[j] = append(all[i].labels[j], fold(label))
			}
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.ID, b.ID)) })
	return all
}

// plainly are the labels that a filter has of a column.
func plainly(f *booking.PlaceFilter, of column) *[]string {
	return map[column]*[]string{
		colServices: &f.Services, colAccessModes: &f.AccessModes, colSupportModes: &f.SupportModes, colPublics: &f.Publics,
		colSpecialCare: &f.SpecialCare, colFees: &f.Fees, colProgrammes: &f.Programmes,
	}[of]
}

func (all plain) search(f booking.PlaceFilter) []booking.Found {
	var wanted [facetCount][]string
	for i, of := range facets {
		for _, label := range *plainly(&f, of.column) {
			wanted[i] = append(wanted[i], fold(label))
		}
	}
	words := strings.Fields(foldName(f.Text))
	found := []booking.Found{}
	for i := range all {
		c := &all[i]
		if !c.meets(f, wanted, words) {
			continue
		}
		if f.Near == nil {
			found = append(found, booking.Found{Place: c.Place})
		} else if km, ok := c.within(f); ok {
			found = append(found, booking.Found{Place: c.Place, DistanceKM: &km})
		}
	}
	if f.Near != nil {
		slices.SortFunc(found, func(a, b booking.Found) int {
			return cmp.Or(cmp.Compare(*a.DistanceKM, *b.DistanceKM), cmp.Compare(a.Place.ID, b.Place.ID))
		})
	}
	return found
}

// meets compares all but the distance.
func (c *candidate) meets(f booking.PlaceFilter, labels [facetCount][]string, words []string) bool {
	one := func(wanted []string, has ...string) bool {
		return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(has, w) })
	}
	for i := range labels {
		if !one(labels[i], c.labels[i]...) {
			return false
		}
	}
	for _, word := range words {
		if !strings.Contains(c.text, " "+word) {
			return false
		}
	}
	var members []string
	for _, siren := range f.EPCI {
		members = append(members, groupsTable().members(siren)...)
	}
	if len(f.EPCI) > 0 && (len(members) == 0 || !one(members, c.communes...)) {
		return false
	}
	return one(f.IDs, c.ID) && one(f.PostalCode, c.PostalCode) && one(f.Department, c.Department()) && one(f.Commune, c.communes...) &&
		(f.SIRET == "" || f.SIRET == c.Pivot) && (f.Link == "" || f.Link == c.BookingURL)
}

func (c *candidate) within(f booking.PlaceFilter) (float64, bool) {
	radius := cmp.Or(f.RadiusKM, booking.DefaultRadiusKM)
	if c.Point == nil || math.Abs(c.Point.Latitude-f.Near.Latitude)*(6371.0088*math.Pi/180) > radius {
		return 0, false
	}
	km := haversine(*c.Point, *f.Near)
	return km, km <= radius
}

func haversine(a, b booking.Point) float64 {
	const radians = math.Pi / 180
	north, east := math.Sin((a.Latitude-b.Latitude)*radians/2), math.Sin((a.Longitude-b.Longitude)*radians/2)
	h := north*north + east*east*math.Cos(a.Latitude*math.Pi/180)*math.Cos(b.Latitude*radians)
	return 2 * 6371.0088 * math.Asin(math.Sqrt(min(h, 1)))
}

// asker makes up filters.
type asker struct {
	*rand.Rand
	places []*booking.Place
}

func (r asker) place() *booking.Place { return r.places[r.IntN(len(r.places))] }

func (r asker) filter() booking.PlaceFilter {
	var f booking.PlaceFilter
	for range 1 + r.IntN(3) {
		switch r.IntN(9) {
		case 0, 1, 2:
			r.near(&f)
		case 3:
			f.Commune = append(f.Commune, cmp.Or(r.place().INSEE, "75056"), []string{"75056", "69123", "13055", "01999"}[r.IntN(4)])
		case 4:
			f.PostalCode = append(f.PostalCode, cmp.Or(r.place().PostalCode, "26400"), "97600")
		case 5:
			f.Department = append(f.Department, cmp.Or(r.place().Department(), "26"))
		case 6:
			r.words(&f)
		case 7:
			r.labels(&f)
		case 8:
			switch p := r.place(); r.IntN(4) {
			case 0:
				f.IDs = []string{p.ID, r.place().ID, "nobody"}
			case 1:
				if strings.Trim(p.Pivot, "0") != "" { // which no place is asked for by
					f.SIRET = p.Pivot
				}
			case 2:
				f.Link = p.BookingURL
			case 3:
				epcis := groupsTable().epcis
				f.EPCI = []string{epcis[r.IntN(len(epcis))].code, "200054781"}[r.IntN(2):]
			}
		}
	}
	return f
}

// near asks around a place, or anywhere; often as far as another place is, to the metre and less.
func (r asker) near(f *booking.PlaceFilter) {
	near := booking.Point{Latitude: 180*r.Float64() - 90, Longitude: 360*r.Float64() - 180}
	if p := r.place().Point; p != nil && r.IntN(4) > 0 {
		near = *p
		if r.IntN(2) == 0 {
			near.Latitude = max(-90, min(90, near.Latitude+r.NormFloat64()/5))
			near.Longitude = max(-180, min(180, near.Longitude+r.NormFloat64()/5))
		}
	}
	f.Near, f.RadiusKM = &near, 0.1*math.Exp(r.Float64()*math.Log(5000))
	if p := r.place().Point; p != nil && r.IntN(5) == 0 { // a place that is at the very east or west
		near = booking.Point{Latitude: p.Latitude, Longitude: max(-180, min(180, p.Longitude+r.NormFloat64()/100))}
		f.RadiusKM = haversine(*p, near)
		return
	}
	for range r.IntN(2) * 20 {
		if p := r.place().Point; p != nil {
			if km := haversine(*p, near); km > 0 && km < 500 {
				f.RadiusKM = km
				return
			}
		}
	}
	if r.IntN(50) == 0 {
		f.RadiusKM = 20_100 * r.Float64()
	}
}

func (r asker) words(f *booking.PlaceFilter) {
	p := r.place()
	words := strings.Fields(p.Name + " " + p.Commune)
	for range 1 + r.IntN(2) {
		letters := []rune(words[r.IntN(len(words))])
		word := string(letters[:1+r.IntN(len(letters))])
		f.Text += " " + []string{word, strings.ToUpper(word), fold(word), "st"}[r.IntN(4)]
	}
	if foldName(f.Text) == "" {
		f.Text = "œuvre"
	}
}

func (r asker) labels(f *booking.PlaceFilter) {
	for range 1 + r.IntN(3) {
		of := facets[r.IntN(facetCount)]
		label := enumerations[of.column][r.IntN(len(enumerations[of.column]))]
		*plainly(f, of.column) = append(*plainly(f, of.column), []string{label, strings.ToUpper(label), fold(label)}[r.IntN(3)])
	}
}

// whole is a country with places at the edges of the world, where longitudes end or come together.
func whole(random *rand.Rand) []*booking.Place {
	places := country(2000, random)
	for i := range 400 {
		at := booking.Point{Latitude: 180*random.Float64() - 90, Longitude: 360*random.Float64() - 180}
		switch i % 4 {
		case 0:
			at.Longitude = []float64{-180, 180, -179.99, 179.98}[random.IntN(4)] // Wallis and Futuna are not far
		case 1:
			at.Latitude = []float64{-90, 90, -89.99, 89.9}[random.IntN(4)]
		}
		places = append(places, &booking.Place{ID: fmt.Sprint("edge", i), Name: fmt.Sprint("Edge ", i%7), Point: &at})
	}
	return places
}

// Every search finds what a look at every place finds, in its order and at its distance; and what is
// counted is what is found.
func TestTheIndexFindsWhatALookAtEveryPlaceFinds(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	places := whole(random)
	x, all, ask := newIndex(places, nil), newPlain(places), asker{random, places}
	queries, some := prove.Size(1000, 10_000), 0
	for range queries {
		f := ask.filter()
		found, err := x.search(f)
		if err != nil {
			t.Fatalf("%s: %v", inWords(f), err)
		}
		want := all.search(f)
		same := func(a, b booking.Found) bool {
			return a.Place == b.Place && (a.DistanceKM == nil) == (b.DistanceKM == nil) && (a.DistanceKM == nil || *a.DistanceKM == *b.DistanceKM)
		}
		if !slices.EqualFunc(found, want, same) {
			t.Fatalf("%s\nfound %d: %q\nwant %d: %q", inWords(f), len(found), names(found), len(want), names(want))
		}
		if len(want) > 0 {
			some++
		}
		of := facets[random.IntN(facetCount)]
		counts, err := x.counts(f, of.column.String())
		if err != nil {
			t.Fatalf("%s: %v", inWords(f), err)
		}
		if want := all.counts(f, of); !slices.Equal(counts, want) {
			t.Fatalf("%s\ncounted %s: %v, want %v", inWords(f), of.column, counts, want)
		}
	}
	if some < queries/3 {
		t.Errorf("only %d of %d searches find something", some, queries)
	}
}

func (all plain) counts(f booking.PlaceFilter, of facet) []booking.Count {
	*plainly(&f, of.column) = nil
	has := map[string]int{}
	for _, found := range all.search(f) {
		for label := range maps.Keys(labelsOf(found.Place, of)) {
			has[label]++
		}
	}
	counts := []booking.Count{}
	for _, label := range enumerations[of.column] {
		if has[label] > 0 {
			counts = append(counts, booking.Count{Value: label, Places: has[label]})
		}
	}
	return counts
}

func labelsOf(p *booking.Place, of facet) map[string]bool {
	set := map[string]bool{}
	for _, label := range of.of(p) {
		set[label] = true
	}
	return set
}

func inWords(f booking.PlaceFilter) string {
	s := fmt.Sprintf("%+v", f)
	if f.Near != nil {
		s += fmt.Sprintf(" near %v", *f.Near)
	}
	return s
}
