package connectors

import (
	"context"
	"net/url"
	"testing"
)

// The network is asked about public links only, and what it does not say leaves what the address says.
func TestLocateAsksAboutPublicLinksOnly(t *testing.T) {
	asked := 0
	r := NewRegistry(Connector{
		Name: "guichet",
		Recognise: func(u *url.URL) (Resolution, bool) {
			return Resolution{Mode: ByHandoff, Link: u.String(), Secret: u.Path == "/secret", Reason: "r"}, u.Hostname() == "guichet.example"
		},
		Locate: func(_ context.Context, found Resolution, _ Env) (Resolution, error) {
			asked++
			if found.Link == "https://guichet.example/mort" {
				return Resolution{}, &Error{Op: "locate", Kind: NotFound}
			}
			found.IDs = map[string]string{"organisation": "12"}
			return found, nil
		},
	}, Connector{Name: "link", Recognise: func(u *url.URL) (Resolution, bool) {
		return Resolution{Mode: ByHandoff, Link: u.String()}, true
	}})
	for _, c := range []struct {
		raw          string
		asked        int
		organisation string
		kind         Kind
		link         string
	}{
		{"https://guichet.example/org", 1, "12", 0, "https://guichet.example/org"},
		{"https://guichet.example/mort", 1, "", NotFound, "https://guichet.example/mort"},
		{"https://guichet.example/secret", 0, "", 0, ""},
		{"https://ailleurs.example/", 0, "", 0, "https://ailleurs.example/"},
		{"oui", 0, "", 0, ""},
	} {
		asked = 0
		found, err := r.Locate(t.Context(), c.raw, Env{})
		if asked != c.asked || found.IDs["organisation"] != c.organisation || found.Link != c.link || (err != nil) != (c.kind != 0) || err != nil && KindOf(err) != c.kind {
			t.Errorf("%s: asked %d times, %+v, %v", c.raw, asked, found, err)
		}
	}
}
