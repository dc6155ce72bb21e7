// Command reading prints what a ledger holds, once it has checked it, as JSON: the proofs of internal/prove open a ledger
// in a process of its own, which is faster than one that looks for races, and which leaves nothing open.
//
// It owns nothing; see gateway beside it.
package main
