// Package linkcheck finds out whether published booking links are alive: links in, verdicts out.
//
// What the text of a link decides is decided without the network (Shape). The rest is asked politely: robots.txt
// first, HEAD before GET, one request at a time to a host and a pause between two, no page ever read. What proves
// nothing is Unknown, never Dead.
//
// It knows URLs and HTTP, and of connectors only what a Registry says. It must not know of places. Its requests go
// through the client it is given, which is one of package egress.
package linkcheck
