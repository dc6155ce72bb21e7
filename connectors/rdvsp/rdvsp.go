package rdvsp

import (
	"errors"
	"net/url"
	"strings"

	"passerelle/connectors"
)

// Connector is RDV Service Public.
var Connector = func() connectors.Connector {
	c := connectors.Define("rdvsp", recognise, open)
	c.Budget = budget
	c.Locate = locate
	return c
}()

// perMinute is what the software allows one address, 50, less a few for whoever else uses it.
const perMinute = 45

// budget is for all hosts together: that they count apart is documented nowhere.
func budget(host string) (shared string, most int) {
	if _, ours := canonicalHost(host); !ours {
		return "", 0
	}
	return "rdvsp", perMinute
}

// open makes the agenda that the settings allow: the page, the API for partners, or the API that an agent consents to.
func open(c connectors.Connection, s Settings, env connectors.Env) (connectors.Agenda, error) {
	found, err := public(c.Address)
	if err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	link, err := url.Parse(found.Link)
	if err != nil {
		return nil, unfit("adresse: it cannot be read")
	}
	page := &agenda{link: *link, ids: found.IDs, organisation: s.Organisation, department: s.Department, places: s.Places}
	if s.PartnerKey == "" && s.ClientID == "" {
		return page, nil
	}
	root, err := s.root(link)
	switch {
	case err != nil:
		return nil, err
	case env.HTTP == nil:
		return nil, failed("open", connectors.Internal, errors.New("no HTTP client"))
	}
	if s.PartnerKey != "" {
		return &partner{agenda: page, api: newAPI(env.HTTP, root), key: s.PartnerKey, zone: c.Zone}, nil
	}
	if env.Now == nil {
		return nil, failed("open", connectors.Internal, errors.New("no clock"))
	}
	return newConsented(page, found, s, newAPI(env.HTTP, root), env), nil
}

// public recognises an address that people can be sent to.
func public(address string) (connectors.Resolution, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return connectors.Resolution{}, unfit("adresse: it cannot be read") // the cause would hold it
	}
	found, ours := recognise(u)
	switch {
	case !ours:
		return found, unfit("adresse: it is not one of RDV Service Public")
	case found.Secret:
		return found, unfit("adresse: it is somebody's own link")
	case found.Link == "":
		return found, unfit("adresse: it is not a public page")
	}
	return found, nil
}
