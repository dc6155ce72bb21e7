package directory

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"passerelle/booking"
)

// town is a commune of the bundled table, at a middle that is made up.
type town struct {
	postalCode, insee, name string
	middle                  booking.Point
}

// country makes n places as France has them: the towns of a département lie together, the places of a town around its
// middle, some behind one door, and a few towns have many places. The same random numbers make the same places.
func country(n int, random *rand.Rand) []*booking.Place {
	towns := towns(random)
	random.Shuffle(len(towns), func(i, j int) { towns[i], towns[j] = towns[j], towns[i] })
	towns = towns[:min(len(towns), n/3+1)]
	kinds := []string{"Mairie de", "France services", "Médiathèque de", "Espace numérique", "CCAS de", "Centre social", "L'Œuvre Ste-Anne", "Association « Clic »", "Maison de l'emploi", "La Poste —"}
	places := make([]*booking.Place, n)
	for i := range places {
		u := random.Float64()
		at := towns[int(u*u*float64(len(towns)))]
		p := &booking.Place{
			ID:         fmt.Sprintf("%08x", random.Uint32()),
			Name:       fmt.Sprintf("%s %s %d", kinds[random.IntN(len(kinds))], at.name, random.IntN(30)),
			Commune:    at.name,
			PostalCode: at.postalCode,
			INSEE:      at.insee,
			Pivot:      fmt.Sprintf("%014d", random.IntN(n)),
			BookingURL: fmt.Sprintf("https://rdv.exemple.org/org/%d", random.IntN(n)),
			Point:      &booking.Point{Latitude: at.middle.Latitude + random.NormFloat64()/50, Longitude: at.middle.Longitude + random.NormFloat64()/35},
		}
		switch {
		case i > 0 && random.IntN(20) == 0:
			p.Point = places[i-1].Point
		case random.IntN(20) == 0:
			p.Point = nil
		case random.IntN(20) == 0:
			p.INSEE = ""
		}
		for i, held := range []*[]string{&p.Services, &p.AccessModes, &p.SupportModes, &p.Publics, &p.SpecialCare, &p.Fees, &p.Programmes} {
			labels := enumerations[facets[i].column]
			for range random.IntN(4) {
				*held = append(*held, labels[random.IntN(1+random.IntN(len(labels)))])
			}
		}
		places[i] = p
	}
	return places
}

// towns lists those of the bundled table, in its order.
func towns(random *rand.Rand) []town {
	middles := map[string]booking.Point{} // of départements
	var list []town
	for line := range strings.Lines(communesTSV) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		postalCode, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		for commune := range strings.SplitSeq(rest, "\t") {
			code, names, _ := strings.Cut(commune, " ")
			name, _, _ := strings.Cut(names, "|")
			department := (&booking.Place{INSEE: code}).Department()
			middle, known := middles[department]
			if !known {
				middle = booking.Point{Latitude: 43.2 + 7*random.Float64(), Longitude: -2 + 9*random.Float64()}
				for _, t := range territories {
					if t.department == department {
						middle = booking.Point{Latitude: (t.south + t.north) / 2, Longitude: (t.west + t.east) / 2}
					}
				}
				middles[department] = middle
			}
			list = append(list, town{postalCode, code, name, booking.Point{
				Latitude: middle.Latitude + random.NormFloat64()/4, Longitude: middle.Longitude + random.NormFloat64()/3,
			}})
		}
	}
	return list
}

func TestTheCountryIsTheSameEachTime(t *testing.T) {
	a, b := country(500, rand.New(rand.NewPCG(1, 2))), country(500, rand.New(rand.NewPCG(1, 2)))
	for i := range a {
		if a[i].ID != b[i].ID || a[i].Name != b[i].Name || (a[i].Point == nil) != (b[i].Point == nil) {
			t.Fatalf("%+v, then %+v", a[i], b[i])
		}
	}
}
