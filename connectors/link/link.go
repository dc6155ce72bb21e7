package link

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"passerelle/connectors"
)

// Settings: there are none.
type Settings struct{}

// Connector is any web page. It takes what no other connector wants, so it stands last in the registry.
var Connector = connectors.Define("link", recognise, open)

var (
	_ connectors.Agenda    = agenda{}
	_ connectors.Handoffer = agenda{}
	_ connectors.Guarantor = agenda{}
)

// recognise takes every http or https address of a named host.
func recognise(u *url.URL) (connectors.Resolution, bool) {
	if u.Scheme != "http" && u.Scheme != "https" || !named(u.Hostname()) {
		return connectors.Resolution{}, false
	}
	if u.User != nil {
		return connectors.Resolution{
			Mode: connectors.ByContact, Secret: true,
			Reason: "Cette adresse contient un nom d'utilisateur ou un mot de passe : elle ne doit être ni utilisée ni publiée.",
		}, true
	}
	what, home := describe(u)
	return connectors.Resolution{Mode: connectors.ByHandoff, Link: u.String(), Home: home, Reason: what}, true
}

// named reports whether a host is a name of the public web: not an IP address, not a machine of a local network.
func named(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && strings.Contains(strings.Trim(host, "."), ".")
}

// agenda is a page that a human fills in.
type agenda struct {
	page string
}

func open(c connectors.Connection, _ Settings, _ connectors.Env) (connectors.Agenda, error) {
	address := strings.TrimSpace(c.Address)
	u, err := url.Parse(address)
	switch {
	case err != nil: // the cause would hold the address
		return nil, invalid("it cannot be read")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, invalid("it is not the address of a web page")
	case connectors.Redact(address) != address:
		return nil, invalid("it holds a secret")
	}
	return agenda{page: u.String()}, nil
}

func invalid(what string) error {
	return &connectors.Error{Op: "open", Kind: connectors.Invalid, Err: errors.New("link: adresse: " + what)}
}

// Guarantee is Handoff: no booking is claimed.
func (agenda) Guarantee() connectors.Guarantee { return connectors.Handoff }

// Read is always Unsupported: nothing is known of what is behind the page.
func (agenda) Read(context.Context, connectors.Query) (connectors.Reading, error) {
	return connectors.Reading{}, &connectors.Error{
		Op: "read", Kind: connectors.Unsupported, Err: errors.New("link: a page says nothing of its slots"),
	}
}

// Handoff returns the page as it was declared.
func (a agenda) Handoff(context.Context, connectors.HandoffRequest) (connectors.Link, error) {
	return connectors.Link{URL: a.page}, nil
}
