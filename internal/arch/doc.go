// Package arch holds the tests that keep the rooms apart: which package may import which (the table is in
// rooms_test.go), which library stays in which room and how old it may be, what scripts and the public CI may fetch,
// what no file may hold, and that requests leave through connectors/egress alone. It has no code of its own, and nothing
// imports it.
package arch
