// Package parts puts a Service together of real parts (the ledger in SQLite, the directory, the agendas, availability) for
// proofs that hold its clock and its connectors. It owns the assembly; what is booked, and what is judged, is the proof's.
package parts
