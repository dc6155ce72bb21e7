package directory

import (
	"fmt"
	"slices"

	"passerelle/booking"
)

// facet is a closed list of the standard that places are searched by. Its wire name is its column's.
type facet struct {
	column column
	of     func(*booking.Place) []string
	wanted func(*booking.PlaceFilter) *[]string
}

const facetCount = 7

var facets = [facetCount]facet{
	{colServices, func(p *booking.Place) []string { return p.Services }, func(f *booking.PlaceFilter) *[]string { return &f.Services }},
	{colAccessModes, func(p *booking.Place) []string { return p.AccessModes }, func(f *booking.PlaceFilter) *[]string { return &f.AccessModes }},
	{colSupportModes, func(p *booking.Place) []string { return p.SupportModes }, func(f *booking.PlaceFilter) *[]string { return &f.SupportModes }},
	{colPublics, func(p *booking.Place) []string { return p.Publics }, func(f *booking.PlaceFilter) *[]string { return &f.Publics }},
	{colSpecialCare, func(p *booking.Place) []string { return p.SpecialCare }, func(f *booking.PlaceFilter) *[]string { return &f.SpecialCare }},
	{colFees, func(p *booking.Place) []string { return p.Fees }, func(f *booking.PlaceFilter) *[]string { return &f.Fees }},
	{colProgrammes, func(p *booking.Place) []string { return p.Programmes }, func(f *booking.PlaceFilter) *[]string { return &f.Programmes }},
}

// labelSet has a bit for each label of an enumeration, in its order.
type labelSet uint32

// facetReader turns labels, as folded, into sets.
type facetReader struct {
	bits [facetCount]map[string]labelSet
}

func newFacetReader() *facetReader {
	r := &facetReader{}
	for i, f := range facets {
		r.bits[i] = map[string]labelSet{}
		for bit, label := range enumerations[f.column] {
			r.bits[i][label] = 1 << bit
			r.bits[i][fold(label)] = 1 << bit
		}
	}
	return r
}

// of answers the labels of a place, which are in the standard's spelling; what the standard does not know is in no set.
func (r *facetReader) of(p *booking.Place) (sets [facetCount]labelSet) {
	for i, f := range facets {
		for _, label := range f.of(p) {
			sets[i] |= r.bits[i][label]
		}
	}
	return sets
}

// wanted answers the labels of a filter, in any case and accents; an unknown one is an error that lists those which
// would do.
func (r *facetReader) wanted(filter *booking.PlaceFilter) (sets [facetCount]labelSet, err error) {
	for i, f := range facets {
		for _, label := range *f.wanted(filter) {
			bit, ok := r.bits[i][fold(label)]
			if !ok {
				return sets, booking.InvalidField(f.column.String(), fmt.Sprintf("« %s » n'est pas une valeur du standard", excerpt(label)), Labels(f.column.String())...)
			}
			sets[i] |= bit
		}
	}
	return sets, nil
}

// Counts implements booking.Directory.
func (d *Directory) Counts(filter booking.PlaceFilter, column string) ([]booking.Count, error) {
	return d.current.Load().counts(filter, column)
}

func (x *index) counts(filter booking.PlaceFilter, column string) ([]booking.Count, error) {
	at := slices.IndexFunc(facets[:], func(f facet) bool { return f.column.String() == column })
	if at < 0 {
		return nil, booking.InvalidField(column, "n'est pas une colonne par laquelle on choisit")
	}
	*facets[at].wanted(&filter) = nil
	q, err := x.query(filter)
	if err != nil {
		return nil, err
	}
	labels := enumerations[facets[at].column]
	out := make([]booking.Count, len(labels))
	for i, label := range labels {
		out[i].Value = label
	}
	for e := range x.entries {
		if !q.selects(&x.entries[e]) {
			continue
		}
		for i := range labels {
			if x.entries[e].labels[at]&(1<<i) != 0 {
				out[i].Places++
			}
		}
	}
	return slices.DeleteFunc(out, func(c booking.Count) bool { return c.Places == 0 }), nil
}
