// Package freebusy is the connector of published free/busy time (a VFREEBUSY over HTTP, RFC 5545 §3.6.4): busy time
// under the opening hours of a place, and nothing else of the diary.
//
// What an answer does not speak for is Doubt, never free: it covers a few months at most, and an answer without any
// period may stand for an empty diary as well as for one that is not shared. What a VFREEBUSY means is for package
// icalendar, fetching it for connectors.Feed; this package tells what is known from what is not. It must not know of
// places.
package freebusy
