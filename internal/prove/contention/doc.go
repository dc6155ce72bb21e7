// Package contention opens the whole API in this process, on a ledger that the test chooses, and its tests show that
// however many want a slot, at once and by whichever way (at once, through a hold, by moving), one appointment has it.
//
// It owns the visitors and the judgement of what they saw; it must not know how the ledger keeps anything, but for the
// tables that it counts. Only tests import it.
package contention
