package booking

import (
	"slices"
	"testing"
)

// What calendars show firm was agreed by the place, what they strike out has freed its slot, and the rest may still be either.
func TestCalendarsShowWhatIsCertain(t *testing.T) {
	agreed := []Status{Confirmed, Honoured, Missed}
	for _, s := range Statuses() {
		want := "TENTATIVE"
		if slices.Contains(agreed, s) {
			want = "CONFIRMED"
		} else if !s.Occupies() {
			want = "CANCELLED"
		}
		if got := s.InCalendars(); got != want {
			t.Errorf("%s is %s in calendars, not %s", s, got, want)
		}
	}
}
