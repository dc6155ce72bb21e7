package ledgertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/held"
)

// SearchesLedger is a ledger that counts searches, and forgets them in time.
type SearchesLedger interface {
	booking.Demands
	Purge(ctx context.Context, before time.Time) error
}

// SearchesFixture is one fresh ledger, as two instances have it open, on a clock that the test holds.
type SearchesFixture struct {
	Instances [2]SearchesLedger
	Clock     *held.Clock
	Count     func(t testing.TB, query string) int // as Fixture
}

// RunSearches runs the suite of what counting searches asks.
func RunSearches(t *testing.T, open func(testing.TB) *SearchesFixture) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, *SearchesFixture)
	}{
		{"searches add up by month", searchesAddUpByMonth},
		{"a batch counts once", aBatchCountsOnce},
		{"two instances lose nothing of each other's", twoInstancesLoseNothing},
		{"searches are forgotten by whole months", searchesAreForgottenByWholeMonths},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

func searches(day, epci string, n int) booking.Searches {
	return booking.Searches{When: day, Sought: booking.Sought{EPCI: epci, Outcome: booking.FoundLink}, Number: n}
}

func (f *SearchesFixture) add(t *testing.T, batch string, all ...booking.Searches) {
	t.Helper()
	if err := f.Instances[0].AddSearches(t.Context(), batch, all); err != nil {
		t.Fatal(err)
	}
}

// in tells what the second instance reads of [from, to).
func (f *SearchesFixture) in(t *testing.T, from, to string) string {
	t.Helper()
	all, err := f.Instances[1].SearchesIn(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range all {
		lines = append(lines, fmt.Sprintf("%s %s|%s|%s|%s %d", s.When, s.EPCI, s.Service, s.Outcome, s.Wait, s.Number))
	}
	return strings.Join(lines, "; ")
}

func searchesAddUpByMonth(t *testing.T, f *SearchesFixture) {
	slot := booking.Sought{EPCI: "200040509", Service: "Aide aux démarches administratives", Outcome: booking.FoundSlot, Wait: "2-3j"}
	f.add(t, "1", booking.Searches{When: "2026-11-01", Sought: slot, Number: 2}, searches("2026-11-01", "", 1), searches("2026-10-31", "", 8))
	f.add(t, "2", booking.Searches{When: "2026-11-01", Sought: slot, Number: 3}, booking.Searches{When: "2026-11-30", Sought: slot, Number: 4})
	f.add(t, "3", searches("2026-12-01", "", 16))
	f.add(t, "4")
	const november = "2026-11 ||lien| 1; 2026-11 200040509|Aide aux démarches administratives|creneau|2-3j 9"
	if got := f.in(t, "2026-11-01", "2026-12-01"); got != november {
		t.Errorf("November: %q", got)
	}
	if got, want := f.in(t, "2026-10-01", "2027-01-01"), "2026-10 ||lien| 8; "+november+"; 2026-12 ||lien| 16"; got != want {
		t.Errorf("three months: %q, want %q", got, want)
	}
	if got := f.in(t, "2026-09-01", "2026-10-01"); got != "" {
		t.Errorf("a month without searches: %q", got)
	}
}

func aBatchCountsOnce(t *testing.T, f *SearchesFixture) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { // whoever lost the answer asks again, perhaps while the first call is still under way
			if err := f.Instances[i%2].AddSearches(t.Context(), "one", []booking.Searches{searches("2026-11-01", "", 3)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := f.in(t, "2026-11-01", "2026-12-01"); got != "2026-11 ||lien| 3" {
		t.Errorf("%q", got)
	}
}

func twoInstancesLoseNothing(t *testing.T, f *SearchesFixture) {
	const batches = 40
	var all sync.WaitGroup
	for i, instance := range f.Instances {
		all.Go(func() {
			for n := range batches {
				counted := []booking.Searches{searches("2026-11-01", "a", 1), searches("2026-11-01", "b", 2), searches("2026-11-02", "a", 3)}
				if err := instance.AddSearches(t.Context(), fmt.Sprint(i, "-", n), counted); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got, want := f.in(t, "2026-11-01", "2026-12-01"), "2026-11 a||lien| 320; 2026-11 b||lien| 160"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Half of a month would tell, beside what was read of the whole, what its other half was.
func searchesAreForgottenByWholeMonths(t *testing.T, f *SearchesFixture) {
	f.add(t, "1", searches("2026-11-01", "", 1), searches("2026-11-30", "", 2), searches("2026-12-01", "", 4))
	purge := func(at time.Time) {
		t.Helper()
		f.Clock.Set(at)
		if err := f.Instances[0].Purge(t.Context(), at.AddDate(0, 0, -30)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2029, 11, 15, 12, 0, 0, 0, time.UTC), "2026-11 ||lien| 3; 2026-12 ||lien| 4"},
		{time.Date(2029, 11, 30, 12, 0, 0, 0, time.UTC), "2026-11 ||lien| 3; 2026-12 ||lien| 4"},
		{time.Date(2029, 12, 1, 12, 0, 0, 0, time.UTC), "2026-12 ||lien| 4"},
		{time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC), ""},
	} {
		purge(c.at)
		if got := f.in(t, "2026-01-01", "2030-02-01"); got != c.want {
			t.Errorf("on %s: %q, want %q", c.at.Format(time.DateOnly), got, c.want)
		}
	}
	if n := f.Count(t, "SELECT count(*) FROM search_batches"); n != 0 {
		t.Errorf("%d batches are still remembered", n)
	}
}
