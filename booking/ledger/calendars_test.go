package ledger

import (
	"sync"
	"testing"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors"
)

func TestTheAddressOfACalendarIsOneAndEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, l *Ledger) {
		a, err := l.SignIn(t.Context(), signin.SignIn{Key: "k", Session: "s", Expires: epoch.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		before, place := &booking.Place{ID: "ancien"}, &booking.Place{ID: "lieu", Aliases: []string{"ancien"}}
		open := func(p *booking.Place) string {
			t.Helper()
			token, err := l.OpenCalendar(t.Context(), p, a.ID)
			if err != nil || len(token) != 43 {
				t.Fatalf("%q, %v", token, err)
			}
			return token
		}
		shows := func(token, want string) {
			t.Helper()
			got, by, err := l.OfCalendar(t.Context(), token)
			if want == "" && connectors.KindOf(err) != connectors.NotFound || want != "" && (err != nil || got != want || by != a.ID) {
				t.Errorf("the address shows %q of %q, %v; want %q", got, by, err, want)
			}
		}
		old := open(before)
		shows(old, "ancien")
		if by, since, err := l.Calendar(t.Context(), place); err != nil || by != a.ID || !since.Equal(l.moment()) {
			t.Errorf("under the id that it had: %q, %v, %v", by, since, err)
		}
		next := open(place)
		shows(old, "")
		shows(next, "lieu")
		other := open(&booking.Place{ID: "autre"})
		var kept int
		if _, err := l.read.first(t.Context(), []any{&kept}, "SELECT count(*) FROM calendars WHERE digest IN (?, ?, ?)", old, next, other); err != nil || kept != 0 {
			t.Errorf("%d tokens are kept as they are, %v", kept, err)
		}
		if err := l.CloseCalendar(t.Context(), place, a.ID); err != nil {
			t.Error(err)
		}
		shows(next, "")
		shows(other, "autre")
		if by, _, err := l.Calendar(t.Context(), place); err != nil || by != "" {
			t.Errorf("ended: %q, %v", by, err)
		}

		var all sync.WaitGroup
		tokens := make([]string, 4)
		for i := range tokens {
			all.Go(func() { tokens[i], _ = l.OpenCalendar(t.Context(), place, a.ID) })
		}
		all.Wait()
		good := 0
		for _, token := range tokens {
			if _, _, err := l.OfCalendar(t.Context(), token); err == nil {
				good++
			}
		}
		if good != 1 {
			t.Errorf("of addresses that were made at once %d are good", good)
		}
		if err := l.EraseAccount(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		shows(other, "")
	})
}
