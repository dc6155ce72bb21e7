// Package icalendar turns iCalendar text (RFC 5545, 7953) into occurrences, busy and open time, and an
// appointment into text (.ics, iTIP).
//
// Reading is pure and bounded: bytes, a window and a zone go in, a Calendar comes out. One pass over the bytes
// (lines.go, components.go) leaves a compact list of components; zones are resolved once (zone.go, zonename.go,
// vtimezone.go); each series is expanded inside the window only (rule.go, expand.go, instances.go, series.go). Every loop
// spends from a budget, so that no input can hold the caller.
//
// What cannot be understood never becomes free: it is Doubt. Words of the calendar are untrusted and personal;
// they are in Event alone, never in a Doubt, a Remark or an error.
//
// It owns no I/O and no clock (the table of zones that Go itself reads is the exception). It must not know of
// HTTP, of places, of slots, nor of any one agenda software beyond the properties that it writes.
package icalendar
