// Package ics is the connector of a calendar that is published as a feed (RFC 5545 over HTTP): busy time under the
// opening hours of a place, or events that are the openings themselves.
//
// A feed is read and never written. What a feed means is for package icalendar, fetching it for connectors.Feed; this
// package translates. It must not know of places. The address of a feed is a secret more often than not: it stands in
// no error.
package ics
