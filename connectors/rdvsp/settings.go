package rdvsp

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"passerelle/connectors"
)

// Settings say what RDV Service Public has granted, if anything, and what the address does not say.
type Settings struct {
	PartnerKey string `json:"cle_partenaire"` // of the API for partners; never beside client_id
	API        string `json:"api"`            // root of the instance; empty: that of the address

	// The application that RDV Service Public registered for the gateway on that instance. With it, an agent of the
	// organisation can let the gateway in.
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	// WebhookSecret is what the organisation's webhooks are signed with; empty: none is believed.
	WebhookSecret string `json:"secret_webhook"`

	Organisation int            `json:"organisation"` // as the API numbers it; zero: it is located when it is needed
	Department   string         `json:"departement"`  // number or code of its territory; located with it
	Places       map[string]int `json:"lieux"`        // id of a place of the standard → lieu_id
}

// department is a number of one (2A, 974) or the code of a territory (CN, C21).
var department = regexp.MustCompile(`^[0-9A-Z]{2,6}$`)

func (s Settings) check() error {
	switch {
	case s.PartnerKey != "" && s.ClientID != "":
		return unfit("cle_partenaire, client_id: it is one or the other")
	case strings.ContainsAny(s.PartnerKey, "\r\n"):
		return unfit("cle_partenaire: it is of one line")
	case (s.ClientID == "") != (s.ClientSecret == ""):
		return unfit("client_id, client_secret: they go together")
	case s.WebhookSecret != "" && s.ClientID == "":
		return unfit("secret_webhook: it is for the mode that client_id opens")
	case s.Organisation < 0:
		return unfit("organisation: it is a number")
	case s.Department != "" && !department.MatchString(s.Department):
		return unfit("departement: it is a number, or the code of a territory")
	}
	for _, lieu := range s.Places {
		if lieu <= 0 {
			return unfit("lieux: each is a number")
		}
	}
	return nil
}

// root is where the API is.
func (s Settings) root(page *url.URL) (*url.URL, error) {
	if s.API == "" {
		return &url.URL{Scheme: page.Scheme, Host: page.Host, Path: "/"}, nil
	}
	u, err := url.Parse(s.API)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return nil, unfit("api: it is not the address of a server")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}, nil
}

// unfit is an address or a setting that cannot be; it says which, and nothing of its value.
func unfit(what string) error {
	return failed("open", connectors.Invalid, errors.New(what))
}
