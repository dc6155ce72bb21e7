package rdvsp

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"passerelle/connectors"
)

// Keys of Resolution.IDs. Identifiers are those of the instance; lists are joined by commas.
const (
	idInstance          = "instance" // the host that stands for the data base
	idOrganisation      = "organisation"
	idOrganisationExt   = "organisation_externe" // as the territory calls it
	idTerritory         = "territoire"
	idDepartment        = "departement"
	idCommune           = "code_insee"
	idService           = "service"
	idMotif             = "motif"
	idMotifName         = "motif_nom"
	idMotifCategory     = "motif_categorie"
	idPlace             = "lieu"
	idStart             = "debut"
	idDuration          = "duree_min"
	idCollectiveSession = "rdv_collectif"
)

// carried are the parameters of the search and of the wizard that identify something. The rest (coordinates, the
// address that somebody searched from) stays in the link and is not read.
var carried = []struct{ parameter, id string }{
	{"organisation_ids[]", idOrganisation}, // the last of the three that is there wins
	{"user_selected_organisation_id", idOrganisation},
	{"public_link_organisation_id", idOrganisation},
	{"external_organisation_ids[]", idOrganisationExt},
	{"departement", idDepartment},
	{"city_code", idCommune},
	{"service_id", idService},
	{"motif_id", idMotif},
	{"motif_name_with_location_type", idMotifName},
	{"motif_category_short_name", idMotifCategory},
	{"lieu_id", idPlace},
	{"starts_at", idStart},
	{"duration", idDuration},
	{"rdv_collectif_id", idCollectiveSession},
}

var (
	// publicID is what an organisation or a motif is called in an address: a number until January 2026, base58 since.
	publicID = regexp.MustCompile(`^(?:[0-9]+|[1-9A-HJ-NP-Za-km-z]{4,16})$`)
	number   = regexp.MustCompile(`^[0-9]+$`)
)

const (
	reasonPersonal = "Ce lien est personnel (invitation, rendez-vous ou agenda de quelqu'un) : il ne doit être ni utilisé ni publié. Publiez l'adresse de l'organisation : https://…/org/…"
	reasonAgent    = "Cette page est réservée aux agents de RDV Service Public : publiez l'adresse publique de l'organisation, https://…/org/…"
	reasonUser     = "Cette page est l'espace personnel d'un usager de RDV Service Public : publiez l'adresse publique de l'organisation, https://…/org/…"
)

// recognise reads the shapes of address that RDV Service Public serves.
func recognise(u *url.URL) (connectors.Resolution, bool) {
	host, known := canonicalHost(strings.TrimSuffix(strings.ToLower(u.Hostname()), "."))
	if !known || !slices.Contains([]string{"http", "https", "webcal"}, u.Scheme) || !slices.Contains([]string{"", "80", "443"}, u.Port()) {
		return connectors.Resolution{}, false
	}
	if personal(u) {
		return connectors.Resolution{Mode: connectors.ByContact, Secret: true, Reason: reasonPersonal}, true
	}
	p := page{
		host: host,
		path: segments(u),
		ask:  asked(u),
		ids:  map[string]string{idInstance: instanceOf(host)},
	}
	return p.resolve(), true
}

// segments are the parts of the path that say something.
func segments(u *url.URL) []string {
	return strings.FieldsFunc(u.Path, func(c rune) bool { return c == '/' })
}

// personal reports whether the address opens somebody's own appointment, invitation or agenda.
func personal(u *url.URL) bool {
	query := u.Query()
	path := "/" + strings.Join(segments(u), "/") + "/" // as the canonical link would have it: //r and /r are one
	for _, start := range []string{"/prdv/", "/r/", "/i/r/", "/users/rdvs/", "/users/invitation/", "/invitation/", "/invitations/", "/calendrier/"} {
		if strings.HasPrefix(path, start) {
			return true
		}
	}
	return u.User != nil || query.Has("invitation_token") || query.Has("tkn")
}

// asked are the parameters that a canonical link keeps: those with a value, but for the ones that a form or a
// mailing adds, and for "prescripteur", which depends on who follows the link (see Handoff).
func asked(u *url.URL) url.Values {
	kept := url.Values{}
	for name, values := range u.Query() {
		if name == prescriber || name == "button" || name == "commit" || strings.HasPrefix(name, "utm_") {
			continue
		}
		for _, value := range values {
			if value = strings.TrimSpace(value); value != "" {
				kept.Add(name, value)
			}
		}
	}
	return kept
}

// page is one address of the software, taken to pieces.
type page struct {
	host string
	path []string
	ask  url.Values
	ids  map[string]string
}

func (p page) resolve() connectors.Resolution {
	switch first, rest := p.section(); first {
	case "":
		return p.search("/")
	case "prendre_rdv", "prendre_rdv_prescripteur":
		return p.search("/prendre_rdv")
	case "org":
		return p.organisation(rest)
	case "motif":
		return p.motif(rest)
	case "resin":
		return p.group(rest)
	case "creneaux", "prescripteur", "users":
		return p.slot(first, rest)
	case "admin", "agents":
		if len(rest) > 1 && rest[0] == "organisations" && number.MatchString(rest[1]) {
			p.ids[idOrganisation] = rest[1]
		}
		return connectors.Resolution{Mode: connectors.ByContact, IDs: p.ids, Reason: reasonAgent}
	}
	return p.unknown()
}

func (p page) section() (first string, rest []string) {
	if len(p.path) == 0 {
		return "", nil
	}
	return p.path[0], p.path[1:]
}

// organisation is /org/{id}[/{slug}] or /org/ext/{territory}/{external id}[/{slug}]. The slug is for the eye only.
func (p page) organisation(rest []string) connectors.Resolution {
	switch {
	case len(rest) >= 3 && rest[0] == "ext":
		p.ids[idTerritory], p.ids[idOrganisationExt] = rest[1], rest[2]
		return p.handoff("Page de réservation d'une organisation de RDV Service Public.", "org", "ext", rest[1], rest[2])
	case len(rest) >= 1 && publicID.MatchString(rest[0]):
		p.ids[idOrganisation] = rest[0]
		return p.handoff("Page de réservation d'une organisation de RDV Service Public.", "org", rest[0])
	}
	return p.unknown()
}

// motif is /motif/{id}[/{slug}]: the direct link to one motif, of which only the identifiers' form is known for sure.
func (p page) motif(rest []string) connectors.Resolution {
	if len(rest) == 0 || !publicID.MatchString(rest[0]) {
		return p.unknown()
	}
	p.ids[idMotif] = rest[0]
	return p.handoff("Page de réservation d'un motif de RDV Service Public.", p.path...)
}

// group is /resin/{external ids}: several organisations of the territory CN at once, for prescribers.
func (p page) group(rest []string) connectors.Resolution {
	if len(rest) != 1 {
		return p.unknown()
	}
	p.ids[idTerritory], p.ids[idOrganisationExt] = "CN", rest[0]
	return p.handoff("Recherche parmi plusieurs organisations de RDV Service Public.", "resin", rest[0])
}

// slot is one slot: /creneaux, /prescripteur/start or /users/rdv_wizard_step/new.
func (p page) slot(first string, rest []string) connectors.Resolution {
	switch path := strings.Join(append([]string{first}, rest...), "/"); path {
	case "creneaux", "prescripteur/start", "users/rdv_wizard_step/new":
		p.carry()
		return p.handoff("Créneau précis de RDV Service Public : ce lien ne vaudra plus rien une fois l'heure passée.", path)
	}
	if first == "users" {
		return connectors.Resolution{Mode: connectors.ByContact, IDs: p.ids, Reason: reasonUser}
	}
	return p.unknown()
}

// search is the search wizard; without anything to search, it is a home page, which leads to no place in particular.
func (p page) search(path string) connectors.Resolution {
	p.carry()
	if len(p.ask) > 0 {
		return p.handoff("Recherche de RDV Service Public, déjà remplie.", path)
	}
	home := p.handoff("Page d'accueil de RDV Service Public : elle ne mène pas à un lieu précis. Publiez l'adresse de l'organisation : https://…/org/…", path)
	home.Home = true
	return home
}

func (p page) unknown() connectors.Resolution {
	return p.handoff("Page de RDV Service Public dont la forme n'est pas connue : le lien est donné tel quel.", p.path...)
}

func (p page) carry() {
	for _, c := range carried {
		if values := p.ask[c.parameter]; len(values) > 0 {
			p.ids[c.id] = strings.Join(values, ",")
		}
	}
}

// handoff is a page that a person can be sent to.
func (p page) handoff(reason string, path ...string) connectors.Resolution {
	link := url.URL{Scheme: "https", Host: p.host, Path: "/" + strings.TrimPrefix(strings.Join(path, "/"), "/"), RawQuery: p.ask.Encode()}
	return connectors.Resolution{Mode: connectors.ByHandoff, Link: link.String(), IDs: p.ids, Reason: reason}
}
