// Package overload shows that too many calls make an orderly queue: the shipped program is asked for three times what it
// was measured to do, and nothing that it acknowledged is lost, nobody is answered what the contract does not have,
// its memory stays bounded, and bookings are served before searches.
//
// How soon those are sent away is not what it promises: on one fast processor, under load for minutes, answers come after
// callers have given up (docs/decisions/0027). The long run of make torture is known to fail on that.
//
// It owns the load and the judgement; it must not know how the program decides whom to send away.
package overload
