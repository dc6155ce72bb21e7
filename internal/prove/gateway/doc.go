// Package gateway starts the program as it is shipped (`passerelle serve`) for a proof: on loopback, on a folder or a
// database of its own, again and again after it was killed; and keeps account of what its callers were told, to be
// compared with what the ledger holds.
//
// It owns the build, the processes, the callers and the account; it must not know what a proof does to the program, nor
// how the ledger keeps anything. Only tests import it. Every random choice is the proof's, by its seed.
package gateway
