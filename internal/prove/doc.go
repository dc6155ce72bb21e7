// Package prove says how much a test does: little in an ordinary run, and all that its issue names in a long one. The
// folders below it hold what is proved against the program as it is built: contention, crashes, power cuts, overload, several
// instances. Only tests import any of it.
package prove
