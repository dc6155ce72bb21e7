package pages

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"passerelle/booking"
	"passerelle/internal/prove/gateway"
)

// account is the id of who has signed in with an address.
func (s *Site) account(t *testing.T, address string) string {
	t.Helper()
	for line := range strings.Lines(s.Run(t, "account", "list", "--json")) {
		var account struct {
			ID      string `json:"id"`
			Address string `json:"courriel"`
		}
		if err := json.Unmarshal([]byte(line), &account); err != nil {
			t.Fatal(err)
		}
		if account.Address == address {
			return account.ID
		}
	}
	t.Fatalf("nobody has signed in as %s", address)
	return ""
}

// taken lists what somebody has booked, as the ledger has it.
func (s *Site) taken(t *testing.T, address string) []booking.Appointment {
	t.Helper()
	rows, err := gateway.Holdings(t.Context(), s.gateway.Lookup, s.gateway.Data(), "compte:"+s.account(t, address))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(rows, func(a booking.Appointment) bool { return a.Taken.IsZero() })
}

// want fails the test unless somebody has booked just so many appointments, which stand so, in whatever order.
func (s *Site) want(t *testing.T, address string, statuses ...string) {
	t.Helper()
	var got []string
	for _, a := range s.taken(t, address) {
		got = append(got, a.Status.Wire())
	}
	slices.Sort(got)
	if slices.Sort(statuses); !slices.Equal(got, statuses) {
		t.Errorf("%s has the appointments %q, want %q", address, got, statuses)
	}
}
