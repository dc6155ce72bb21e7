package linkcheck

import (
	"net/url"

	"passerelle/connectors"
)

const detailHome = "Page d'accueil d'un logiciel ou d'un service : elle ne mène pas à la page du lieu."

// Shape says what a value of prise_rdv alone decides, without the network: Link is its canonical link, empty when
// there is none that can be looked at; Verdict is Personal, Home, or empty when only the network can tell.
func Shape(registry *connectors.Registry, value string) Result {
	found := registry.Resolve(value)
	if found.Secret {
		return Result{Verdict: Personal, Detail: found.Reason}
	}
	u, err := url.Parse(found.Link)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https":
		return Result{}
	case found.Home:
		return Result{Link: found.Link, Verdict: Home, Detail: detailHome}
	}
	return Result{Link: found.Link}
}

// sentHome reports whether a page leads to the front page of the same software: that is how it says that the page is no
// more. The last connector of a registry takes any page: for its pages, the same software is the same host.
func sentHome(registry *connectors.Registry, from, to *url.URL) bool {
	page, _ := registry.Recognise(from)
	front, _ := registry.Recognise(to)
	names := registry.Names()
	same := page.Connector == front.Connector && (page.Connector != names[len(names)-1] || from.Host == to.Host)
	return same && front.Home && !page.Home
}
