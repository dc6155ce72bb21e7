// Package arch holds the tests that keep the rooms apart: which package may import which (the table is in
// rooms_test.go), which library stays in which room, and what no file may hold. It has no code of its own, and
// nothing imports it.
package arch
