package booking_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/booking"
)

const (
	crestois    = "200040509"
	valDeDrome  = "242600252"
	diois       = "242600534"
	paperwork   = "Aide aux démarches administratives"
	smartphones = "Maîtrise des outils numériques du quotidien"
)

// counted has a world count its searches, and keep them where the test says.
func counted(t *testing.T, w *world, kept booking.Demands) *booking.Demand {
	t.Helper()
	d, err := booking.NewDemand(booking.DemandOptions{Kept: kept, Logger: slog.New(slog.DiscardHandler), Now: w.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	w.Demand, w.AnswerIn = d, time.Minute // however slow the machine is, agendas are read
	return d
}

// sought flushes, and tells what the ledger holds, a line each.
func sought(t *testing.T, w *world) string {
	t.Helper()
	if err := w.Demand.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := w.ledger.SearchesIn(t.Context(), "2000-01-01", "2100-01-01")
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]string, len(all))
	for i, s := range all {
		lines[i] = fmt.Sprintf("%s|%s|%s|%s %d", s.EPCI, s.Service, s.Outcome, s.Wait, s.Number)
	}
	return strings.Join(lines, "; ")
}

func search(t *testing.T, s *booking.Service, q booking.SlotSearch) {
	t.Helper()
	q.Page, q.Size, q.PerPlace = max(q.Page, 1), 20, 1
	if _, err := s.SearchSlots(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}

// inParis moves the clock.
func (w *world) inParis(t *testing.T, text string) {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04:05", text, paris)
	if err != nil {
		t.Fatal(err)
	}
	w.now.Store(at.Unix())
}

func wrongField(err error) string {
	if e, ok := errors.AsType[*booking.Error](err); ok && len(e.Fields) == 1 {
		return e.Fields[0].Name
	}
	return ""
}

func TestWhatIsKeptOfASearch(t *testing.T) {
	in := func(communes ...string) booking.PlaceFilter { return booking.PlaceFilter{Commune: communes} }
	around := func(latitude, longitude, km float64) booking.PlaceFilter {
		return booking.PlaceFilter{Near: &booking.Point{Latitude: latitude, Longitude: longitude}, RadiusKM: km}
	}
	asking := func(f booking.PlaceFilter, services ...string) booking.PlaceFilter {
		f.Services = services
		return f
	}
	day := func(text string) *booking.Bound {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return &booking.Bound{At: at, Day: true}
	}
	for _, c := range []struct {
		name string
		q    booking.SlotSearch
		want string
	}{
		{"a slot the next day", booking.SlotSearch{PlaceFilter: in("26108")}, crestois + "||creneau|0-1j 1"},
		{"only a link", booking.SlotSearch{PlaceFilter: in("26289")}, crestois + "||lien| 1"},
		{"only somebody to call", booking.SlotSearch{PlaceFilter: in("26006"), From: day("2026-11-28"), To: day("2026-11-29")}, valDeDrome + "||contact| 1"}, // a Saturday
		{"only a place to go to", booking.SlotSearch{PlaceFilter: in("26113"), From: day("2026-11-28"), To: day("2026-11-29")}, diois + "||contact| 1"},      // it opens on Monday
		{"a place, and nothing to do there", booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Commune: []string{"26125"}, Near: &booking.Point{Latitude: 44.7603, Longitude: 4.9889}, RadiusKM: 1}}, valDeDrome + "||rien| 1"},
		{"no place", booking.SlotSearch{PlaceFilter: in("26362")}, "200068781||aucun_lieu| 1"},
		{"the days are those after the first that was asked for", booking.SlotSearch{PlaceFilter: in("26108"), From: day("2026-12-05"), To: day("2026-12-20")}, crestois + "||creneau|2-3j 1"},
		{
			"what is too late for who asks is there all the same",
			booking.SlotSearch{PlaceFilter: in("26108"), From: day("2026-11-28"), Before: day("2026-11-29")},
			crestois + "||creneau|2-3j 1",
		},
		{"a service", booking.SlotSearch{PlaceFilter: asking(in("26108"), "aide aux demarches administratives")}, crestois + "|" + paperwork + "|creneau|0-1j 1"},
		{
			"once for each service, in one spelling",
			booking.SlotSearch{PlaceFilter: asking(in("26108"), smartphones, paperwork, strings.ToUpper(paperwork))},
			crestois + "|" + paperwork + "|creneau|0-1j 1; " + crestois + "|" + smartphones + "|creneau|0-1j 1",
		},
		{"around a point, that of the nearest place", booking.SlotSearch{PlaceFilter: around(44.76, 4.93, 30)}, valDeDrome + "||creneau|0-1j 1"},
		{
			"around a point where none offers that, that of the nearest place all the same",
			booking.SlotSearch{PlaceFilter: asking(around(44.695, 5.19, 5), smartphones)},
			crestois + "|" + smartphones + "|aucun_lieu| 1",
		},
		{
			"and so where the nearest that does is far",
			booking.SlotSearch{PlaceFilter: asking(around(44.7531, 5.3703, 50), paperwork)},
			diois + "|" + paperwork + "|creneau|0-1j 1",
		},
		{"around a point far from all", booking.SlotSearch{PlaceFilter: around(48.85, 2.35, 100)}, "||aucun_lieu| 1"},
		{"by words", booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Text: "lieu d"}}, "||creneau|0-1j 1"},
		{"a further page", booking.SlotSearch{PlaceFilter: in("26108"), Page: 2}, ""},
		{"by id", booking.SlotSearch{PlaceFilter: booking.PlaceFilter{IDs: []string{"a"}}}, ""},
		{"by link", booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Link: "https://www.rdv-aide-numerique.fr/org/99990001"}}, ""},
		{"by SIRET", booking.SlotSearch{PlaceFilter: booking.PlaceFilter{SIRET: "13002603200016"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			counted(t, w, w.ledger)
			search(t, w.Service, c.q)
			if got := sought(t, w); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestSlotsOfOnePlaceAreNoSearch(t *testing.T) {
	w := newWorld(t)
	counted(t, w, w.ledger)
	if _, err := w.SlotsOf(t.Context(), "a", nil, nil, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Places(t.Context(), booking.PlaceFilter{}, 1, 20); err != nil {
		t.Fatal(err)
	}
	if got := sought(t, w); got != "" {
		t.Errorf("%q", got)
	}
}

// That a partner may not see a place does not make it missing.
func TestWhatATerritoryHidesIsNotMissing(t *testing.T) {
	w := newWorld(t)
	counted(t, w, w.ledger)
	bound := w.Within(booking.Territory{Places: []string{"a"}})
	search(t, bound, booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Commune: []string{"26289"}}})
	if got := sought(t, w); got != "" {
		t.Errorf("hidden: %q", got)
	}
	search(t, bound, booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Commune: []string{"26362"}}})
	search(t, bound, booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Commune: []string{"26108"}}})
	if got, want := sought(t, w), crestois+"||creneau|0-1j 1; 200068781||aucun_lieu| 1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// One clock for all of France: a month ends everywhere at once.
func TestDaysAreThoseOfParis(t *testing.T) {
	w := newWorld(t)
	counted(t, w, w.ledger)
	for at, day := range map[string]string{
		"2026-11-30T22:59:59Z": "2026-11-30", "2026-11-30T23:00:00Z": "2026-12-01", // in Nouméa it is ten in the morning of 1 December
		"2026-06-30T21:59:59Z": "2026-06-30", "2026-06-30T22:00:00Z": "2026-07-01", // in summer; at La Réunion two in the morning
		"2027-03-28T22:00:00Z": "2027-03-29", "2027-03-27T23:00:00Z": "2027-03-28", // the day of 23 hours
		"2026-10-24T22:00:00Z": "2026-10-25", "2026-10-25T22:59:59Z": "2026-10-25", // the day of 25
	} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		w.now.Store(instant.Unix())
		before := of(t, w, day)
		search(t, w.Service, booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Commune: []string{"26362"}}})
		sought(t, w)
		if n := of(t, w, day) - before; n != 1 {
			t.Errorf("at %s: %d on %s", at, n, day)
		}
	}
}

// of is how many searches are kept of a day.
func of(t *testing.T, w *world, day string) (n int) {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.ledger.SearchesIn(t.Context(), day, at.AddDate(0, 0, 1).Format(time.DateOnly))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		n += s.Number
	}
	return n
}

// lossy is a ledger whose answers are lost, whether it has kept what it was given or not.
type lossy struct {
	booking.Demands
	calls atomic.Int64
}

var errLost = errors.New("no answer came")

func (l *lossy) AddSearches(ctx context.Context, batch string, all []booking.Searches) error {
	switch l.calls.Add(1) % 4 {
	case 1:
		return errLost
	case 2:
		return errors.Join(l.Demands.AddSearches(ctx, batch, all), errLost)
	}
	return l.Demands.AddSearches(ctx, batch, all)
}

// While searches are counted and handed over at the same time, through a ledger that often does not answer, each counts once.
func TestEachSearchCountsOnce(t *testing.T) {
	w := newWorld(t)
	d := counted(t, w, &lossy{Demands: w.ledger})
	const searchers, each = 8, 50
	var searching, flushing sync.WaitGroup
	for i := range searchers {
		searching.Go(func() {
			for range each {
				commune := []string{"26362", "26108"}[i%2]
				search(t, w.Service, booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Commune: []string{commune}}})
			}
		})
	}
	done := make(chan struct{})
	for range 3 {
		flushing.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					if err := d.Flush(context.Background()); err != nil && !errors.Is(err, errLost) {
						t.Error(err)
					}
				}
			}
		})
	}
	searching.Wait()
	close(done)
	flushing.Wait()
	for d.Flush(t.Context()) != nil {
	}
	half := searchers * each / 2
	if got, want := sought(t, w), fmt.Sprintf("%s||creneau|0-1j %d; 200068781||aucun_lieu| %d", crestois, half, half); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What is read of a month is all that is ever read of it: no number under five, no month under way, no part of one.
func TestSmallNumbersAreNotTold(t *testing.T) {
	w := newWorld(t)
	d := counted(t, w, w.ledger)
	add := func(day, epci string, n int) {
		t.Helper()
		one := booking.Searches{When: day, Sought: booking.Sought{EPCI: epci, Outcome: booking.FoundLink}, Number: n}
		if err := w.ledger.AddSearches(t.Context(), day+epci, []booking.Searches{one}); err != nil {
			t.Fatal(err)
		}
	}
	add("2026-11-01", "one", 1)
	add("2026-11-01", "four", 2)
	add("2026-11-30", "four", 2)
	add("2026-11-01", "five", 4)
	add("2026-11-30", "five", 1)
	add("2026-11-02", "many", math.MaxInt32)
	add("2026-10-31", "earlier", 9)
	add("2026-12-01", "later", 9)
	w.inParis(t, "2026-12-01T23:59:59")
	if got, err := d.Report(t.Context(), "2026-11", "2026-12"); wrongField(err) != "to" {
		t.Errorf("a month that may still change is told: %v, %v", got, err)
	}
	if from, to := d.LastMonth(); from != "2026-10" || to != "2026-11" {
		t.Errorf("the last month is [%s, %s)", from, to)
	}
	w.inParis(t, "2026-12-02T00:00:00")
	from, to := d.LastMonth()
	got, err := d.Report(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, l := range got {
		told = append(told, fmt.Sprintf("%s %s %t %d", l.Month, l.EPCI, l.Few, l.Number))
	}
	want := "2026-11 five false 5; 2026-11 four true 0; 2026-11 many false 2147483647; 2026-11 one true 0"
	if strings.Join(told, "; ") != want {
		t.Errorf("%q", strings.Join(told, "; "))
	}
	if _, err := d.Report(t.Context(), "2026-11", "2026-11"); wrongField(err) != "to" {
		t.Errorf("an empty time: %v", err)
	}
}

// What comes when its month may have been read is not added to it.
func TestAMonthThatWasReadDoesNotChange(t *testing.T) {
	w := newWorld(t)
	d := counted(t, w, &lossy{Demands: w.ledger}) // the first call fails
	w.inParis(t, "2026-11-30T23:59:59")
	search(t, w.Service, booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Commune: []string{"26362"}}})
	if err := d.Flush(t.Context()); err == nil {
		t.Fatal("nothing was lost")
	}
	w.inParis(t, "2026-12-02T00:00:00")
	search(t, w.Service, booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Commune: []string{"26362"}}})
	for d.Flush(t.Context()) != nil {
	}
	if of(t, w, "2026-11-30") != 0 || of(t, w, "2026-12-02") != 1 {
		t.Errorf("%d and %d", of(t, w, "2026-11-30"), of(t, w, "2026-12-02"))
	}
}

func TestMonthsAreReadWhole(t *testing.T) {
	for text, want := range map[string]booking.Month{
		"2026-11": "2026-11", "2026-11-01": "2026-11", "2026-11-02": "", "2026": "", "11-2026": "", "": "", "2026-13": "", "hier": "",
	} {
		got, err := booking.ParseMonth("from", text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
