// Package prove says how much a test does: little in an ordinary run, and all that its issue names in a long one. The
// folders below it are proofs, each of one promise, most of them against the program as it is built. Only tests import any of it.
package prove
