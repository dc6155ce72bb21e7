// Package volatile keeps what may be lost: counts of calls, ids of tokens that were seen, and which instance does what at the
// moment, and what an instance has read that others need not read. It is kept in memory when one instance runs, in Redis
// (standalone, Sentinel or Cluster) when several do.
//
// No promise rests on it. At any moment everything in it may vanish or be refused (a FLUSHALL, a failover to a replica
// that lags, memory that is full, a network that is cut), and what it answers may be old. Who calls it is right all the
// same: a limit counts in memory then, a token that must be used once is refused, a lease only saves work that two
// may do, and whoever waits for news looks by itself from time to time. What must hold stands in the
// ledger (docs/decisions/0001, 0016).
//
// Neither keys nor values hold personal data: no name, no telephone, no address of a person or of her machine. What has
// to be counted by such a thing is counted by a keyed digest of it.
//
// It owns the client of Redis and its settings, the scripts, and the limits of what is kept in memory. It must not know
// of places, slots or partners: its keys are its callers'.
package volatile
