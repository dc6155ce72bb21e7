package metrics

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"passerelle/booking"
)

var hostBreaker = describe("host_breaker_state", "Breaker of each host that an agenda is declared at: 0 it is asked, 1 the next request tries it, 2 it is left alone.", "host")

// hosts collects which servers are left alone.
type hosts struct{ Sources }

func (hosts) Describe(to chan<- *prometheus.Desc) { to <- hostBreaker }

func (h hosts) Collect(to chan<- prometheus.Metric) {
	for host, b := range h.Breakers() {
		gauge(to, hostBreaker, slices.Index(booking.Breakers(), b), host)
	}
}
