package directory

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/booking"
)

// territory is a part of France with its own clock, and a box of degrees that holds it.
type territory struct {
	department               string // empty for metropolitan France
	zone                     string // IANA
	south, north, west, east float64
}

var territories = []territory{
	{"", "Europe/Paris", 41, 51.6, -5.8, 10},
	{"971", "America/Guadeloupe", 15.7, 16.7, -62, -60.8},
	{"972", "America/Martinique", 14.2, 15, -61.4, -60.6},
	{"973", "America/Cayenne", 2, 6.2, -55, -51.4},
	{"974", "Indian/Reunion", -21.6, -20.7, 55, 56},
	{"975", "America/Miquelon", 46.6, 47.3, -56.6, -56},
	{"976", "Indian/Mayotte", -13.2, -12.4, 44.8, 45.5},
	{"977", "America/St_Barthelemy", 17.8, 18, -63, -62.7},
	{"978", "America/Marigot", 18, 18.2, -63.2, -62.9},
	{"986", "Pacific/Wallis", -14.6, -13, -178.4, -175.9},
	{"987", "Pacific/Tahiti", -28.2, -7.5, -155.2, -134},
	{"988", "Pacific/Noumea", -23.2, -17.5, 158, 169},
}

// Islands of French Polynesia that do not live by Tahiti's clock, by INSEE code.
const gambier = "98719"

var marquesas = []string{"98718", "98723", "98731", "98746", "98756", "98757"}

// zones are the clocks of France, loaded once for a file.
type zones map[string]*time.Location

func loadZones() (zones, error) {
	loaded := zones{}
	names := []string{"Pacific/Marquesas", "Pacific/Gambier"}
	for _, t := range territories {
		names = append(names, t.zone)
	}
	for _, name := range names {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return nil, fmt.Errorf("directory: time zones: %w", err)
		}
		loaded[name] = zone
	}
	return loaded, nil
}

// of answers the clock of a place by its codes, or else by its point, or else that of Paris.
func (z zones) of(p *booking.Place) *time.Location {
	switch {
	case p.INSEE == gambier:
		return z["Pacific/Gambier"]
	case slices.Contains(marquesas, p.INSEE):
		return z["Pacific/Marquesas"]
	}
	department := p.Department()
	for _, t := range territories {
		if department == t.department && department != "" || department == "" && p.Point != nil && t.holds(*p.Point) {
			return z[t.zone]
		}
	}
	return z["Europe/Paris"]
}

func (t territory) holds(p booking.Point) bool {
	return t.south <= p.Latitude && p.Latitude <= t.north && t.west <= p.Longitude && p.Longitude <= t.east
}

func inFrance(p booking.Point) bool {
	return slices.ContainsFunc(territories, func(t territory) bool { return t.holds(p) })
}

// point reads latitude and longitude. Two that make sense only the other way round were swapped; a point that is
// not in France is none.
func (r *rowReader) point(rec *record) *booking.Point {
	written := strings.Trim(rec.values[colLatitude]+" "+rec.values[colLongitude], " ")
	if written == "" {
		return nil
	}
	latitude, ok := degrees(rec.values[colLatitude])
	if !ok {
		r.warn(rec.line, colLatitude.String(), rec.values[colLatitude], "un nombre de degrés est attendu : position ignorée")
		return nil
	}
	longitude, ok := degrees(rec.values[colLongitude])
	if !ok {
		r.warn(rec.line, colLongitude.String(), rec.values[colLongitude], "un nombre de degrés est attendu : position ignorée")
		return nil
	}
	point, swapped := booking.Point{Latitude: latitude, Longitude: longitude}, booking.Point{Latitude: longitude, Longitude: latitude}
	switch {
	case inFrance(point):
		return &point
	case inFrance(swapped):
		r.warn(rec.line, colLatitude.String(), written, "latitude et longitude étaient échangées : remises dans l'ordre")
		return &swapped
	}
	r.warn(rec.line, colLatitude.String(), written, "hors de France : position ignorée")
	return nil
}

// degrees reads a number, with a point or a comma.
func degrees(value string) (float64, bool) {
	if !strings.Contains(value, ".") {
		value = strings.Replace(value, ",", ".", 1)
	}
	d, err := strconv.ParseFloat(value, 64)
	return d, err == nil && !math.IsNaN(d) && !math.IsInf(d, 0)
}
