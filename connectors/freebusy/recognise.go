package freebusy

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"passerelle/connectors"
)

const (
	reasonPublished = "Disponibilités publiées (libre/occupé) : elles peuvent être lues si la structure les raccorde, mais ce n'est pas une page où envoyer quelqu'un."
	reasonPrivate   = "Disponibilités à l'adresse privée : elle ne doit pas être publiée ; elle peut servir à raccorder l'agenda."
)

// recognise takes the file names of free/busy time, in .ifb (RFC 5545 §8.1) or .vfb (Outlook), and the addresses of
// Zimbra that ask for it.
func recognise(u *url.URL) (connectors.Resolution, bool) {
	over, ok := connectors.FeedURL(u)
	if !ok || !named(u) && !zimbra(u) {
		return connectors.Resolution{}, false
	}
	return connectors.FeedResolution(over, reasonPublished, reasonPrivate), true
}

func named(u *url.URL) bool {
	ending := strings.ToLower(path.Ext(strings.TrimRight(u.Path, "/")))
	return ending == ".ifb" || ending == ".vfb"
}

// zimbra reports whether an address is /home/{account}[/{calendar}]?fmt=ifb, also below another path. With
// fmt=freebusy, Zimbra answers with a page for people.
func zimbra(u *url.URL) bool {
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	home := slices.Index(segments, "home")
	return home >= 0 && home+1 < len(segments) && strings.EqualFold(u.Query().Get("fmt"), "ifb")
}
