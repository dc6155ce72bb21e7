package rdvsp

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"passerelle/connectors"
)

// Settings: there are none.
type Settings struct{}

// Connector is RDV Service Public.
var Connector = connectors.Define("rdvsp", recognise, open)

var (
	_ connectors.Agenda    = agenda{}
	_ connectors.Handoffer = agenda{}
	_ connectors.Guarantor = agenda{}
)

// agenda is a page of RDV Service Public that books, for a human only.
type agenda struct {
	link url.URL // canonical
}

func open(c connectors.Connection, _ Settings, _ connectors.Env) (connectors.Agenda, error) {
	u, err := url.Parse(strings.TrimSpace(c.Address))
	if err != nil {
		return nil, invalid("the address cannot be read") // the cause would hold the address
	}
	found, ours := recognise(u)
	switch {
	case !ours:
		return nil, invalid("the address is not one of RDV Service Public")
	case found.Secret:
		return nil, invalid("the address is somebody's own link")
	case found.Link == "":
		return nil, invalid("the address is not a public page")
	}
	link, err := url.Parse(found.Link)
	if err != nil {
		return nil, invalid("the address cannot be read")
	}
	return agenda{link: *link}, nil
}

func invalid(what string) error {
	return &connectors.Error{Op: "open", Kind: connectors.Invalid, Err: errors.New("rdvsp: adresse: " + what)}
}

// Guarantee is Handoff: no booking is claimed.
func (agenda) Guarantee() connectors.Guarantee { return connectors.Handoff }

// Read is always Unsupported: the software lists no slots to third parties.
func (agenda) Read(context.Context, connectors.Query) (connectors.Reading, error) {
	return connectors.Reading{}, &connectors.Error{
		Op: "read", Kind: connectors.Unsupported, Err: errors.New("rdvsp: no slots are offered to third parties"),
	}
}

// prescriber is the parameter that opens the motifs kept for professionals and asks who prescribes.
const prescriber = "prescripteur"

// Handoff returns the page, opened for a prescriber if one asks, and at the chosen motif where the page can take one.
// It carries no personal data, nor our reference: the page would do nothing with it.
func (a agenda) Handoff(_ context.Context, r connectors.HandoffRequest) (connectors.Link, error) {
	link, query := a.link, a.link.Query()
	if link.Path == "/prendre_rdv" && number.MatchString(r.Motif) {
		query.Set("motif_id", r.Motif)
	}
	if r.Prescriber && !alreadyPrescribes(link.Path) {
		query.Set(prescriber, "1")
	}
	link.RawQuery = query.Encode()
	return connectors.Link{URL: link.String()}, nil
}

// alreadyPrescribes: these pages are the prescriber's own way, or begin after it.
func alreadyPrescribes(path string) bool {
	return path == "/prescripteur/start" || strings.HasPrefix(path, "/resin/") || path == "/users/rdv_wizard_step/new"
}
