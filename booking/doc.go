// Package booking is the domain: places, motifs, slots, holds and appointments, the state machine that an
// appointment lives by, and the Service that joins the directory, the agendas, the availability and the ledger.
//
// It declares what it consumes (Directory, Agendas, Availability, Ledger). It must not know of HTTP handlers, of
// SQL, of Redis, nor of any agenda vendor; of the agendas it knows the contract only (package connectors).
package booking
