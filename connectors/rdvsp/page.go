package rdvsp

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"passerelle/connectors"
)

var (
	_ connectors.Agenda    = (*agenda)(nil)
	_ connectors.Handoffer = (*agenda)(nil)
	_ connectors.Guarantor = (*agenda)(nil)
)

// agenda is a page of RDV Service Public that books, for a human only.
type agenda struct {
	link         url.URL           // canonical
	ids          map[string]string // found in it
	organisation int               // by the settings; zero: not known
	department   string            // by the settings; empty: not known
	places       map[string]int    // lieu_id by id of the place
}

// Guarantee is Handoff: no booking is claimed.
func (*agenda) Guarantee() connectors.Guarantee { return connectors.Handoff }

// Read is always Unsupported: the software lists no slots to third parties.
func (*agenda) Read(context.Context, connectors.Query) (connectors.Reading, error) {
	return connectors.Reading{}, failed("read", connectors.Unsupported, errors.New("no slots are offered to third parties"))
}

// search is the path of the page that searches, and that every link to an organisation ends at.
const search = "/prendre_rdv"

// prescriber is the parameter that opens the motifs kept for professionals and asks who prescribes.
const prescriber = "prescripteur"

// Handoff returns the page, opened for a prescriber if one asks, and at the chosen motif and place where the page can
// take them. It carries no personal data, nor our reference: the page would do nothing with it.
func (a *agenda) Handoff(_ context.Context, r connectors.HandoffRequest) (connectors.Link, error) {
	link := a.page()
	query := link.Query()
	if link.Path == search {
		if number.MatchString(r.Motif) {
			query.Set("motif_id", r.Motif)
		}
		if lieu := a.places[r.Place]; lieu != 0 {
			query.Set("lieu_id", strconv.Itoa(lieu))
		}
	}
	if r.Prescriber && !alreadyPrescribes(link.Path) {
		query.Set(prescriber, "1")
	}
	link.RawQuery = query.Encode()
	return connectors.Link{URL: link.String()}, nil
}

// page is the address, or the search that the page of an organisation leads to where the settings say all that it would
// say: without a department, a search begins by asking people where they live.
func (a *agenda) page() url.URL {
	link := a.link
	if a.organisation == 0 {
		return link
	}
	query := link.Query()
	switch organisation := strconv.Itoa(a.organisation); {
	case strings.HasPrefix(link.Path, "/org/") && a.department != "":
		query.Set("public_link_organisation_id", organisation)
		query.Set("departement", a.department)
	case link.Path == search && a.ids[idOrganisation] == "" && a.ids[idOrganisationExt] == "":
		query.Set("public_link_organisation_id", organisation)
	default:
		return link
	}
	link.Path, link.RawQuery = search, query.Encode()
	return link
}

// alreadyPrescribes: these pages are the prescriber's own way, or begin after it.
func alreadyPrescribes(path string) bool {
	return path == "/prescripteur/start" || strings.HasPrefix(path, "/resin/") || path == "/users/rdv_wizard_step/new"
}
