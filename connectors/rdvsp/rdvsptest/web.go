package rdvsptest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// here is an address of the host that was asked: redirects keep it.
func (c *call) here(path string) string {
	scheme := "http"
	if c.Header.Get(forwardedScheme) != "" {
		scheme = c.Header.Get(forwardedScheme)
	}
	return scheme + "://" + c.Host + path
}

// forwardedScheme is how what stands before an instance says that it was asked by https.
const forwardedScheme = "X-Forwarded-Proto"

func (s *Server) home(*call) answer { return page(http.StatusOK, "Accueil") }

// robots forbids everything but the home page and a few pages that say nothing of anybody.
func (s *Server) robots(*call) answer {
	text := "User-agent: *\nDisallow: /\nAllow: /$\n"
	for _, open := range []string{"mds", "accessibility", "mentions_legales", "cgu", "politique_de_confidentialite", "domaines", "aide"} {
		text += "Allow: /" + open + "\n"
	}
	return answer{status: http.StatusOK, page: text, kind: "text/plain"}
}

// numbersEnd is when organisations stopped to be found by their number.
var numbersEnd = time.Date(2026, time.January, 20, 0, 0, 0, 0, time.UTC)

// organisationLink finds by the public identifier, with its case, then by the number if the organisation is old enough.
func (s *Server) organisationLink(c *call) answer {
	asked := c.PathValue("organisation_id")
	for _, o := range sorted(s.organisations) {
		if o.PublicID != "" && o.PublicID == asked {
			return s.toSearch(c, o)
		}
	}
	for _, o := range sorted(s.organisations) {
		if strconv.Itoa(o.ID) == asked && o.CreatedAt.Before(numbersEnd) {
			return s.toSearch(c, o)
		}
	}
	return s.deadLink(c)
}

func (s *Server) externalLink(c *call) answer {
	for _, o := range sorted(s.organisations) {
		if o.ExternalID != "" && o.Territory == c.PathValue("territory") && o.ExternalID == c.PathValue("external_id") {
			return s.toSearch(c, o)
		}
	}
	return s.deadLink(c)
}

func (s *Server) toSearch(c *call, o Organisation) answer {
	return redirect(c.here(fmt.Sprintf("/prendre_rdv?public_link_organisation_id=%d&departement=%s", o.ID, url.QueryEscape(o.Territory))))
}

func (s *Server) deadLink(c *call) answer {
	if s.o.DeadLinksGoHome {
		return redirect(c.here("/"))
	}
	return page(http.StatusNotFound, "La page que vous recherchez n'existe pas")
}

// search is the page that people book on, which nobody but people should read. An organisation that went to another
// instance and left no motif behind is looked for there.
func (s *Server) search(c *call) answer {
	query := c.URL.Query()
	id, _ := strconv.Atoi(query.Get("public_link_organisation_id"))
	o, there := s.organisations[id]
	switch {
	case query.Has("public_link_organisation_id") && !there:
		return s.deadLink(c)
	case there && o.MigratedTo != "" && !s.hasMotifs(o.ID):
		return redirect(o.MigratedTo)
	case !s.searchAllowed(query):
		return redirect(c.here("/"))
	}
	return page(http.StatusOK, "Prendre rendez-vous")
}

func (s *Server) hasMotifs(organisation int) bool {
	return slices.ContainsFunc(sorted(s.motifs), func(m Motif) bool { return m.Organisation == organisation })
}

// searchAllowed: people must come from the page of an organisation, but where addresses are searched, and in one
// territory that had printed its links before.
func (s *Server) searchAllowed(query url.Values) bool {
	return s.o.AddressSearch || query.Get("public_link_organisation_id") != "" || query.Get("departement") == "C21"
}
