package directory

import (
	"slices"
	"testing"

	"passerelle/booking"
)

func named(ids ...string) *index {
	var places []*booking.Place
	for _, id := range ids {
		places = append(places, &booking.Place{ID: id, Name: id, Aliases: aliases(id)})
	}
	return newIndex(places, nil)
}

func TestAliases(t *testing.T) {
	for id, want := range map[string][]string{
		"a":                         {"mediation-numerique--a"},
		"a__b":                      {"a", "b", "mediation-numerique--a__b"},
		"Coop-numérique_u1":         {"mediation-numerique--Coop-numérique_u1", "u1"},
		"Coop numérique_u1__x":      {"Coop numérique_u1", "Coop-numérique_u1", "Coop-numérique_u1__x", "mediation-numerique--Coop numérique_u1__x", "mediation-numerique--Coop-numérique_u1__x", "u1", "x"},
		"mediation-numerique--a":    {"a"},
		"mediation-numerique-dora1": {"mediation-numerique--mediation-numerique-dora1"},
		"Autre_u1":                  {"mediation-numerique--Autre_u1"},
		"__a__":                     {"a", "mediation-numerique--__a__"},
	} {
		if got := aliases(id); !slices.Equal(got, want) {
			t.Errorf("aliases(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestNamesThatFindAPlace(t *testing.T) {
	for name, test := range map[string]struct {
		ids  []string
		name string
		want string
	}{
		"its id":                                 {[]string{"a", "b"}, "b", "b"},
		"a part of a merged id":                  {[]string{"a__b", "c"}, "b", "a__b"},
		"the form of data·inclusion":             {[]string{"a__b"}, "mediation-numerique--a__b", "a__b"},
		"that form of a part":                    {[]string{"a__b"}, "mediation-numerique--b", "a__b"},
		"the uuid of the Coop":                   {[]string{"Coop-numérique_u1__x"}, "u1", "Coop-numérique_u1__x"},
		"the id of the Coop":                     {[]string{"Coop-numérique_u1__x"}, "Coop-numérique_u1", "Coop-numérique_u1__x"},
		"another Unicode for the same letters":   {[]string{"Coop-numérique_u1"}, "Coop-nume\u0301rique_u1", "Coop-numérique_u1"},
		"spaces for dashes":                      {[]string{"Coop-numérique_u1"}, "Coop numérique_u1", "Coop-numérique_u1"},
		"dashes for spaces":                      {[]string{"Coop numérique_u1"}, "Coop-numérique_u1", "Coop numérique_u1"},
		"a merged id that was split":             {[]string{"b", "c"}, "a__b", "b"},
		"a merged id that was split in two":      {[]string{"a", "b"}, "a__b", "a"},
		"a merged id that was merged again":      {[]string{"b__c"}, "a__b", "b__c"},
		"an id is not a part of itself":          {[]string{"a-b"}, "a", ""},
		"an id beats an alias":                   {[]string{"a__b", "a"}, "a", "a"},
		"an alias of two places means neither":   {[]string{"a__b", "b__c"}, "b", ""},
		"which leaves their other aliases alone": {[]string{"a__b", "b__c"}, "c", "b__c"},
		"nobody":                                 {[]string{"a"}, "z", ""},
		"nothing":                                {[]string{"a"}, "", ""},
		"the prefix alone":                       {[]string{"a"}, "mediation-numerique--", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if p := named(test.ids...).find(test.name); p != nil {
				got = p.ID
			}
			if got != test.want {
				t.Errorf("%q finds %q, want %q", test.name, got, test.want)
			}
		})
	}
}

func TestSharedAliasesAndIDsAreNoted(t *testing.T) {
	x := named("a__b", "b__c", "d", "d")
	if len(x.notes) != 2 || x.notes[0].Value != "d" || x.notes[1].Value != "b" || x.notes[1].Reason == "" {
		t.Errorf("%+v", x.notes)
	}
	if len(x.places) != 3 {
		t.Errorf("%d places", len(x.places))
	}
}

func TestLinksThatAreTheSame(t *testing.T) {
	want := linkKey("https://rdv.example.org/Org/7")
	for _, same := range []string{
		"http://rdv.example.org/Org/7", " https://RDV.example.org/Org/7/ ", "HTTPS://rdv.example.org:443/Org/7", "rdv.example.org/Org/7",
	} {
		if linkKey(same) != want {
			t.Errorf("%q is another link: %q", same, linkKey(same))
		}
	}
	for _, other := range []string{
		"https://rdv.example.org/org/7", "https://www.rdv.example.org/Org/7", "https://rdv.example.org/Org/7?a=1",
		"https://rdv.example.org/Org/7#a", "mailto:Org@rdv.example.org", "https://rdv.example.org:8443/Org/7", "%zz", "",
	} {
		if linkKey(other) == want {
			t.Errorf("%q is the same link", other)
		}
	}
}
