package directory

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"passerelle/booking"
)

// call is a name that finds a place as an area, and how it is compared.
type call struct {
	key, name string
}

// calledAs are the names of the place's commune and, in a city that has arrondissements, those of the city and of the arrondissement.
func calledAs(p *booking.Place) []call {
	calls := []call{{communeKey(p.Commune), p.Commune}}
	if city := cityOf(p.INSEE); city.code != "" {
		district := communesTable().districts[p.INSEE]
		calls = append(calls, call{communeKey(city.name), city.name}, call{communeKey(district), district})
	}
	return calls
}

// spelled is how what is compared so is written: as the table has it, or else as the place has it.
func spelled(p *booking.Place, key string) (name string) {
	for _, c := range calledAs(p) {
		if c.key == key {
			name = c.name
		}
	}
	return name
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
	with := x.placed(x.postalCodes[code], func(p *booking.Place) string { return p.Commune })
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

// placed lists the areas of these places, a département each, those with the most first; spelled is what a place calls it.
func (x *index) placed(of *posting, spelled func(*booking.Place) string) []placed {
	inside := make(map[string][]*booking.Place)
	for number := range of.numbers() {
		if p := x.places[number]; p.Department() != "" {
			inside[p.Department()] = append(inside[p.Department()], p)
		}
	}
	var out []placed
	for department, places := range inside {
		names := make([]string, len(places))
		for i, p := range places {
			names[i] = spelled(p)
		}
		out = append(out, placed{booking.Area{Near: booking.Middle(slices.Values(places)), Department: department}, mostOf(names), len(places)})
	}
	slices.SortFunc(out, func(a, b placed) int {
		return cmp.Or(cmp.Compare(b.places, a.places), cmp.Compare(a.Department, b.Department))
	})
	return out
}

// mostOf is the name that comes most often; of several the first in the alphabet.
func mostOf(names []string) string {
	often := make(map[string]int)
	for _, name := range names {
		often[name]++
	}
	return slices.MaxFunc(slices.Sorted(maps.Keys(often)), func(a, b string) int { return cmp.Compare(often[a], often[b]) })
}

// named lists the communes of a name, those with the most places first, then those that have none.
func (x *index) named(key string) []booking.Area {
	var out []booking.Area
	listed := make(map[string]bool)
	for _, a := range x.placed(x.called[key], func(p *booking.Place) string { return spelled(p, key) }) {
		a.Label = a.commune + " (" + a.Department + ")"
		out, listed[a.Department] = append(out, a.Area), true
	}
	for c := range communesTable().called(key) {
		if department := (&booking.Place{INSEE: c.code}).Department(); !listed[department] {
			out, listed[department] = append(out, booking.Area{Label: c.name + " (" + department + ")", Department: department}), true
		}
	}
	return out
}
