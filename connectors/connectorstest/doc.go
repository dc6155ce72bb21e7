// Package connectorstest is the suite that every connector passes: what a reading must say, what a booking must leave
// behind, which kind each failure is, and what may never be told. A connector runs it from a test of its own with a
// Harness that starts its server; the names of the sub-tests are the contract.
//
// It knows the contract alone: no connector, no server, no booking. Only tests import it. Its own test runs it on
// broken agendas, and expects the sub-test that should catch each of them to do so.
package connectorstest
