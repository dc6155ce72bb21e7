// Package ledgertest is the suite that every ledger passes, whatever it keeps its rows in: what is taken once, what is
// taken back, who sees what, in which order. It knows the domain's interfaces only; what it counts, it counts from
// outside, in SQL.
package ledgertest
