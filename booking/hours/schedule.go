package hours

import "strings"

// Understanding (lu) is how much of a value was read. Its value is its wire name.
type Understanding string

// The degrees of understanding.
const (
	All     Understanding = "tout"   // every rule was read
	Part    Understanding = "partie" // some days are read; those that the rest names are unknown
	Nothing Understanding = "rien"   // nothing certain may be said: all time is unknown
)

// What a value may cost. Real values stay under 1 KB and 50 pieces.
const (
	maxLength = 8 << 10
	maxPieces = 512 // rules, selectors and spans of time together
)

// Schedule is a value that was read: an immutable list of rules. The zero Schedule understands nothing.
type Schedule struct {
	rules         []rule // the last one closes on public holidays; see usual
	namesHolidays bool   // the value says something about PH
	spills        bool   // a span runs over midnight
	understood    Understanding
	doubts        []string // what was not understood and why, in French
}

// Parse reads an OSM opening_hours value
// (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification) and common French slips ("Lu-Ve 9h-12h",
// "du lundi au vendredi de 9h à 12h"). It never fails: Understood and Reason tell what was not read.
func Parse(value string) *Schedule {
	s := &Schedule{understood: Nothing}
	switch {
	case len(value) > maxLength:
		s.doubts = []string{"valeur de plus de 8 Ko"}
		return s
	case strings.TrimSpace(value) == "":
		s.doubts = []string{"aucun horaire"}
		return s
	}
	p := parser{value: value, schedule: s}
	p.tokens, p.french = scan(value)
	p.parse()
	return s
}

// Understood says how much of the value was read.
func (s *Schedule) Understood() Understanding {
	if s.understood == "" {
		return Nothing
	}
	return s.understood
}

// Reason says in French what was not read and why. It is empty when Understood is All.
func (s *Schedule) Reason() string { return strings.Join(s.doubts, " ; ") }

// usual returns the rules as they hold where a value that does not mention public holidays holds on them too
// (asUsual), or else is closed on them.
func (s *Schedule) usual(asUsual bool) []rule {
	n := len(s.rules)
	if n > 0 && (asUsual || s.namesHolidays) {
		return s.rules[:n-1]
	}
	return s.rules
}
