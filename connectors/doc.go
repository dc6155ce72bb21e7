// Package connectors is the contract between the gateway and the agendas of others: what an agenda can be asked
// (Agenda and the optional capabilities), what a connector is (Connector), how a booking URL finds its connector
// (Registry), and the one error type of both sides (Error, Kind).
//
// An agenda translates; the domain (package booking) decides what is a slot. A connector is a folder below this
// one and a line in package all. This package must not know of places, of the ledger, of HTTP handlers, nor of
// any one agenda software.
package connectors
