package signin_test

import (
	"errors"
	"strings"
	"testing"

	"passerelle/auth/signin"
)

func TestAddressesAsTheyAreCompared(t *testing.T) {
	for text, want := range map[string]string{
		" Camille.Martin+rdv@Mairie.example.org ": "camille.martin+rdv@mairie.example.org",
		"o'neil@example.org":                      "o'neil@example.org",
		"camille":                                 "",
		"camille@mairie":                          "",
		"camille@@example.org":                    "",
		"camille@example.org@example.org":         "",
		`"camille@example.org"@example.org`:       "",
		"camille@example.org,autre@example.org":   "",
		"Camille <camille@example.org>":           "",
		"camille@example.org\nBcc: x@example.org": "",
		"jérôme@example.org":                      "",
		"camille@ex\u0430mple.org":                "", // a Cyrillic letter
		"camille@example-.example.org":            "",
		"camille@.example.org":                    "",
		"@example.org":                            "",
		"":                                        "",
		strings.Repeat("a", 65) + "@example.org":  "",
		"a@" + strings.Repeat("a.", 130) + "org":  "",
	} {
		got, err := signin.ParseAddress(text)
		if got != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, signin.ErrAddress) {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{"@Example.org": "@example.org", " a@example.org": "a@example.org", "example.org": "", "@": "", "@@example.org": "", "@mairie": ""} {
		if got, err := signin.ParseApproval(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestWhoRunsTheGateway(t *testing.T) {
	for name, c := range map[string]struct {
		s    signin.Session
		want bool
	}{
		"an operator":                       {signin.Session{Strong: true, Account: signin.Account{Operator: true, Issuer: "https://a"}}, true},
		"an operator with a password alone": {signin.Session{Account: signin.Account{Operator: true, Issuer: "https://a"}}, false},
		"an operator by a mailed link":      {signin.Session{Strong: true, Account: signin.Account{Operator: true}}, false},
		"somebody else":                     {signin.Session{Strong: true, Account: signin.Account{Issuer: "https://a"}}, false},
	} {
		if got := c.s.MayRun(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
