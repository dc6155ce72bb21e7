package metrics

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"passerelle/booking"
)

// Sources are the parts that are asked; all are needed.
type Sources struct {
	Readings func() map[string]booking.Reading              // by connector
	Waiting  func(context.Context) (booking.Waiting, error) // what the ledger holds
	Breakers func() map[string]booking.Breaker              // of the hosts that agendas are declared at
	Places   func() int                                     // in the directory
	Logger   *slog.Logger
}

// askIn is how long the ledger may take.
const askIn = 5 * time.Second

// Metrics answers scrapes.
type Metrics struct {
	Calls    *Calls
	registry *prometheus.Registry
}

// New makes a registry of its own.
func New(s Sources) (*Metrics, error) {
	if s.Readings == nil || s.Waiting == nil || s.Breakers == nil || s.Places == nil || s.Logger == nil {
		return nil, errors.New("metrics: a part is missing")
	}
	m := &Metrics{Calls: newCalls(), registry: prometheus.NewRegistry()}
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.Calls.durations,
		agendas{s},
		hosts{s},
		waiting{s},
	} {
		if err := m.registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Handler answers GET /metrics; two at a time.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2}))
	return mux
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("passerelle_"+name, help, labels, nil)
}

func gauge[N int | float64](to chan<- prometheus.Metric, d *prometheus.Desc, value N, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), labels...)
}

func counter(to chan<- prometheus.Metric, d *prometheus.Desc, value uint64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
}
