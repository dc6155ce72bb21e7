// Package all is the one list of connectors. A new connector is a folder beside this one, a line here, and a page in
// docs/connectors; the test of this package checks all three.
package all
