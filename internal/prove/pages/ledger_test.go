package pages

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"passerelle/booking"
	"passerelle/internal/prove/gateway"
)

// taken lists what somebody has booked, as the ledger has it.
func (s *Site) taken(t *testing.T, address string) []booking.Appointment {
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
			rows, err := gateway.Holdings(t.Context(), s.gateway.Lookup, s.gateway.Data(), "compte:"+account.ID)
			if err != nil {
				t.Fatal(err)
			}
			return slices.DeleteFunc(rows, func(a booking.Appointment) bool { return a.Taken.IsZero() })
		}
	}
	t.Fatalf("nobody has signed in as %s", address)
	return nil
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
