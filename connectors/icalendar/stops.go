package icalendar

import (
	"slices"
	"strings"

	"passerelle/connectors/interval"
)

// Stop is an opening at one of the places that an itinerant agenda goes to. Place is its id in the settings. The shape is
// that of connectors.Stop, so that one converts to the other.
type Stop struct {
	interval.Interval
	Place string
}

// Offered is the time that a calendar offers: open, sorted and disjoint, and of it, where there are stops, which of them
// each opening is. An opening that is at none of them, or at several, is not offered: it is nowhere.
func (s Settings) Offered(c *Calendar) (open []interval.Interval, stops []Stop, nowhere []Doubt) {
	if len(s.Stops) == 0 {
		return c.Open(), nil, nil
	}
	for _, o := range c.Occurrences {
		if o.Meaning != Open {
			continue
		}
		place, ok := s.stop(o.Event)
		if !ok {
			nowhere = append(nowhere, Doubt{o.Interval, "Cette ouverture n'est à aucune des étapes du raccordement, ou à plusieurs."})
			continue
		}
		open, stops = append(open, o.Interval), append(stops, Stop{o.Interval, place})
	}
	return interval.Union(open), stops, nowhere
}

// stop is where an event is: a word of its place, or one of its categories, says so.
func (s Settings) stop(e *Event) (place string, ok bool) {
	location := strings.ToLower(e.Location)
	for id, words := range s.Stops {
		if !slices.ContainsFunc(words, func(word string) bool {
			return word != "" && strings.Contains(location, strings.ToLower(word)) ||
				slices.ContainsFunc(e.Categories, func(c string) bool { return strings.EqualFold(c, word) })
		}) {
			continue
		}
		if ok {
			return "", false
		}
		place, ok = id, true
	}
	return place, ok
}
