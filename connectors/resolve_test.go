package connectors

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// testRegistry has a connector of one host, one that knows a personal link, and one that takes the rest.
func testRegistry() *Registry {
	return NewRegistry(
		Connector{Name: "agenda", Recognise: func(u *url.URL) (Resolution, bool) {
			if u.Hostname() != "agenda.example.org" {
				return Resolution{}, false
			}
			if strings.HasPrefix(u.Path, "/moi/") {
				return Resolution{Secret: true, Link: u.String(), IDs: map[string]string{"moi": u.Path}, Reason: "Lien personnel."}, true
			}
			return Resolution{Mode: ByHandoff, Link: u.String(), IDs: map[string]string{"chemin": u.Path}}, true
		}},
		Connector{Name: "sans adresse"},
		Connector{Name: "reste", Recognise: func(u *url.URL) (Resolution, bool) {
			return Resolution{Mode: ByHandoff, Link: u.String(), Reason: "Une page."}, u.Scheme != "webcal"
		}},
	)
}

func TestResolveReadsAddressesAsTheyStandInTheWild(t *testing.T) {
	for _, c := range []struct{ name, raw, connector, link string }{
		{"clean", "https://www.example.org/rdv", "reste", "https://www.example.org/rdv"},
		{"blanks around", "\u00a0 https://www.example.org/rdv\u202f\r\n", "reste", "https://www.example.org/rdv"},
		{"invisible characters inside", "\ufeffhttps://www.exa\u200bmple.org/r\u00addv", "reste", "https://www.example.org/rdv"},
		{"no scheme, www", "www.example.org", "reste", "https://www.example.org/"},
		{"no scheme, path", "exemple.fr/RDV", "reste", "https://exemple.fr/RDV"},
		{"no scheme, port", "exemple.fr:8443/rdv", "reste", "https://exemple.fr:8443/rdv"},
		{"no scheme, slashes", "//exemple.fr/rdv", "reste", "https://exemple.fr/rdv"},
		{"scheme twice", "http://https://exemple.fr/rdv", "reste", "https://exemple.fr/rdv"},
		{"scheme without colon", "https//exemple.fr", "reste", "https://exemple.fr/"},
		{"scheme with one slash", "http:/exemple.fr", "reste", "http://exemple.fr/"},
		{"host in capitals, path kept", "HTTPS://WWW.Exemple.FR/Org/roFEEt", "reste", "https://www.exemple.fr/Org/roFEEt"},
		{"default port", "https://exemple.fr:443/a", "reste", "https://exemple.fr/a"},
		{"default port of http", "http://exemple.fr:80/a", "reste", "http://exemple.fr/a"},
		{"other port", "http://exemple.fr:443/a", "reste", "http://exemple.fr:443/a"},
		{"final dot of the host", "https://exemple.fr./a", "reste", "https://exemple.fr/a"},
		{"empty query and fragment", "https://exemple.fr/a?#", "reste", "https://exemple.fr/a"},
		{"a route in the fragment", "https://exemple.fr/#/rdv", "reste", "https://exemple.fr/#/rdv"},
		{"encoded once", "https://exemple.fr/num%C3%A9rique/", "reste", "https://exemple.fr/num%C3%A9rique/"},
		{"encoded twice", "https://exemple.fr/num%25C3%25A9rique/", "reste", "https://exemple.fr/num%C3%A9rique/"},
		{"encoded three times", "https://exemple.fr/num%2525C3%2525A9rique/", "reste", "https://exemple.fr/num%C3%A9rique/"},
		{"encoded twice in the query only", "https://exemple.fr/%C3%A9?a=%25C3%25A9", "reste", "https://exemple.fr/%C3%A9?a=%C3%A9"},
		{"an address in the query is meant", "https://exemple.fr/?u=https%3A%2F%2Fx.fr%2F%25C3%25A9", "reste", "https://exemple.fr/?u=https%3A%2F%2Fx.fr%2F%25C3%25A9"},
		{"a percent sign that escapes nothing", "https://exemple.fr/100%", "reste", "https://exemple.fr/100%25"},
		{"brackets and quotes around", "« <https://exemple.fr/rdv>, »", "reste", "https://exemple.fr/rdv"},
		{"parentheses that belong to it", "https://exemple.fr/rdv_(1)", "reste", "https://exemple.fr/rdv_(1)"},
		{"a sentence around", "Prendre RDV sur https://exemple.fr/rdv.", "reste", "https://exemple.fr/rdv"},
		{"oui before", "oui https://exemple.fr/rdv", "reste", "https://exemple.fr/rdv"},
		{"several, the first", "https://exemple.fr/a|https://exemple.fr/b", "reste", "https://exemple.fr/a"},
		{"several, semicolon", "https://exemple.fr/a;https://exemple.fr/b", "reste", "https://exemple.fr/a"},
		{"several, the better one", "https://exemple.fr/a | https://agenda.example.org/x | https://agenda.example.org/y", "agenda", "https://agenda.example.org/x"},
		{"a telephone beside", "04 70 00 00 00 ; https://exemple.fr/a", "reste", "https://exemple.fr/a"},
		{"look-alike host", "https://agenda.example.org.exemple.fr/x", "reste", "https://agenda.example.org.exemple.fr/x"},
		{"look-alike path", "https://exemple.fr/agenda.example.org/x", "reste", "https://exemple.fr/agenda.example.org/x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := testRegistry().Resolve(c.raw)
			if got.Connector != c.connector || got.Link != c.link || got.Mode != ByHandoff || got.Secret {
				t.Errorf("Resolve(%q) = %+v, want %s %s", c.raw, got, c.connector, c.link)
			}
			if again := testRegistry().Resolve(got.Link); again.Link != got.Link {
				t.Errorf("a canonical link is read as another: %q, then %q", got.Link, again.Link)
			}
		})
	}
}

func TestResolveSaysWhyThereIsNoPage(t *testing.T) {
	for _, c := range []struct{ raw, link, reason string }{
		{"", "", reasonEmpty},
		{" \u00a0\u200b\n", "", reasonEmpty},
		{"Oui", "", reasonAnswer},
		{"non", "", reasonAnswer},
		{"Néant.", "", reasonAnswer},
		{"|;", "", reasonAnswer},
		{"contact@Exemple.FR", "mailto:contact@exemple.fr", reasonMail},
		{"mailto:Contact@exemple.fr?subject=Bonjour", "mailto:Contact@exemple.fr", reasonMail},
		{"Écrire à contact@exemple.fr", "mailto:contact@exemple.fr", reasonMail},
		{"04 70 00 00 00", "tel:0470000000", reasonPhone},
		{"Tél. : 04.70.00.00.00 (matin)", "tel:0470000000", reasonPhone},
		{"04\u00a070\u00a000\u00a000\u00a000", "tel:0470000000", reasonPhone},
		{"tel:+33470000000", "tel:+33470000000", reasonPhone},
		{"+33 (0)4 70 00 00 00", "tel:+33470000000", reasonPhone},
		{"0033470000000", "tel:+33470000000", reasonPhone},
		{"tel:3949", "tel:3949", reasonPhone},
		{"Sur rendez-vous.Appeler le matin", "", reasonNotAddress},
		{"formulaire.pdf", "", reasonNotAddress},
		{"http://localhost/rdv", "", reasonNotAddress},
		{"http://192.168.1.1/rdv", "", reasonNotAddress},
		{"http://[::1]/rdv", "", reasonNotAddress},
		{"https://", "", reasonNotAddress},
		{"https://exemple.fr:port/", "", reasonNotAddress},
		{"https://exemple.fr/\xff", "", reasonNotAddress},
		{"webcal://exemple.fr/x", "", reasonUnknown},
		{strings.Repeat("a", longestValue+1), "", reasonTooLong},
		{"ftp://exemple.fr/x", "", "Une adresse « ftp: » ne peut pas être suivie : seules https, http et webcal le sont."},
		{"javascript:alert(1)", "", "Une adresse « javascript: » ne peut pas être suivie : seules https, http et webcal le sont."},
	} {
		got := testRegistry().Resolve(c.raw)
		if got.Connector != "" || got.Mode != ByContact || got.Link != c.link || got.Reason != c.reason || got.Secret {
			t.Errorf("Resolve(%.60q) = %+v, want link %q, reason %q", c.raw, got, c.link, c.reason)
		}
	}
}

func TestASecretAnywhereMakesTheWholeValueSecret(t *testing.T) {
	for _, raw := range []string{
		"https://agenda.example.org/moi/s3cr3t",
		"https://agenda.example.org/x | https://agenda.example.org/moi/s3cr3t",
		"https://exemple.fr/?invitation_token=s3cr3t",
		"https://exemple.fr/ok https://exemple.fr/?tkn=s3cr3t",
		"https://exemple.fr/?invitation%5Ftoken=s3cr3t",
		"https://exemple.fr/?invi\u200btation_token=s3cr3t",
		"https://exemple.fr/%253Ftkn%253Ds3cr3t",
		"https://exemple.fr/#access_token=s3cr3t",
		"https://jean:s3cr3t@exemple.fr/rdv",
		"https://s3cr3t@exemple.fr/rdv",
		"https:/s3cr3t@exemple.fr/rdv",
		"https://exemple.fr/?tkn=s3cr3t&x=" + strings.Repeat("a", longestValue),
	} {
		got := testRegistry().Resolve(raw)
		if !got.Secret || got.Link != "" || got.IDs != nil || got.Mode != ByContact || got.Reason == "" {
			t.Errorf("Resolve(%q) = %+v, want a secret without link", raw, got)
		}
		if strings.Contains(fmt.Sprint(got), "s3cr3t") {
			t.Errorf("Resolve(%q) = %+v tells the secret", raw, got)
		}
	}
}

func TestALinkThatAConnectorMakesIsCheckedToo(t *testing.T) {
	careless := NewRegistry(Connector{Name: "négligent", Recognise: func(*url.URL) (Resolution, bool) {
		return Resolution{Mode: ByHandoff, Link: "https://exemple.fr/?token=s3cr3t"}, true
	}})
	if got := careless.Resolve("https://exemple.fr/"); !got.Secret || got.Link != "" || got.Reason != reasonSecret {
		t.Errorf("Resolve = %+v", got)
	}
}

func TestAnEmptyRegistryResolvesNothing(t *testing.T) {
	if got := NewRegistry().Resolve("https://exemple.fr/"); got.Connector != "" || got.Mode != ByContact {
		t.Errorf("Resolve = %+v", got)
	}
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{
		"https://www.example.org/rdv", "www.exemple.fr | 04 70 00 00 00", "%2525%%2", "https://exemple.fr/?u=https%3A%2F%2Fx.fr%2F%25C3%25A9#a",
		"mailto:a@exemple.fr", "https://é.fr/«»", "http:/\\//x.fr:80:", "\xff\u00ad\u202e", "//x.fr", "https://exemple.fr/a?b=c;d=e|f",
	} {
		f.Add(seed, seed)
	}
	r := testRegistry()
	f.Fuzz(func(t *testing.T, before, after string) {
		got := r.Resolve(before)
		if got.Mode == "" || got.Secret && (got.Link != "" || got.IDs != nil || got.Reason == "") {
			t.Fatalf("Resolve(%q) = %+v", before, got)
		}
		if Redact(got.Link) != got.Link {
			t.Fatalf("Resolve(%q) shows a secret: %q", before, got.Link)
		}
		if got.Connector != "" && got.Link != "" {
			if again := r.Resolve(got.Link); again.Link != got.Link || again.Connector != got.Connector {
				t.Fatalf("Resolve(%q).Link = %q, which is read as %+v", before, got.Link, again)
			}
		}
		const secret = "Zq7WxK9vB2mT4"
		for _, hidden := range []string{
			"https://exemple.fr/?invitation_token=" + secret + after,
			"https://exemple.fr/prdv?a=1&tkn=" + secret + after,
			"https://exemple.fr/r/12/" + secret + after,
			"https://jean:" + secret + "@exemple.fr/" + after,
			before + " https://exemple.fr/?%74kn=" + secret,
		} {
			got := r.Resolve(hidden)
			if strings.Contains(fmt.Sprint(got), secret) || strings.Contains(Redact(hidden), secret) {
				t.Fatalf("the secret of %q is in %+v or in %q", hidden, got, Redact(hidden))
			}
			if !got.Secret && !strings.ContainsAny(after, " \t\n\r") {
				t.Fatalf("Resolve(%q) = %+v, not secret", hidden, got)
			}
		}
	})
}
