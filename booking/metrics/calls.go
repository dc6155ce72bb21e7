package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Calls counts the calls that were answered, and how long they took.
type Calls struct{ durations *prometheus.HistogramVec }

func newCalls() *Calls {
	return &Calls{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "passerelle_http_request_duration_seconds", Help: "Calls that were answered, by route and class of status.",
		Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10},
	}, []string{"method", "route", "status"})}
}

// classes are the classes of status, from 1xx on; what is none of them is counted as the last.
var classes = [...]string{"1xx", "2xx", "3xx", "4xx", "5xx"}

// Of gives what a route says of each of its answers: a search takes microseconds, so its labels are looked up once for each class of
// status, not for each call. It is asked once for each route.
func (c *Calls) Of(method, route string) func(status int, took time.Duration) {
	var known [len(classes)]atomic.Pointer[prometheus.Observer]
	return func(status int, took time.Duration) {
		class := min(max(status/100, 1), len(classes)) - 1
		o := known[class].Load()
		if o == nil {
			made := c.durations.WithLabelValues(method, route, classes[class])
			o = &made
			known[class].Store(o)
		}
		(*o).Observe(took.Seconds())
	}
}
