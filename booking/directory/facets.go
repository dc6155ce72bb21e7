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
}

const facetCount = 7

var facets = [facetCount]facet{
	{colServices, func(p *booking.Place) []string { return p.Services }},
	{colAccessModes, func(p *booking.Place) []string { return p.AccessModes }},
	{colSupportModes, func(p *booking.Place) []string { return p.SupportModes }},
	{colPublics, func(p *booking.Place) []string { return p.Publics }},
	{colSpecialCare, func(p *booking.Place) []string { return p.SpecialCare }},
	{colFees, func(p *booking.Place) []string { return p.Fees }},
	{colProgrammes, func(p *booking.Place) []string { return p.Programmes }},
}

// wantedOf are the labels that a filter has of each of the facets, in their order.
func wantedOf(f *booking.PlaceFilter) [facetCount]*[]string {
	return [facetCount]*[]string{&f.Services, &f.AccessModes, &f.SupportModes, &f.Publics, &f.SpecialCare, &f.Fees, &f.Programmes}
}

// newLabelled makes room for the places of each label of a facet, under the label and under what it folds to.
func newLabelled(f facet) postings {
	labelled := make(postings)
	for _, label := range enumerations[f.column] {
		p := &posting{}
		labelled[label], labelled[fold(label)] = p, p
	}
	return labelled
}

// addLabels notes the labels of each place, which are in the standard's spelling; what the standard does not know is
// not searched by.
func (x *index) addLabels() {
	for i, f := range facets {
		for number, p := range x.places {
			for _, label := range f.of(p) {
				if of := x.labelled[i][label]; of != nil {
					of.add(uint32(number)) // #nosec G115 -- as in addPlaces
				}
			}
		}
		x.labelled[i].pack(len(x.places))
	}
}

// wanted answers the places of each label of a facet, in any case and accents; an unknown one is an error that lists those which
// would do.
func (x *index) wanted(of int, labels []string) ([]*posting, error) {
	list := make([]*posting, len(labels))
	for i, label := range labels {
		if list[i] = x.labelled[of][label]; list[i] == nil {
			list[i] = x.labelled[of][fold(label)]
		}
		if list[i] == nil {
			column := facets[of].column.String()
			return nil, booking.InvalidField(column, fmt.Sprintf("« %s » n'est pas une valeur du standard", excerpt(label)), Labels(column)...)
		}
	}
	return list, nil
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
	*wantedOf(&filter)[at] = nil
	q, err := x.query(filter)
	if err != nil {
		return nil, err
	}
	w := x.work.Get().(*work)
	defer x.work.Put(w)
	selected := x.selected(q, w)
	var out []booking.Count
	for _, label := range enumerations[facets[at].column] {
		if n := x.labelled[at][label].within(selected); n > 0 {
			out = append(out, booking.Count{Value: label, Places: n})
		}
	}
	return out, nil
}
