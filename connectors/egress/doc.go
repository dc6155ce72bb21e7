// Package egress is the only way out: every HTTP request that the program sends passes here. It decides where a
// request may go, how long it may take and how much it may bring back, and keeps what is personal out of the log:
// the address of an agenda is often its only secret.
//
// Addresses are judged when a connection is made, after the name was resolved and for every hop of a redirection,
// so that no name, spelling or change of mind of a DNS server reaches what may not be reached.
//
// A client is an http.RoundTripper of layers around a wire, in this one order. A server is a host and a port; what
// is known of one is known of no other, so a broken one costs the others nothing:
//
//	request ─▶ transport   may it go there at all? (policy)                        else *Refused
//	             retries   a read that found no server is sent again, where asked  ┐ of one server:
//	            breakers   a server that fails is left alone, then tried           │ else *Spared
//	           bulkheads   few requests at a time, and few that wait long          ┘ else *Spared
//	               rates   as many a minute as the host allows                     else 429
//	                wire   connects where policy allows; limits the answer; logs
//
// Retries are outside of the breaker, so that each try counts, and none is made of what the breaker holds back. The rate
// is inside, so that it counts only what is sent. A request that is held back was not sent.
//
// It knows no connector, no agenda and nothing else of the program. It repeats no write, ever, sends nothing twice at
// once, and adds no Idempotency-Key, which would make net/http retry writes.
package egress
