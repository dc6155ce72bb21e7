package ledger

import (
	"path/filepath"
	"testing"

	"passerelle/booking/ledger/ledgertest"
	"passerelle/internal/testservers"
)

func TestSearchesAreCounted(t *testing.T) {
	on := func(place func(testing.TB) Options) func(testing.TB) *ledgertest.SearchesFixture {
		return func(t testing.TB) *ledgertest.SearchesFixture {
			o := place(t)
			one, clock := opened(t, o)
			other, _ := opened(t, o)
			return &ledgertest.SearchesFixture{
				Instances: [2]ledgertest.SearchesLedger{one, other}, Clock: clock, Count: fixture(one, clock, "").Count,
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		ledgertest.RunSearches(t, on(func(t testing.TB) Options { return Options{Path: filepath.Join(t.TempDir(), "registre.db")} }))
	})
	t.Run("postgres", func(t *testing.T) {
		server := testservers.StartPostgres(t, "fsync=off")
		ledgertest.RunSearches(t, on(func(t testing.TB) Options { return Options{URL: server.NewDatabase(t)} }))
	})
}
