package directory

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"passerelle/booking"
)

// BenchmarkSearch asks what people and platforms ask, of a few thousand places, of a country, and of ten of them.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{2_000, 20_000, 200_000} {
		random := rand.New(rand.NewPCG(1, 2))
		places := country(n, random)
		x := newIndex(places, nil)
		for _, asked := range []struct {
			name string
			of   func(*booking.Place, *booking.PlaceFilter)
		}{
			{"point", nearby},
			{"point+facets", func(p *booking.Place, f *booking.PlaceFilter) { nearby(p, f); someLabels(p, f) }},
			{"commune", func(p *booking.Place, f *booking.PlaceFilter) { f.Commune = []string{p.INSEE} }},
			{"departement", func(p *booking.Place, f *booking.PlaceFilter) { f.Department = []string{p.Department()} }},
			{"departement+facets", func(p *booking.Place, f *booking.PlaceFilter) {
				f.Department = []string{p.Department()}
				someLabels(p, f)
			}},
			{"facets", someLabels},
			{"text", func(p *booking.Place, f *booking.PlaceFilter) { f.Text = "média " + p.Commune }},
			{"text, one letter", func(_ *booking.Place, f *booking.PlaceFilter) { f.Text = "m" }},
			{"siret", func(p *booking.Place, f *booking.PlaceFilter) { f.SIRET = p.Pivot }},
		} {
			filters := make([]booking.PlaceFilter, 64) // one alone would be answered from the processor's cache
			for i := range filters {
				p := places[random.IntN(n)]
				for p.Point == nil || p.INSEE == "" {
					p = places[random.IntN(n)]
				}
				asked.of(p, &filters[i])
			}
			b.Run(fmt.Sprintf("%s/%d", asked.name, n), func(b *testing.B) {
				b.ReportAllocs()
				found := 0
				i := 0
				for b.Loop() {
					list, err := x.search(filters[i%len(filters)])
					if err != nil {
						b.Fatal(err)
					}
					found += len(list)
					i++
				}
				b.ReportMetric(float64(found)/float64(i), "places/op")
			})
			b.Run(fmt.Sprintf("%s, counted/%d", asked.name, n), func(b *testing.B) {
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					if _, err := x.counts(filters[i%len(filters)], "frais_a_charge"); err != nil {
						b.Fatal(err)
					}
					i++
				}
			})
		}
	}
}

func nearby(p *booking.Place, f *booking.PlaceFilter) {
	f.Near, f.RadiusKM = &booking.Point{Latitude: p.Point.Latitude + 0.01, Longitude: p.Point.Longitude}, 15
}

func someLabels(_ *booking.Place, f *booking.PlaceFilter) {
	f.Services = []string{"Aide aux démarches administratives", "Insertion professionnelle via le numérique"}
	f.SpecialCare = []string{"Illettrisme"}
}

func BenchmarkIndex(b *testing.B) {
	for _, n := range []int{20_000, 200_000} {
		places := country(n, rand.New(rand.NewPCG(1, 2)))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newIndex(places, nil)
			}
		})
	}
}
