// Package availability turns what agendas say into slots: open time, less busy time, less what nobody understood,
// less the ledger's claims, cut by motif.
//
// Readings are kept for a short while, from one run of the program to the next, and are shared by instances where cmd gives them
// a Board; a booking reads live. What could not be read is never free: it makes the state, not a slot. The package knows the
// contract of agendas and the opening hours; it knows neither the API nor SQL, and asks the ledger through booking.Claims.
package availability
