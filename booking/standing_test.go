package booking

import (
	"slices"
	"testing"
	"time"

	"passerelle/connectors"
)

func TestAQuantileIsOneOfThem(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1))
	}
	for _, c := range []struct {
		list []time.Duration
		part float64
		want time.Duration
	}{
		{hundred, 0.5, 50},
		{hundred, 0.95, 95},
		{hundred, 1, 100},
		{hundred, 0, 1},
		{hundred[:1], 0.5, 1},
		{hundred[:2], 0.5, 1},
		{hundred[:2], 0.51, 2},
		{hundred[:19], 0.95, 19},
		{nil, 0.95, 0},
	} {
		if got := Quantile(c.list, c.part); got != c.want {
			t.Errorf("%v of %d: %d, want %d", c.part, len(c.list), got, c.want)
		}
	}
}

func TestOfAnAddressTheHostAloneIsSaid(t *testing.T) {
	for address, want := range map[string]string{
		"https://Agenda.Example.org./secret?cle=x": "agenda.example.org", "webcal://agenda.example.org:8443/a.ics": "agenda.example.org",
		"https://u:p@agenda.example.org/": "agenda.example.org", "https://[2001:db8::1]/": "2001:db8::1", "": "", "%zz": "", "mailto:a@example.org": "",
	} {
		if got := Host(connectors.Connection{Address: address}); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestHostsAreEachNamedOnce(t *testing.T) {
	of := func(connector, address string, beside ...connectors.Connection) *Agenda {
		return &Agenda{Connection: Connection{Connection: connectors.Connection{Connector: connector, Address: address}, Beside: beside}}
	}
	agendas := []*Agenda{
		of("ics", "https://b.example.org/1"), of("ics", "https://b.example.org/2"), of("native", ""),
		of("ics", "https://a.example.org/", connectors.Connection{Connector: "caldav", Address: "https://c.example.org/"}),
	}
	for connector, want := range map[string][]string{
		"ics": {"a.example.org", "b.example.org"}, "caldav": {"c.example.org"}, "native": {}, "": {"a.example.org", "b.example.org", "c.example.org"},
	} {
		if got := Hosts(agendas, connector); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", connector, got, want)
		}
	}
}
