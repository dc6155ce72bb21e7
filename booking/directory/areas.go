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

// add notes a place under a name; commune is how that is written.
func (a areas) add(key, commune, department string, p *booking.Place) {
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
	c.communes[commune]++
	if p.Point != nil {
		c.latitude, c.longitude, c.points = c.latitude+p.Point.Latitude, c.longitude+p.Point.Longitude, c.points+1
	}
}

// newAreas finds each place under its commune, its postal code and its département. Of a département all places are the
// answer, not those around its middle.
func newAreas(places []*booking.Place) areas {
	a := make(areas)
	for _, p := range places {
		department := p.Department()
		called := map[string]string{communeKey(p.Commune): p.Commune}
		if city := cityOf(p.INSEE); city.code != "" {
			district := communesTable().districts[p.INSEE]
			called[communeKey(city.name)], called[communeKey(district)] = city.name, district
		}
		for key, commune := range called {
			a.add(key, commune, department, p)
		}
		a.add(p.PostalCode, p.Commune, department, p)
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
	withPostal     = regexp.MustCompile(`^(?:\D*[\s(,])?(\d{5})(?:[\s),].*)?$`)
)

// Areas implements booking.Directory.
func (d *Directory) Areas(text string) []booking.Area {
	return d.current.Load().areasOf(strings.TrimSpace(text))
}

func (x *index) areasOf(text string) []booking.Area {
	if code := strings.ToUpper(text); departmentShape.MatchString(code) {
		return []booking.Area{{Label: code, Department: code}}
	}
	only := ""
	if m := withDepartment.FindStringSubmatch(text); m != nil {
		text, only = m[1], strings.ToUpper(m[2])
	}
	var found []booking.Area
	if m := withPostal.FindStringSubmatch(text); m != nil {
		found = x.ofPostalCode(m[1])
	} else if key := communeKey(text); key != "" {
		found = x.named(key)
		if code := groupsTable().departmentOf(text); code != "" && !slices.ContainsFunc(found, func(a booking.Area) bool { return a.Department == code }) {
			found = append(found, booking.Area{Label: code, Department: code})
		}
	}
	found = slices.DeleteFunc(found, func(a booking.Area) bool { return only != "" && a.Department != only })
	if len(found) == 0 {
		return groupsTable().epcisOf(text, only)
	}
	return found
}

// ofPostalCode: of a code that two départements share, each is an area; one where no place is leads to its département.
func (x *index) ofPostalCode(code string) []booking.Area {
	var out []booking.Area
	with := x.placed(code)
	for _, a := range with {
		a.Label = code + " " + a.commune
		if len(with) > 1 {
			a.Label += " (" + a.Department + ")"
		}
		out = append(out, a.Area)
	}
	department := (&booking.Place{PostalCode: code}).Department()
	if len(out) == 0 && departmentShape.MatchString(department) {
		out = []booking.Area{{Label: code, Department: department}}
	}
	return out
}

// placed is an area where places are.
type placed struct {
	booking.Area // without a label
	commune      string
	places       int
}

// placed lists the areas of a name where places are, those with the most first.
func (x *index) placed(key string) []placed {
	var out []placed
	for department, c := range x.areas[key] {
		a := placed{Area: booking.Area{Near: c.point(), Department: department}, commune: c.commune()}
		for _, n := range c.communes {
			a.places += n
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b placed) int {
		return cmp.Or(cmp.Compare(b.places, a.places), cmp.Compare(a.Department, b.Department))
	})
	return out
}

// named lists the communes of a name, those with the most places first, then those that have none.
func (x *index) named(key string) []booking.Area {
	var out []booking.Area
	for _, a := range x.placed(key) {
		a.Label = a.commune + " (" + a.Department + ")"
		out = append(out, a.Area)
	}
	for commune := range strings.SplitSeq(communesTable().names[key], "\t") {
		department, name, _ := strings.Cut(commune, " ")
		if name != "" && x.areas[key][department] == nil {
			out = append(out, booking.Area{Label: name + " (" + department + ")", Department: department})
		}
	}
	return out
}
