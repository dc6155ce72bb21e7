package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"passerelle/booking"
)

// index is one reading of all sources, ready to be searched. A place's number is where it stands in places. The index
// never changes.
type index struct {
	places    []*booking.Place    // by folded name, then by id
	names     map[string]uint32   // ids, and aliases that mean one place only, by nameKey
	notes     []Rejection         // what the sources say against each other
	canonical func(string) string // see Options

	communes, postalCodes, departments postings // by the codes that find them
	called                             postings // by what their communes are called, see calledAs
	sirets, links                      postings
	labelled                           [facetCount]postings
	lexicon                            lexicon
	bands                              *bands
	work                               sync.Pool // of *work
}

// newIndex indexes places, of which the first that bears an id is kept. An id beats an alias; an alias that two
// places share means neither.
func newIndex(places []*booking.Place, canonical func(string) string) *index {
	if canonical == nil {
		canonical = func(string) string { return "" }
	}
	names := 0
	for _, p := range places {
		names += 1 + len(p.Aliases)
	}
	x := &index{
		names: make(map[string]uint32, names), canonical: canonical,
		communes: postings{}, called: postings{}, postalCodes: postings{}, departments: postings{}, sirets: postings{}, links: postings{},
	}
	for i, f := range facets {
		x.labelled[i] = newLabelled(f)
	}
	sorted := x.sort(places)
	x.places = make([]*booking.Place, len(sorted))
	for i, s := range sorted {
		x.places[i] = numbered(s.place, i+1)
	}
	var parts sync.WaitGroup // each of what no other looks at
	parts.Go(func() { x.lexicon = newLexicon(sorted) })
	parts.Go(func() { x.bands = newBands(x.places) })
	parts.Go(x.addLabels)
	x.addPlaces()
	x.addAliases()
	parts.Wait()
	x.work.New = func() any { return &work{newSet(len(x.places)), newSet(len(x.places)), nil} }
	return x
}

// sortable is a place with its folded name.
type sortable struct {
	place *booking.Place
	name  string
}

// sort puts places in the order of their numbers, without those whose id another has, and notes their ids.
func (x *index) sort(places []*booking.Place) []sortable {
	sorted := make([]sortable, 0, len(places))
	for _, p := range places {
		key := nameKey(p.ID)
		if _, twice := x.names[key]; twice {
			x.note(p.ID, "identifiant présent dans plusieurs sources : la première est gardée")
			continue
		}
		x.names[key] = 0 // not known yet
		sorted = append(sorted, sortable{p, foldName(p.Name)})
	}
	slices.SortFunc(sorted, func(a, b sortable) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.place.ID, b.place.ID))
	})
	return sorted
}

// numbered gives a place its number. One that has another, in a reading that others still look at, is left as it is there.
func numbered(p *booking.Place, number int) *booking.Place {
	switch p.Number {
	case number:
		return p
	case 0:
	default:
		again := *p
		p = &again
	}
	p.Number = number
	return p
}

// addPlaces notes what finds each place, but for what it says of itself: its words, its labels and its point.
func (x *index) addPlaces() {
	for i, p := range x.places {
		x.add(p, uint32(i)) // #nosec G115 -- places are counted in thousands
	}
	for _, ps := range []postings{x.communes, x.called, x.postalCodes, x.departments, x.sirets, x.links} {
		ps.pack(len(x.places))
	}
}

// add notes what finds a place.
func (x *index) add(p *booking.Place, number uint32) {
	x.names[nameKey(p.ID)] = number
	x.departments.add(p.Department(), number)
	x.postalCodes.add(p.PostalCode, number)
	for _, code := range communesTable().coveredBy(p.INSEE, p.PostalCode) {
		x.communes.add(code, number)
	}
	for _, c := range calledAs(p) {
		x.called.add(c.key, number)
	}
	if siret := strings.Join(strings.Fields(p.Pivot), ""); strings.Trim(siret, "0") != "" {
		x.sirets.add(siret, number)
	}
	for _, link := range splitLinks(p.BookingURL) {
		for _, key := range x.linkKeys(link) {
			x.links.add(key, number)
		}
	}
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
	shared := map[string]bool{}
	for i, p := range x.places {
		for _, alias := range p.Aliases {
			key, number := nameKey(alias), uint32(i) // #nosec G115 -- as in addPlaces
			other, taken := x.names[key]
			switch {
			case !taken:
				x.names[key] = number
			case other == number, nameKey(x.places[other].ID) == key, shared[key]:
			default:
				x.note(alias, fmt.Sprintf("alias commun à « %s » et « %s » : il ne désigne aucun des deux", x.places[other].ID, p.ID))
				shared[key] = true
			}
		}
	}
	for key := range shared {
		delete(x.names, key)
	}
}

func (x *index) note(value, reason string) {
	x.notes = append(x.notes, Rejection{Column: colID.String(), Value: excerpt(value), Reason: reason})
}

// find answers the place of a name, nil for none.
func (x *index) find(name string) *booking.Place {
	if number, ok := x.number(name); ok {
		return x.places[number]
	}
	return nil
}

// number looks a place up by a name: its id or an alias; else without the prefix of data·inclusion; else with dashes
// for spaces; else, for an id that was merged and is not any more, by the first of its parts that is known, so that
// what was bound to the merged place is not lost.
func (x *index) number(name string) (uint32, bool) {
	key := nameKey(name)
	if number, ok := x.known(key); ok {
		return number, true
	}
	key = strings.TrimPrefix(key, inclusionPrefix)
	if number, ok := x.known(key); ok || !strings.Contains(key, mergedBy) {
		return number, ok
	}
	for _, part := range parts(key) {
		if number, ok := x.known(part); ok {
			return number, true
		}
	}
	return 0, false
}

func (x *index) known(key string) (uint32, bool) {
	number, ok := x.names[key]
	if !ok {
		number, ok = x.names[strings.ReplaceAll(key, " ", "-")]
	}
	return number, ok
}
