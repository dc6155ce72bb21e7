// Package search measures the program over a whole country, most figures against something that is measured beside it in the
// same run: searches against a bare gin handler that answers the same bytes, against PostgreSQL that finds the same places and
// slots, against a country ten times larger and against one of which a source hangs; readings of feeds against nothing but
// net/http. Rounds of the two are interleaved, and medians are compared; what is compared answers the same, or the test fails.
//
//	cd internal/bench/search && PASSERELLE_BENCH=1 go test
//
// It prints one table, with what must not be missed and what is aimed at, and fails where a floor is missed. It owns the
// country, the questions, what is compared with and the stopwatch; the program is as it is shipped.
package search
