package directory

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"passerelle/booking"
)

// index is one reading of all sources, ready to be searched. It never changes.
type index struct {
	entries   []entry                   // by name, then by id
	names     map[string]*booking.Place // ids, and aliases that mean one place only, by nameKey
	notes     []Rejection               // what the sources say against each other
	areas     areas
	facets    *facetReader
	canonical func(string) string // see Options
}

// entry is a place with what searches compare, worked out beforehand.
type entry struct {
	place      *booking.Place
	name       string // folded
	text       string // folded name and commune, a space before each word
	pivot      string
	department string
	communes   []string
	links      []string
	labels     [facetCount]labelSet
	cosine     float64 // of the latitude
}

// newIndex indexes places, of which the first that bears an id is kept. An id beats an alias; an alias that two
// places share means neither.
func newIndex(places []*booking.Place, canonical func(string) string) *index {
	if canonical == nil {
		canonical = func(string) string { return "" }
	}
	x := &index{names: make(map[string]*booking.Place, 3*len(places)), facets: newFacetReader(), canonical: canonical}
	table := communesTable()
	for _, p := range places {
		key := nameKey(p.ID)
		if _, twice := x.names[key]; twice {
			x.note(p.ID, "identifiant présent dans plusieurs sources : la première est gardée")
			continue
		}
		x.names[key] = p
		x.entries = append(x.entries, x.entry(p, table))
	}
	x.addAliases()
	slices.SortFunc(x.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.place.ID, b.place.ID))
	})
	x.areas = newAreas(x.entries)
	return x
}

func (x *index) entry(p *booking.Place, table *communes) entry {
	name := foldName(p.Name)
	e := entry{
		place:      p,
		name:       name,
		text:       " " + name + " " + foldName(p.Commune),
		pivot:      strings.Join(strings.Fields(p.Pivot), ""),
		department: p.Department(),
		communes:   table.coveredBy(p.INSEE, p.PostalCode),
		labels:     x.facets.of(p),
	}
	for _, link := range splitLinks(p.BookingURL) {
		e.links = append(e.links, x.linkKeys(link)...)
	}
	if p.Point != nil {
		e.cosine = math.Cos(p.Point.Latitude * math.Pi / 180)
	}
	return e
}

// linkKeys are what a link is compared by: as it is written, and as its connector writes it.
func (x *index) linkKeys(link string) []string {
	keys := []string{linkKey(link)}
	if canonical := x.canonical(link); canonical != "" {
		keys = append(keys, linkKey(canonical))
	}
	return keys
}

func (x *index) addAliases() {
	owners := map[string]*booking.Place{}
	shared := map[string]bool{}
	for i := range x.entries {
		p := x.entries[i].place
		for _, alias := range p.Aliases {
			key := nameKey(alias)
			if _, id := x.names[key]; id {
				continue
			}
			if other, taken := owners[key]; taken && other != p {
				if !shared[key] {
					x.note(alias, fmt.Sprintf("alias commun à « %s » et « %s » : il ne désigne aucun des deux", other.ID, p.ID))
				}
				shared[key] = true
			}
			owners[key] = p
		}
	}
	for key, p := range owners {
		if !shared[key] {
			x.names[key] = p
		}
	}
}

func (x *index) note(value, reason string) {
	x.notes = append(x.notes, Rejection{Column: colID.String(), Value: excerpt(value), Reason: reason})
}

// find looks a place up by a name: its id or an alias; else without the prefix of data·inclusion; else with dashes
// for spaces; else, for an id that was merged and is not any more, by the first of its parts that is known, so that
// what was bound to the merged place is not lost.
func (x *index) find(name string) *booking.Place {
	key := nameKey(name)
	if p := x.known(key); p != nil {
		return p
	}
	key = strings.TrimPrefix(key, inclusionPrefix)
	if p := x.known(key); p != nil {
		return p
	}
	if !strings.Contains(key, mergedBy) {
		return nil
	}
	for _, part := range parts(key) {
		if p := x.known(part); p != nil {
			return p
		}
	}
	return nil
}

func (x *index) known(key string) *booking.Place {
	if p := x.names[key]; p != nil {
		return p
	}
	return x.names[strings.ReplaceAll(key, " ", "-")]
}
