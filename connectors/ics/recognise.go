package ics

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"passerelle/connectors"
)

const (
	reasonFeed    = "Flux d'agenda : il peut être lu s'il est raccordé par la structure, mais ce n'est pas une page où envoyer quelqu'un."
	reasonPrivate = "Flux d'agenda privé : qui a cette adresse lit l'agenda. Elle ne doit pas être publiée ; elle peut servir à raccorder l'agenda."
)

// recognise takes the addresses of feeds: webcal, a file name in .ics or .ical, and the hosts that publish feeds
// under other names.
func recognise(u *url.URL) (connectors.Resolution, bool) {
	over, ok := connectors.FeedURL(u)
	if !ok || u.Scheme != "webcal" && !feedPath(u) {
		return connectors.Resolution{}, false
	}
	return connectors.FeedResolution(over, reasonFeed, reasonPrivate), true
}

// feedPath reports whether the path is that of a feed.
func feedPath(u *url.URL) bool {
	host, segments := strings.ToLower(u.Hostname()), strings.Split(strings.Trim(u.Path, "/"), "/")
	switch ending := strings.ToLower(path.Ext(segments[len(segments)-1])); {
	case ending == ".ics", ending == ".ical", ending == ".icalendar":
		return true
	case u.Query().Has("export"): // Nextcloud and sabre/dav: public-calendars/{name}?export
		return slices.Contains(segments, "public-calendars")
	case host == "icloud.com" || strings.HasSuffix(host, ".icloud.com"): // published/2/{name}
		return segments[0] == "published"
	}
	return false
}
