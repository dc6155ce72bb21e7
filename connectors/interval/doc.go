// Package interval is the arithmetic of half-open spans of time, the one Interval of the program:
// what a calendar says is taken, what an agenda opens, what a search asks for.
//
// It knows instants and nothing else: no zone, no calendar, no place.
package interval
