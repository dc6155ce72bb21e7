package rdvsp

import (
	"slices"
	"strings"
)

// domains are those that the software is served under.
var domains = []string{
	"rdv-solidarites.fr", "rdv-aide-numerique.fr", "rdv-service-public.fr", "rdv.anct.gouv.fr", "rdv.numerique.gouv.fr",
}

// ownSites are subdomains of those that serve the software; others (aide.rdv-service-public.fr) are plain sites.
var ownSites = []string{"", "www.", "demo.", "staging."}

// withWWW are the domains that answer under www; the short form is the same site.
var withWWW = []string{"rdv-solidarites.fr", "rdv-aide-numerique.fr", "rdv-service-public.fr"}

// canonicalHost is the one spelling of a host of the software; host is in lower case.
func canonicalHost(host string) (string, bool) {
	for _, domain := range domains {
		site, under := strings.CutSuffix(host, domain)
		if !under || !slices.Contains(ownSites, site) {
			continue
		}
		switch {
		case site == "" && slices.Contains(withWWW, domain):
			return "www." + domain, true
		case site == "www." && !slices.Contains(withWWW, domain):
			return domain, true
		}
		return host, true
	}
	return "", false
}

// instanceOf names the data base behind a host. Identifiers of one instance mean nothing in another; two hosts
// share one only where that is documented.
func instanceOf(host string) string {
	switch host {
	case "www.rdv-aide-numerique.fr":
		return "www.rdv-solidarites.fr"
	case "demo.rdv-aide-numerique.fr", "demo.rdv.anct.gouv.fr":
		return "demo.rdv-solidarites.fr"
	}
	return host
}
