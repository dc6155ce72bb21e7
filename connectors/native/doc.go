// Package native is the connector of a structure that keeps no other diary: its weekly openings, and the exceptions
// to them, stand in the settings of the connection. Without them the opening hours of the place rule.
//
// It asks no network and keeps nothing: what is booked is for the ledger alone to know, which is why nothing can be
// booked twice. It must not know of places.
package native
