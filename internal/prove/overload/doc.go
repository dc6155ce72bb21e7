// Package overload shows that too many calls make an orderly queue: the shipped program is asked for three times what it
// was measured to do, and nothing that it acknowledged is lost, nobody is answered what the contract does not have,
// its memory stays bounded, and bookings are served before searches.
//
// It owns the load and the judgement; it must not know how the program decides whom to send away.
package overload
