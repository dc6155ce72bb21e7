package directory

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"passerelle/booking"
)

// EPCI implements booking.Directory.
func (*Directory) EPCI(f booking.PlaceFilter) string {
	g := groupsTable()
	switch {
	case len(f.Commune) > 0:
		return alike(f.Commune, g.ofCommune)
	case len(f.EPCI) > 0:
		return alike(f.EPCI, func(siren string) string { return g.epci(siren).code })
	}
	return alike(f.PostalCode, func(code string) string { return alike(communesTable().served(code), g.ofCommune) })
}

// EPCIName is what the group of communes of a SIREN is called; empty where there is none.
func EPCIName(siren string) string { return groupsTable().epci(siren).name }

// ofCommune answers the EPCI of a commune; of an arrondissement, that of its city.
func (g *groups) ofCommune(insee string) string {
	var code [5]byte
	copy(code[:], cmp.Or(cityOf(insee).code, insee))
	at, ok := slices.BinarySearchFunc(g.of, code, func(m membership, code [5]byte) int { return bytes.Compare(m.commune[:], code[:]) })
	if !ok || len(insee) != len(code) {
		return ""
	}
	return g.epcis[g.of[at].epci].code
}

// alike is what all the codes are in; empty where they differ, or there are none.
func alike(codes []string, in func(code string) string) (all string) {
	for i, code := range codes {
		of := in(strings.ToUpper(strings.TrimSpace(code)))
		if i > 0 && of != all {
			return ""
		}
		all = of
	}
	return all
}
