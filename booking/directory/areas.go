package directory

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"passerelle/booking"
)

// areas is where places are, by the names that people write: of communes, postal codes, départements.
type areas map[string]map[string]*center

// center is the middle of the places of one name in one département.
type center struct {
	latitude, longitude float64 // sums
	points              int
	communes            map[string]int // as they are written, and how often
}

func (a areas) add(key, department string, p *booking.Place) {
	if key == "" || department == "" {
		return
	}
	if a[key] == nil {
		a[key] = make(map[string]*center)
	}
	c := a[key][department]
	if c == nil {
		c = &center{communes: make(map[string]int)}
		a[key][department] = c
	}
	c.communes[p.Commune]++
	if p.Point != nil {
		c.latitude, c.longitude, c.points = c.latitude+p.Point.Latitude, c.longitude+p.Point.Longitude, c.points+1
	}
}

// newAreas finds each place under its commune, its postal code and its département. Of a département all places are the
// answer, not those around its middle.
func newAreas(places []entry) areas {
	a := make(areas)
	for i := range places {
		p := places[i].place
		a.add(communeKey(p.Commune), places[i].department, p)
		if city := cityOf(p.INSEE); city.code != "" {
			a.add(communeKey(city.name), places[i].department, p)
		}
		a.add(p.PostalCode, places[i].department, p)
	}
	return a
}

func (c *center) point() *booking.Point {
	if c.points == 0 {
		return nil
	}
	return &booking.Point{Latitude: c.latitude / float64(c.points), Longitude: c.longitude / float64(c.points)}
}

// commune is the name as most places write it.
func (c *center) commune() string {
	names := slices.Sorted(maps.Keys(c.communes))
	return slices.MaxFunc(names, func(a, b string) int { return cmp.Compare(c.communes[a], c.communes[b]) })
}

var (
	withDepartment = regexp.MustCompile(`^(.+?)\s*\(\s*(\d[\dABab]\d?)\s*\)$`)
	postalFirst    = regexp.MustCompile(`^(\d{5})(?:\s.*)?$`)
)

// Areas implements booking.Directory.
func (d *Directory) Areas(text string) []booking.Area {
	return d.current.Load().areasOf(strings.TrimSpace(text))
}

func (x *index) areasOf(text string) []booking.Area {
	if code := strings.ToUpper(text); departmentShape.MatchString(code) {
		return []booking.Area{{Label: code, Department: code}}
	}
	if m := postalFirst.FindStringSubmatch(text); m != nil {
		return x.ofPostalCode(m[1])
	}
	only := ""
	if m := withDepartment.FindStringSubmatch(text); m != nil {
		text, only = m[1], strings.ToUpper(m[2])
	}
	key := communeKey(text)
	if key == "" {
		return nil
	}
	found := x.named(key)
	if only != "" {
		found = slices.DeleteFunc(found, func(a booking.Area) bool { return !strings.HasSuffix(a.Label, "("+only+")") })
	}
	return found
}

// ofPostalCode: one where no place is leads to its département.
func (x *index) ofPostalCode(code string) []booking.Area {
	for department, c := range x.areas[code] { // one: a code that two share has the places of both
		return []booking.Area{{Label: code + " " + c.commune(), Near: c.point(), Department: department}}
	}
	department := (&booking.Place{PostalCode: code}).Department()
	if !departmentShape.MatchString(department) {
		return nil
	}
	return []booking.Area{{Label: code, Department: department}}
}

// named lists the communes of a name, those with the most places first, then those that have none.
func (x *index) named(key string) []booking.Area {
	type candidate struct {
		booking.Area
		places int
	}
	var found []candidate
	for department, c := range x.areas[key] {
		places := 0
		for _, n := range c.communes {
			places += n
		}
		found = append(found, candidate{booking.Area{Label: c.commune() + " (" + department + ")", Near: c.point(), Department: department}, places})
	}
	for commune := range strings.SplitSeq(communesTable().names[key], "\t") {
		department, name, _ := strings.Cut(commune, " ")
		if name != "" && x.areas[key][department] == nil {
			found = append(found, candidate{Area: booking.Area{Label: name + " (" + department + ")", Department: department}})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.places, a.places), cmp.Compare(a.Label, b.Label))
	})
	out := make([]booking.Area, len(found))
	for i := range found {
		out[i] = found[i].Area
	}
	return out
}
