package booking

import (
	"slices"
	"strings"
	"time"
)

// Evening is what a place has asked for: the list of the next day, by mail, each evening.
type Evening struct {
	Place   string // the id that it had when it asked
	Address string // empty: it wants none
	Told    string // the last day that it was told of, or that was given up, YYYY-MM-DD; empty: none yet
	Untold  bool   // the last list has not gone, or not yet
}

// The list of a day is due from the evening before on; one that is late may still come in the night, when no telephone rings
// for it, until somebody comes to work.
const (
	listFrom  = 18 // h on the clock of the place, the day before
	listUntil = 8
)

// Midnight is when the day of an instant begins, on the clock of a place.
func Midnight(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// ListDue is the day whose list is due at an instant, as its midnight on the clock of the place; false where none is.
func ListDue(now time.Time, zone *time.Location) (day time.Time, ok bool) {
	switch hour, today := now.In(zone).Hour(), Midnight(now, zone); {
	case hour >= listFrom:
		return today.AddDate(0, 0, 1), true
	case hour < listUntil:
		return today, true
	}
	return time.Time{}, false
}

// AddressesOf are those that a place is written to, each once: where its agendas say that it hears of appointments, and those
// that it publishes.
func (s *Service) AddressesOf(p *Place) []string {
	var all []string
	for _, a := range s.Agendas.OfPlace(p).Agendas {
		all = append(all, a.Notice)
	}
	var out []string
	for _, address := range append(all, p.Emails...) {
		address = strings.TrimSpace(address)
		same := func(x string) bool { return strings.EqualFold(x, address) }
		if _, ok := ParseEmail(address); ok && !slices.ContainsFunc(out, same) {
			out = append(out, address)
		}
	}
	return out
}
