// Package search measures the program over a whole country, each figure against something that is measured beside it in the
// same run: searches against a bare gin handler that answers the same bytes. Rounds of the two are interleaved, and medians
// are compared; requests come through HTTP with a token, from one load generator (wrk).
//
//	cd internal/bench/search && PASSERELLE_BENCH=1 go test
//
// It prints one table, with what must not be missed and what is aimed at, and fails where a floor is missed. It owns the
// country, the questions, what is compared with and the stopwatch; the program is as it is shipped.
package search
