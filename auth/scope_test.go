package auth

import (
	"errors"
	"testing"
)

func TestParseScopes(t *testing.T) {
	for _, c := range []struct {
		text, want string
		err        error
	}{
		{"", "", nil},
		{"  ", "", nil},
		{"lieux:lire", "lieux:lire", nil},
		{"rendezvous:lire lieux:lire", "rendezvous:lire lieux:lire", nil},
		{" lieux:lire  creneaux:lire ", "lieux:lire creneaux:lire", nil},
		{"lieux:lire lieux:lire", "lieux:lire", nil},
		{"lieux:lire admin", "", ErrScope},
		{"LIEUX:LIRE", "", ErrScope},
		{"lieux:lire,creneaux:lire", "", ErrScope},
		{"lieux", "", ErrScope},
	} {
		got, err := ParseScopes(c.text)
		if got.String() != c.want || !errors.Is(err, c.err) {
			t.Errorf("%q: got %q, %v", c.text, got, err)
		}
	}
}

func FuzzParseScopes(f *testing.F) {
	f.Add("lieux:lire creneaux:lire")
	f.Add("\tlieux:lire\u00a0rendezvous:ecrire")
	f.Fuzz(func(t *testing.T, text string) {
		scopes, err := ParseScopes(text)
		if err != nil {
			return
		}
		again, err := ParseScopes(scopes.String())
		if err != nil || again.String() != scopes.String() || len(scopes) > len(AllScopes()) || !scopes.within(AllScopes()) {
			t.Errorf("%q gives %q", text, scopes)
		}
	})
}
