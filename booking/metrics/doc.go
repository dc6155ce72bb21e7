// Package metrics says in Prometheus' words how the gateway stands: how fresh its readings are, what fails, what waits, how long
// calls take. It is the only package that knows Prometheus.
//
// It asks the parts for their own figures when it is asked, through Sources, and keeps none of them; calls alone are counted as they
// end (Calls). Its registry is its own. A label holds what an operator has declared or what the program is made of: connectors, hosts
// of agendas, routes, states. It never holds a partner, a place, a person, nor more of an address than its host.
package metrics
