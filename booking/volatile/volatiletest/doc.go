// Package volatiletest is the suite that every volatile.Store passes, the one in memory and the one in Redis, whichever
// way that is run; and a handful of stores that are broken on purpose, each in one way that the suite must see.
//
// It owns what callers may count on, as checks. It must not know how a store keeps things: where time passes, the
// fixture lets it pass, by a clock that is held or by waiting.
package volatiletest
