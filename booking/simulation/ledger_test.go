package simulation

import (
	"strings"
	"testing"

	"passerelle/booking/ledger/ledgertest"
	"passerelle/internal/held"
)

// The ledger of the simulation keeps the same rules as the real one: it passes the same suite.
func TestTheLedgerIsALedger(t *testing.T) {
	ledgertest.Run(t, func(t testing.TB) *ledgertest.Fixture {
		clock := held.NewClock(ledgertest.Epoch)
		l := NewLedger(LedgerOptions{Now: clock.Now})
		return &ledgertest.Fixture{
			Ledger: l, Clock: clock,
			Count:     func(t testing.TB, query string) int { return l.count(t, query) },
			Unprotect: func(testing.TB) { l.Unprotected = true },
		}
	})
}

// count answers the questions that the suite asks in SQL. One that it does not know fails the test.
func (l *Ledger) count(t testing.TB, query string) (n int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	table, where, _ := strings.Cut(strings.TrimPrefix(query, "SELECT count(*) FROM "), " ")
	id := strings.TrimSuffix(strings.TrimPrefix(where, "WHERE appointment = '"), "'")
	switch {
	case table == "claims" && where == "":
		for _, c := range l.claims {
			n += c.seats
		}
	case table == "claims" && strings.HasPrefix(where, "WHERE"):
		n = l.claims[id].seats
	case table == "claims" && strings.HasPrefix(where, "a JOIN claims b"):
		for _, a := range l.claims {
			for _, b := range l.claims {
				if a.agenda == b.agenda && a.session < b.session && a.Overlaps(b.Interval) {
					n++
				}
			}
		}
	case table == "details":
		if l.appointments[id].Details != nil {
			n = 1
		}
	case table == "audit":
		n = len(l.audited)
	default:
		t.Fatalf("a question that this ledger does not know: %s", query)
	}
	return n
}
