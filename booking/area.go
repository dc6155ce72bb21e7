package booking

// Area is where somebody looks for a place, as a name that she has written is understood: around a point, or in a whole
// EPCI, or in a whole département where none of the places there has a point.
type Area struct {
	Label      string // "Crest (26)", which is read as the same area again
	Near       *Point
	EPCI       string // the SIREN of a group of communes that bears the name
	Department string // "26"; only what there is no point for is searched by it
}

// In is a filter that looks in an area, within so many kilometres of its point.
func (f PlaceFilter) In(a Area, radiusKM float64) PlaceFilter {
	switch {
	case a.Near != nil:
		f.Near, f.RadiusKM = a.Near, radiusKM
	case a.EPCI != "":
		f.EPCI = []string{a.EPCI}
	default:
		f.Department = []string{a.Department}
	}
	return f
}
