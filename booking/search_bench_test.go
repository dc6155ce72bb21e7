package booking_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/booking/agendas"
	"passerelle/booking/availability"
	"passerelle/booking/directory"
	"passerelle/booking/ledger"
	"passerelle/connectors"
	"passerelle/connectors/all"
)

// BenchmarkSearchSlots searches a département of 20,000 places, 500 of which have an agenda: ten times the densest
// there is.
func BenchmarkSearchSlots(b *testing.B) {
	s := newCountry(b)
	q := booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Department: []string{"26"}}, PerPlace: 3, Page: 1, Size: 20}
	b.ReportAllocs()
	for b.Loop() {
		got, err := s.SearchSlots(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		if got.States[booking.Fresh] != countryAgendas || len(got.Items) != 20 {
			b.Fatalf("%v", got.States)
		}
	}
}

// BenchmarkOutlooks says how all of them stand, once they were read.
func BenchmarkOutlooks(b *testing.B) {
	s := newCountry(b)
	if _, err := s.SearchSlots(b.Context(), booking.SlotSearch{PerPlace: 1, Page: 1, Size: 1}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		got, err := s.Outlooks(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		free := 0
		for _, o := range got {
			if o.State == booking.Fresh && !o.First.IsZero() {
				free++
			}
		}
		if len(got) != countryPlaces || free != countryAgendas {
			b.Fatalf("%d of %d", free, len(got))
		}
	}
}

const countryPlaces, countryAgendas = 20_000, 500

// newCountry is a service of so many places, so many of which have an agenda.
func newCountry(b *testing.B) *booking.Service {
	const places, bookable = countryPlaces, countryAgendas
	now := func() time.Time { return sunday }
	folder := b.TempDir()
	var file strings.Builder
	file.WriteString("id,nom,commune,code_postal,adresse,latitude,longitude,horaires\n")
	for i := range places {
		fmt.Fprintf(&file, "l%d,Lieu %d,Crest,26400,1 rue,44.7%03d,5.0%03d,\"Mo-Fr 09:00-12:00,14:00-17:00\"\n", i, i, i%1000, i%997)
	}
	path := filepath.Join(folder, "lieux.csv")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	key := []byte(strings.Repeat("k", 32))
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	l, err := ledger.Open(b.Context(), ledger.Options{Path: filepath.Join(folder, "r.db"), Keys: [][]byte{key}, Now: now})
	check(err)
	set, err := agendas.Open(b.Context(), agendas.Options{Store: l, Registry: all.Registry(), Env: connectors.Env{Logger: logger, Now: now}})
	check(err)
	seeds := make([]booking.Connection, bookable)
	for i := range seeds {
		seeds[i] = booking.Connection{
			Connection: connectors.Connection{Connector: "native", Zone: paris}, Agenda: fmt.Sprintf("a%d", i), Places: []string{fmt.Sprintf("l%d", i*places/bookable)},
		}
	}
	check(set.Seed(b.Context(), seeds))
	d, err := directory.Open(b.Context(), []string{path}, directory.Options{Now: now, Logger: logger})
	check(err)
	slots, err := booking.NewSlotSigner(key)
	check(err)
	reader := availability.New(availability.Options{Claims: l, Slots: slots, Logger: logger, Now: now})
	s, err := booking.New(booking.Options{Directory: d, Agendas: set, Availability: reader, Ledger: l, Slots: slots, Logger: logger, Now: now, PersonKey: key, AnswerIn: time.Minute})
	check(err)
	b.Cleanup(func() { reader.Close(); check(l.Close()) })
	return s
}
