package icalendar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/connectors/interval"
)

// Of two overrides of one instance the newer stands: by its SEQUENCE, or else by LAST-MODIFIED, or by DTSTAMP where that says nothing.
func TestOfTwoOverridesTheNewerStands(t *testing.T) {
	for name, c := range map[string]struct{ at10, at15, want string }{
		"by its sequence":          {"SEQUENCE:2\nLAST-MODIFIED:20260101T080000Z", "SEQUENCE:1\nLAST-MODIFIED:20260301T080000Z", "10"},
		"by its modification":      {"LAST-MODIFIED:20260201T080000Z\nDTSTAMP:20260101T080000Z", "LAST-MODIFIED:20260101T080000Z\nDTSTAMP:20260301T080000Z", "10"},
		"whatever stands first":    {"DTSTAMP:20260301T080000Z\nLAST-MODIFIED:20260101T080000Z", "DTSTAMP:20260101T080000Z\nLAST-MODIFIED:20260201T080000Z", "15"},
		"by its stamp":             {"DTSTAMP:20260101T080000Z", "DTSTAMP:20260201T080000Z", "15"},
		"where the other is junk":  {"LAST-MODIFIED:hier\nDTSTAMP:20260301T080000Z", "LAST-MODIFIED:20260201T080000Z", "10"},
		"where the other has none": {"", "DTSTAMP:20260101T080000Z", "15"},
	} {
		event := func(lines ...string) string {
			return strings.Join(slices.Concat([]string{"BEGIN:VEVENT", "UID:a"}, lines, []string{"DURATION:PT1H", "END:VEVENT", ""}), "\n")
		}
		text := "BEGIN:VCALENDAR\nVERSION:2.0\n" + event("DTSTART:20260601T080000Z", "RRULE:FREQ=WEEKLY;COUNT=1") +
			event("RECURRENCE-ID:20260601T080000Z", "DTSTART:20260601T100000Z", c.at10) +
			event("RECURRENCE-ID:20260601T080000Z", "DTSTART:20260601T150000Z", c.at15) + "END:VCALENDAR\n"
		window := interval.Of(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 8, 0, 0, 0, 0, time.UTC))
		got, err := Read([]byte(text), window, Options{})
		if err != nil || len(got.Occurrences) != 1 || got.Occurrences[0].StartTime().Format("15") != c.want {
			t.Errorf("%s: %v, %v, want one at %s", name, got, err, c.want)
		}
	}
}
