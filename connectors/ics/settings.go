package ics

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"passerelle/connectors/icalendar"
)

// Settings say what the events of the feed mean.
type Settings struct {
	Openings Openings `json:"ouvertures"`
	Owner    string   `json:"proprietaire"` // mail address: what its owner has declined takes no time
	// Events of these kinds leave their time free: "provisoire", "absent_du_bureau", "travaille_ailleurs".
	Free         []string `json:"libres"`
	CalendarZone bool     `json:"fuseau_du_calendrier"` // X-WR-TIMEZONE goes before the connection's zone
}

// options are the settings as the reader of calendars takes them.
func (s Settings) options() (icalendar.Options, error) {
	o := icalendar.Options{Openings: s.Openings.rule, Owner: s.Owner, CalendarZone: s.CalendarZone}
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

// Openings say which events are openings. The zero value: none, every event is busy time. In JSON it is one of
//
//	""                                        none
//	"toutes"                                  every event
//	{"categorie": "Permanence"}               those of a category, without case
//	{"resume": "^permanence|atelier ouvert"}  those whose summary matches a pattern (RE2), without case
//
// An event that is no opening is busy time. An object with both keys takes the events that either names.
type Openings struct {
	rule *icalendar.Openings // nil: none
}

// UnmarshalJSON refuses what it does not know, with the name of the key.
func (o *Openings) UnmarshalJSON(data []byte) error {
	var word string
	if json.Unmarshal(data, &word) == nil {
		switch word {
		case "":
			o.rule = nil
		case "toutes":
			o.rule = &icalendar.Openings{}
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
	o.rule = &icalendar.Openings{}
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
