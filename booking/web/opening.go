package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// weekHours are the openings of each day of the week, from Monday on, as minutes of the day.
type weekHours [7][]opening

type opening struct{ from, to int }

var (
	weekdays  = [...]string{"Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"}
	shortDays = [...]string{"lu", "ma", "me", "je", "ve", "sa", "di"} // of package native's settings
	osmDays   = [...]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"} // of OSM opening_hours
)

var (
	spanShape = regexp.MustCompile(`^(\d{1,2}) ?(?:h|:)? ?(\d{2})? ?(?:-|–|à|a) ?(\d{1,2}) ?(?:h|:)? ?(\d{2})?$`)

	errSpan  = errors.New("Écrivez par exemple : 9h-12h, 14h-17h30")
	errOrder = errors.New("Chaque heure de fin doit venir après l'heure de début, et les plages se suivre.")
)

// readOpenings reads a day's openings as people write them: "9h-12h, 14h-17h30", "09:00 - 12:00". Nothing is a day that is closed.
func readOpenings(text string) ([]opening, error) {
	var out []opening
	for part := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		part = strings.Join(strings.Fields(part), " ")
		if part == "" || part == "fermé" || part == "ferme" {
			continue
		}
		m := spanShape.FindStringSubmatch(part)
		if m == nil {
			return nil, errSpan
		}
		o := opening{minutes(m[1], m[2]), minutes(m[3], m[4])}
		if o.from >= o.to || o.to > 24*60 || len(out) > 0 && out[len(out)-1].to > o.from {
			return nil, errOrder
		}
		out = append(out, o)
	}
	return out, nil
}

// minutes of the day; what is no time of day is too late for any.
func minutes(hour, minute string) int {
	h, _ := strconv.Atoi(hour) // two digits at most, as the shape has it
	m, _ := strconv.Atoi(minute)
	if m > 59 {
		return 25 * 60
	}
	return h*60 + m
}

func (o opening) String() string {
	clock := func(m int) string {
		if m%60 == 0 {
			return fmt.Sprintf("%dh", m/60)
		}
		return fmt.Sprintf("%dh%02d", m/60, m%60)
	}
	return clock(o.from) + "-" + clock(o.to)
}

// words are a day's openings as readOpenings reads them.
func words(day []opening) string {
	out := make([]string, len(day))
	for i, o := range day {
		out[i] = o.String()
	}
	return strings.Join(out, ", ")
}

// osm writes them as OSM opening_hours; empty where nothing is open.
func (w weekHours) osm() string {
	var rules []string
	for i, day := range w {
		var spans []string
		for _, o := range day {
			spans = append(spans, fmt.Sprintf("%02d:%02d-%02d:%02d", o.from/60, o.from%60, o.to/60, o.to%60))
		}
		if len(spans) > 0 {
			rules = append(rules, osmDays[i]+" "+strings.Join(spans, ","))
		}
	}
	return strings.Join(rules, "; ")
}

// openingsOfOSM reads back what osm writes; false for what somebody else has written.
func openingsOfOSM(text string) (w weekHours, ok bool) {
	for rule := range strings.SplitSeq(text, "; ") {
		day, spans, _ := strings.Cut(rule, " ")
		for i, name := range osmDays {
			if name == day {
				w[i], _ = readOpenings(spans)
			}
		}
	}
	return w, w.osm() == text
}

// nativeSettings are the settings of an agenda that is kept here, as package native reads them.
type nativeSettings struct {
	Weekly     []nativeOpening   `json:"ouvertures"`
	Exceptions []nativeException `json:"exceptions,omitempty"`
}

type nativeOpening struct {
	Days  []string `json:"jours"`
	From  string   `json:"de"`
	To    string   `json:"a"`
	Since string   `json:"du,omitempty"`
	Until string   `json:"au,omitempty"`
}

type nativeException struct {
	Start string `json:"debut"`
	End   string `json:"fin,omitempty"`
	Open  bool   `json:"ouvert,omitempty"`
}

// weekly are the openings of a week as settings.
func (w weekHours) weekly() []nativeOpening {
	out := []nativeOpening{}
	for i, day := range w {
		for _, o := range day {
			out = append(out, nativeOpening{
				Days: []string{shortDays[i]}, From: fmt.Sprintf("%02d:%02d", o.from/60, o.from%60), To: fmt.Sprintf("%02d:%02d", o.to/60, o.to%60),
			})
		}
	}
	return out
}

// openingsOfNative reads the week of settings; false where they say more than a page can: seasons.
func openingsOfNative(settings json.RawMessage) (s nativeSettings, w weekHours, ok bool) {
	if len(settings) > 0 && json.Unmarshal(settings, &s) != nil {
		return s, w, false
	}
	for _, o := range s.Weekly {
		spans, err := readOpenings(o.From + "-" + o.To)
		if err != nil || o.Since != "" || o.Until != "" {
			return s, w, false
		}
		for i, name := range shortDays {
			for _, day := range o.Days {
				if strings.EqualFold(day, name) {
					w[i] = append(w[i], spans...)
				}
			}
		}
	}
	return s, w, true
}
