package icalendar

import (
	"slices"
	"strings"
	"time"
)

// zoneNames gives each TZID of a text a number, so that the name is understood once.
type zoneNames []string

// mostZones is how many TZIDs a text may use; those beyond are unknown zones.
const mostZones = 100

// intern numbers a TZID. No name is floating; the number beyond the last one is a zone that nobody knows.
func (z *zoneNames) intern(tzid []byte) int32 {
	if len(tzid) == 0 {
		return floating
	}
	n := slices.IndexFunc(*z, func(name string) bool { return name == string(tzid) })
	if n < 0 && len(*z) < mostZones {
		*z = append(*z, string(tzid))
		n = len(*z) - 1
	} else if n < 0 {
		n = mostZones
	}
	return namedZones + int32(n)
}

// locate understands the name of a zone: IANA's, whatever its case; Windows'; either with a vendor's prefix
// (/example.org/…/Europe/Paris). It answers nil when the name says nothing certain.
func locate(name string) *time.Location {
	name = strings.Trim(name, "\"' \t")
	if loc := load(name); loc != nil {
		return loc
	}
	for _, w := range windowsZones {
		if strings.EqualFold(w[0], name) {
			return load(w[1])
		}
	}
	if offset, ok := fixedOffset(name); ok {
		return time.FixedZone(name, int(offset))
	}
	// A vendor's prefix: the longest ending that is a name with an area, and that the prefix is a path.
	if strings.HasPrefix(name, "/") {
		for rest := name[1:]; strings.Contains(rest, "/"); _, rest, _ = strings.Cut(rest, "/") {
			if loc := load(rest); loc != nil {
				return loc
			}
		}
	}
	return nil
}

// load asks Go's table of zones, only for what looks like a name of the IANA database.
func load(name string) *time.Location {
	if len(name) == 0 || len(name) > 40 {
		return nil
	}
	for _, c := range []byte(name) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '/' && c != '_' && c != '-' && c != '+' {
			return nil
		}
	}
	switch strings.ToLower(name) {
	case "utc", "gmt", "z", "zulu":
		return time.UTC
	case "local", "localtime", "posixrules", "factory":
		return nil // the machine's own zone, or none
	}
	spellings := [...]string{name, titled(name), strings.ToUpper(name)}
	for i, spelling := range spellings {
		if slices.Contains(spellings[:i], spelling) || (i == 2 && strings.Contains(name, "/")) {
			continue // a name that is not found costs more than one that is
		}
		if loc, err := time.LoadLocation(spelling); err == nil {
			return loc
		}
	}
	return nil
}

// titled writes a name as the IANA database does: America/Port-au-Prince, Europe/Isle_of_Man.
func titled(name string) string {
	b := []byte(strings.ToLower(name))
	for i, from := 0, 0; i <= len(b); i++ {
		if i < len(b) && b[i] != '/' && b[i] != '_' && b[i] != '-' {
			continue
		}
		switch word := string(b[from:i]); word {
		case "", "of", "au", "es", "da":
		case "us", "utc", "gmt":
			copy(b[from:], strings.ToUpper(word))
		default:
			if 'a' <= b[from] && b[from] <= 'z' {
				b[from] -= 'a' - 'A'
			}
		}
		from = i + 1
	}
	return string(b)
}

// fixedOffset reads UTC+2, GMT-03:30, +0100. (Etc/GMT-2, whose sign is turned round, is a name of IANA's.)
func fixedOffset(name string) (int64, bool) {
	s := strings.ToUpper(name)
	s = strings.TrimPrefix(strings.TrimPrefix(s, "UTC"), "GMT")
	if len(s) < 2 || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	digits := strings.Replace(s[1:], ":", "", 1)
	switch len(digits) {
	default:
		return 0, false
	case 4:
	case 1:
		digits = "0" + digits + "00"
	case 2:
		digits += "00"
	}
	return readOffset([]byte(s[:1] + digits))
}

// locateCity understands a display name, "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris": the first of its cities
// that has a zone of its own, in Europe first. All cities of such a name share their clocks.
func locateCity(name string) *time.Location {
	if strings.HasPrefix(name, "(") {
		if _, after, ok := strings.Cut(name, ")"); ok {
			name = after
		}
	}
	// Outlook's older names have the offset and the cities round a slash.
	if i := strings.LastIndex(name, "/"); i >= 0 {
		name = name[i+1:]
	}
	cities := strings.FieldsFunc(name, func(c rune) bool { return c == ',' || c == ';' || c == '\\' || c == '(' || c == ')' })
	if len(cities) > 8 {
		return nil
	}
	for _, city := range cities {
		city = strings.ReplaceAll(strings.TrimSpace(city), " ", "_")
		if city == "" {
			continue
		}
		for _, area := range [...]string{"Europe", "America", "Asia", "Africa", "Pacific", "Indian", "Atlantic", "Australia"} {
			if loc := load(area + "/" + city); loc != nil {
				return loc
			}
		}
	}
	return nil
}
