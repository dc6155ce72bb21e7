// Command passerelle is the gateway: it serves the API, and lets an operator look and act from a terminal.
//
// It only wires: it reads the configuration, opens the parts, hands them clients, clocks and loggers, and owns every
// goroutine. What the parts do is theirs.
package main
