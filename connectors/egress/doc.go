// Package egress is the only way out: every HTTP request that the program sends passes here. It decides where a
// request may go, how long it may take and how much it may bring back, and keeps what is personal out of the log:
// the address of an agenda is often its only secret.
//
// Addresses are judged when a connection is made, after the name was resolved and for every hop of a redirection,
// so that no name, spelling or change of mind of a DNS server reaches what may not be reached.
//
// It knows no connector, no agenda and nothing else of the program. It adds no retry to that of net/http (a GET on a
// connection that died while idle), and no Idempotency-Key, which would make net/http retry writes.
package egress
