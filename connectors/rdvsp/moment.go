package rdvsp

import (
	"errors"
	"time"
)

// rubyTime is how the software writes a time nearly everywhere.
const rubyTime = "2006-01-02 15:04:05 -0700"

var errMoment = errors.New("a time cannot be read")

// moment reads a time as the software writes it: ISO 8601 with seconds and an offset (slots), or Ruby's own. What it
// writes for ANTS ("2026-11-01T09:00Z") is neither: its Z is not meant, and it must not be read as UTC.
func moment(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, rubyTime} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errMoment // the text may be anything
}
