package ledger

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"passerelle/internal/held"
	"passerelle/internal/testservers"
)

func TestPostgres(t *testing.T) {
	server := testservers.StartPostgres(t, "fsync=off") // what is asked here is who wins, not what a power cut leaves
	pass(t, func(t testing.TB) (*Ledger, *held.Clock) {
		return opened(t, Options{URL: server.NewDatabase(t)})
	}, "ALTER TABLE claims DROP CONSTRAINT no_overlap")
}

func TestConnectionsComeBackFromPostgres(t *testing.T) {
	l, _ := opened(t, Options{URL: testservers.StartPostgres(t, "fsync=off").NewDatabase(t)})
	connectionsComeBack(t, l)
}

// Instances that start at the same time agree on a secret.
func TestASecretIsDrawnOnce(t *testing.T) {
	url := testservers.StartPostgres(t, "fsync=off").NewDatabase(t)
	var found [4][]byte
	var wg sync.WaitGroup
	for i := range found {
		l, _ := opened(t, Options{URL: url})
		wg.Go(func() {
			var err error
			if found[i], err = l.Secret(t.Context(), "personnes"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, other := range found {
		if len(other) != 32 || !bytes.Equal(other, found[0]) {
			t.Errorf("%x and %x", other, found[0])
		}
	}
}

func TestADatabaseWithoutALedgerStaysAsItIs(t *testing.T) {
	o := Options{URL: testservers.StartPostgres(t, "fsync=off").NewDatabase(t), Keys: [][]byte{testKey}, Existing: true}
	for range 2 {
		if _, err := Open(t.Context(), o); !errors.Is(err, ErrNoLedger) {
			t.Fatalf("got %v, want ErrNoLedger", err)
		}
	}
	opened(t, Options{URL: o.URL})
	opened(t, Options{URL: o.URL, Existing: true})
}
