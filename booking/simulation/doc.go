// Package simulation runs the real booking.Service in a world that is wholly in the hands of one seed: a clock that
// nobody else moves, a ledger in memory, diaries that lose, delay and double what they are told, structures that touch
// their own diaries, callers that repeat themselves, leave and crash. Run plays one seed and says which promise was
// broken, if one was; the same seed plays the same run, so that its trace can be read.
//
// Whatever the Service asks of the ledger or of a diary passes a gate (Scheduler): one goroutine runs at a time, and at
// each gate the seed decides who goes on, how much time goes by, and who never comes back.
//
// Only tests import it. It must not know of SQL, of HTTP or of any agenda software: those have suites of their own. Its
// ledger passes ledgertest, as every ledger does.
package simulation
