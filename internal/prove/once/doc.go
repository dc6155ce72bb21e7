// Package once shows that one intention makes one appointment: callers who repeat a call before, during and after the
// first, who give its key to another demand, who ask again with a new key, and whose program is killed meanwhile. What is
// in the ledger is counted per intention.
//
// It owns what the callers do; it must not know how the program is started or killed: see gateway beside it.
package once
