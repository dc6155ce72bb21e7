package icalendar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// Settings say what the events of a calendar mean, as the settings of every connector that reads one write it. The zero
// value: every event is busy time.
type Settings struct {
	Openings OpeningsSetting `json:"ouvertures"`
	// Stops of an itinerant agenda: the id of each place, and the words that stand in the LOCATION, or as a category, of
	// the openings that are there.
	Stops map[string][]string `json:"etapes"`
	Owner string              `json:"proprietaire"` // mail address: what its owner has declined takes no time
	// Events of these kinds leave their time free: "provisoire", "absent_du_bureau", "travaille_ailleurs".
	Free         []string `json:"libres"`
	CalendarZone bool     `json:"fuseau_du_calendrier"` // X-WR-TIMEZONE goes before the connection's zone
}

// Options are the settings as Read takes them; the zone is the caller's. The error names the setting.
func (s Settings) Options() (Options, error) {
	for place, words := range s.Stops {
		if s.Openings.rule == nil {
			return Options{}, errors.New("etapes: ouvertures must say which events are openings")
		}
		if place == "" || len(words) == 0 || slices.Contains(words, "") {
			return Options{}, errors.New("etapes: each is the id of a place and at least one word")
		}
	}
	o := Options{Openings: s.Openings.rule, Owner: s.Owner, CalendarZone: s.CalendarZone}
	for _, kind := range s.Free {
		switch kind {
		case "provisoire":
			o.FreeTentative = true
		case "absent_du_bureau":
			o.FreeOutOfOffice = true
		case "travaille_ailleurs":
			o.FreeElsewhere = true
		default:
			return o, fmt.Errorf("libres: %q is none of provisoire, absent_du_bureau, travaille_ailleurs", kind)
		}
	}
	return o, nil
}

// OpeningsSetting says which events are openings. The zero value: none, every event is busy time. In JSON it is one of
//
//	""                                        none
//	"toutes"                                  every event
//	{"categorie": "Permanence"}               those of a category, without case
//	{"resume": "^permanence|atelier ouvert"}  those whose summary matches a pattern (RE2), without case
//
// An event that is no opening is busy time. An object with both keys takes the events that either names.
type OpeningsSetting struct {
	rule *Openings // nil: none
}

// UnmarshalJSON refuses what it does not know, with the name of the key.
func (o *OpeningsSetting) UnmarshalJSON(data []byte) error {
	var word string
	if json.Unmarshal(data, &word) == nil {
		switch word {
		case "":
			o.rule = nil
		case "toutes":
			o.rule = &Openings{}
		default:
			return fmt.Errorf("ouvertures: %q is neither empty nor \"toutes\"", word)
		}
		return nil
	}
	var by struct {
		Category string `json:"categorie"`
		Summary  string `json:"resume"`
	}
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&by); err != nil {
		return fmt.Errorf("ouvertures: %w", err)
	}
	if by.Category == "" && by.Summary == "" {
		return errors.New("ouvertures: categorie or resume must be given")
	}
	o.rule = &Openings{}
	if by.Category != "" {
		o.rule.Categories = []string{by.Category}
	}
	if by.Summary != "" {
		pattern, err := regexp.Compile("(?i)" + by.Summary)
		if err != nil {
			return fmt.Errorf("ouvertures.resume: %w", err)
		}
		o.rule.Summary = pattern
	}
	return nil
}
