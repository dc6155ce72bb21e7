package search

import "testing"

// memory is measured after whatever was asked before it.
func memory(t *testing.T, g *gate, _ size) table {
	return table{{
		what: "memory after a load of searches", measured: resident(t, g.process.PID()), floor: 200, aim: 100, unit: " MB", most: true,
	}}
}
