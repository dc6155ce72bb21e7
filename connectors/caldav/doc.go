// Package caldav is the connector of a calendar on a CalDAV server (RFC 4791): Nextcloud, Zimbra, SOGo, BlueMind,
// Radicale… It reads the whole calendar once and then what has changed (sync-collection, RFC 6578, or else ETags), books
// by writing an event, looks whether somebody else has the time, and takes back what lost.
//
// The objects are read raw and expanded by package icalendar: what a server filters or expands (time-range, expand,
// free-busy-query) is never asked for, because real servers under-report there, and what they leave out would be shown
// as free. No server keeps two events apart either: two writes of one time are both accepted, and so is, on some, the
// second write of one name. Hence the reading after each write, and the look at the name before it.
//
// What is kept between readings is where the calendar lies, ETags and intervals; no text of an event. The package must
// not know of places, nor of what an appointment is about.
package caldav
