package connectors

import (
	"strings"
	"testing"
)

func TestRedactMasksSecretsAndNothingElse(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"https://exemple.fr/prendre_rdv?departement=03&invitation_token=ABCD1234", "https://exemple.fr/prendre_rdv?departement=03&invitation_token=[masqué]"},
		{"https://exemple.fr/prdv?tkn=abc&x=1", "https://exemple.fr/prdv?tkn=[masqué]&x=1"},
		{"https://exemple.fr/?accessToken=abc", "https://exemple.fr/?accessToken=[masqué]"},
		{"https://exemple.fr/?user[password]=abc", "https://exemple.fr/?user[password]=[masqué]"},
		{"https://exemple.fr/?X-Amz-Signature=abc", "https://exemple.fr/?X-Amz-Signature=[masqué]"},
		{"https://exemple.fr/?api_key=abc#haut", "https://exemple.fr/?api_key=[masqué]"},
		{"https://exemple.fr/#token=abc", "https://exemple.fr/#token=[masqué]"},
		{"https://exemple.fr/?token=abc?d", "https://exemple.fr/?token=[masqué]"},
		{"https://exemple.fr/?token=", "https://exemple.fr/?token="},
		{"https://jean:abc@exemple.fr/", "https://[masqué]@exemple.fr/"},
		{"https://jean@exemple.fr/", "https://[masqué]@exemple.fr/"},
		{"https://jean:a/b?c@exemple.fr/", "https://[masqué]@exemple.fr/"},
		{"https:jean:abc@exemple.fr/", "https:[masqué]@exemple.fr/"},
		{"https://exemple.fr/calendrier/jean-exemple-0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f.ics", "https://exemple.fr/calendrier/[masqué]"},
		{"https://calendar.google.com/calendar/ical/x%40exemple.fr/private-0123456789abcdef0123456789abcdef/basic.ics", "https://calendar.google.com/calendar/ical/x%40exemple.fr/private-[masqué]/basic.ics"},
		{"https://exemple.fr/r/12/abc", "https://exemple.fr/r/12/[masqué]"},
		{"https://exemple.fr/r/12/cr?a=1", "https://exemple.fr/r/12/[masqué]?a=1"},
		{"https://exemple.fr/i/r/0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f", "https://exemple.fr/i/r/[masqué]"},
		{"https://exemple.fr/a | https://exemple.fr/?tkn=abc | b", "https://exemple.fr/a | https://exemple.fr/?tkn=[masqué] | b"},
		{"https://exemple.fr/?u=https%3A%2F%2Fx.fr%2F%3Ftkn%3Dabc%2526d", "https://exemple.fr/?u=https://x.fr/?tkn=[masqué]"},

		{"https://exemple.fr/calendrier/permanences-numeriques-2026.ics", ""},
		{"https://exemple.fr/private-lessons/", ""},
		{"https://exemple.fr/r/lyon/rdv", ""},
		{"https://outlook.office365.com:443/book/accueil@exemple.fr/?ismsaljsauthenabled=true", ""},
		{"https://docs.google.com/forms/d/e/1FAIpQLScABCDEFGHIJ0123456789/viewform?usp=sf_link", ""},
		{"https://exemple.fr/rdv?departement=03&public_link_organisation_id=12&session=matin&motclef=x", ""},
		{"contact@exemple.fr", ""},
		{"mailto:contact@exemple.fr", ""},
		{"04 70 00 00 00", ""},
		{"\u00a0100 %\u200b", ""},
	} {
		want := c.want
		if want == "" {
			want = c.raw
		}
		if got := Redact(c.raw); got != want {
			t.Errorf("Redact(%q) = %q, want %q", c.raw, got, want)
		}
		if again := Redact(want); again != want {
			t.Errorf("Redact(%q) = %q: masking twice differs", want, again)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("https://exemple.fr/?tkn=abc")
	f.Add("%25%32%35token%3Dx")
	f.Add("//a:b@c//d@e")
	f.Fuzz(func(t *testing.T, raw string) {
		shown := Redact(raw)
		if shown != raw && !strings.Contains(shown, masked) {
			t.Errorf("Redact(%q) = %q: changed, and nothing is masked", raw, shown)
		}
		if again := Redact(shown); again != shown {
			t.Errorf("Redact(%q) = %q, then %q", raw, shown, again)
		}
	})
}
