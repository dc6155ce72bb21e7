package directory

import (
	"testing"

	"passerelle/booking"
)

func TestAFilterLiesInOneEPCIOrNone(t *testing.T) {
	const crest, valDeDrome, paris, cinor = "200040509", "242600252", "200054781", "249740119"
	f := func(communes, epcis, postal []string) booking.PlaceFilter {
		return booking.PlaceFilter{Commune: communes, EPCI: epcis, PostalCode: postal}
	}
	type list = []string
	for _, c := range []struct {
		name string
		of   booking.PlaceFilter
		want string
	}{
		{"a commune", f(list{"26108"}, nil, nil), crest},
		{"as it may be written", f(list{" 26108 "}, nil, nil), crest},
		{"two of one group", f(list{"26108", "26289"}, nil, nil), crest},
		{"of two groups", f(list{"26108", "26006"}, nil, nil), ""},
		{"one of none", f(list{"26108", "99999"}, nil, nil), ""},
		{"an arrondissement", f(list{"75119"}, nil, nil), paris},
		{"its city", f(list{"75056"}, nil, nil), paris},
		{"La Réunion", f(list{"97411"}, nil, nil), cinor},
		{"Nouméa, where there are none", f(list{"98818"}, nil, nil), ""},
		{"a group", f(nil, list{valDeDrome}, nil), valDeDrome},
		{"none of that name", f(nil, list{"999999999"}, nil), ""},
		{"a postal code of one commune", f(nil, nil, list{"97400"}), cinor},
		{"of many communes of one group", f(nil, nil, list{"26150"}), "242600534"},
		{"of communes of several groups", f(nil, nil, list{"26400"}), ""},
		{"of an arrondissement", f(nil, nil, list{"75001"}), paris},
		{"of none", f(nil, nil, list{"00000"}), ""},
		{"a commune says more than the postal code", f(list{"26108"}, nil, list{"26400"}), crest},
		{"nothing", booking.PlaceFilter{Department: list{"26"}}, ""},
	} {
		if got := (*Directory)(nil).EPCI(c.of); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := EPCIName(valDeDrome); got != "CC du Val de Drôme en Biovallée" {
		t.Errorf("it is called %q", got)
	}
	if got := EPCIName(""); got != "" {
		t.Errorf("none is called %q", got)
	}
}
