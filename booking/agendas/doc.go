// Package agendas keeps the connections: it checks them, opens them, knows which place each serves, and opens them
// again when one changes in the ledger.
//
// It knows the contract of connectors, never one of them; it reads no agenda (package availability does).
package agendas
