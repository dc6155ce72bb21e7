// Package ledger compares bookings with the database under them: durable bookings per second, end to end over HTTP and
// on agendas that are kept here, as a ratio of what the engine itself commits when the same rows are inserted by
// nothing but prepared statements. Rounds of the two are interleaved, and medians are compared.
//
//	cd internal/bench/ledger && PASSERELLE_BENCH=1 go test
//
// It owns the bare loop and the stopwatch; it must not know how the ledger makes its rows: it copies one booking's.
package ledger
