package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/booking"
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

// weekOf reads the hours that a connection gives; false where they say more than seven days' openings do.
func weekOf(c booking.Connection) (w weekHours, ok bool) {
	if c.Connector == "native" {
		_, w, ok = openingsOfNative(c.Settings)
		return w, ok
	}
	return openingsOfOSM(c.Hours)
}

// foreignHours are the hours of a connection that a page cannot change, as they are read.
func foreignHours(c booking.Connection) (out []string) {
	if _, ok := weekOf(c); ok {
		return nil
	}
	if c.Connector != "native" {
		return []string{c.Hours}
	}
	s, _, _ := openingsOfNative(c.Settings)
	for _, o := range s.Weekly {
		out = append(out, o.String())
	}
	return out
}

// String is an opening as it is read: "lundi, mardi : 09:00-12:00, du jeudi 1er janvier 2026".
func (o nativeOpening) String() string {
	days := make([]string, len(o.Days))
	for i, name := range o.Days {
		days[i] = name
		if at := slices.Index(shortDays[:], strings.ToLower(name)); at >= 0 {
			days[i] = strings.ToLower(weekdays[at])
		}
	}
	text := strings.Join(days, ", ") + " : " + o.From + "-" + o.To
	for _, x := range [][2]string{{" du ", o.Since}, {" jusqu'au ", o.Until}} {
		if day, err := time.Parse(time.DateOnly, x[1]); err == nil {
			text += fmt.Sprintf(",%s%s %d", x[0], booking.DayInWords(day, time.UTC), day.Year())
		}
	}
	return text
}

// openingsOfNative reads the week of settings; false where they say more than a page can: seasons, openings that overlap.
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
	for _, day := range w {
		slices.SortFunc(day, func(a, b opening) int { return a.from - b.from })
		if _, err := readOpenings(words(day)); err != nil {
			return s, w, false
		}
	}
	return s, w, true
}
