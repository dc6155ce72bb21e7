// Package crash shows that a booking which was acknowledged is never lost when a process ends: the program itself is
// killed at random moments and at named points of a transaction, PostgreSQL is killed under it, and a booking is cut off
// on both sides of the agenda's write. What callers were told is compared with what the ledger holds, and every call that
// was cut off is repeated. What a run had read of agendas is shown by the next one, with its age.
//
// It owns the kills; it must not know how the program is started or what an account is: see gateway beside it.
package crash
