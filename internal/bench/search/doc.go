// Package search compares searches over a whole country with a bare gin handler that answers the same bytes: requests per
// second, and the 99th percentile, through HTTP with a token, from the same load generator (wrk). Rounds of the two are
// interleaved, and medians are compared.
//
//	cd internal/bench/search && PASSERELLE_BENCH=1 go test
//
// It owns the country, the questions, the bare handler and the stopwatch; the program is as it is shipped.
package search
