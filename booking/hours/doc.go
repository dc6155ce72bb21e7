// Package hours reads opening hours, as the column "horaires" of the standard holds them, and says when a place is
// open. It owns the OSM opening_hours syntax, the French slips that real values are full of, and the public holidays
// of France.
//
// What is certain is read; the rest is never guessed. A time that may be open or not is not open: it is unknown.
//
// It is pure: text, window, zone and calendar in, intervals out. It must not know of places, agendas or slots, nor
// ask a clock or the network.
package hours
