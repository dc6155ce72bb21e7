// Package link is the connector of every web page that no other connector knows: a form, the page of a site, a
// booking software that is not connected yet. It hands people over to the page and promises nothing more.
//
// It asks no network, not even to follow a shortened address. It must not know of places.
package link
