package metrics

import (
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"passerelle/booking"
	"passerelle/connectors"
)

var (
	agendaStates = describe("agendas", "Agendas that are kept read, by how they stand: a_jour, perime, inconnu; jamais_lu was never read.", "connector", "state")
	readingAge   = describe("agenda_reading_age_seconds", "Age of the last successful reading of each agenda: the quantiles over agendas.", "connector", "quantile")
	readingTime  = describe("agenda_reading_duration_seconds", "Duration of the last 256 successful readings: their quantiles.", "connector", "quantile")
	readingsDone = describe("agenda_readings_total", "Readings that succeeded.", "connector")
	readingsLost = describe("agenda_reading_failures_total", "Readings that failed, by the host of the agenda and the kind of error.", "connector", "host", "kind")
	refreshesDue = describe("agenda_refreshes_due", "Agendas that it is time to read again and that are not being read.")
	refreshesNow = describe("agenda_refreshes_in_flight", "Agendas that are being read.")
	indexPlaces  = describe("index_places", "Places of the directory.")
	indexAgendas = describe("index_agendas", "Agendas that are declared, drafts and links too.")
	indexFree    = describe("index_free_times", "Free times that are kept: one for each agenda and place that a search has looked at since either changed.")
)

// quantiles are those that are told, as they are written in a label.
var quantiles = []float64{0.5, 0.95, 1}

// agendas collects how agendas are read.
type agendas struct{ Sources }

func (agendas) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{agendaStates, readingAge, readingTime, readingsDone, readingsLost, refreshesDue, refreshesNow, indexPlaces, indexAgendas, indexFree} {
		to <- d
	}
}

func (a agendas) Collect(to chan<- prometheus.Metric) {
	var all booking.Reading
	for connector, r := range a.Readings() {
		for _, state := range []booking.State{booking.Fresh, booking.Stale, booking.Unknown, booking.NoAgenda} {
			gauge(to, agendaStates, r.States[state], connector, stateLabel(state))
		}
		spread(to, readingAge, r.Ages, connector)
		spread(to, readingTime, r.Took, connector)
		counter(to, readingsDone, r.Readings, connector)
		for _, f := range r.Failures {
			counter(to, readingsLost, f.Count, connector, f.Host, kindLabel(f.Kind))
		}
		all.Due, all.Reading = all.Due+r.Due, all.Reading+r.Reading
		all.Agendas, all.FreeTimes = all.Agendas+r.Agendas, all.FreeTimes+r.FreeTimes
	}
	gauge(to, refreshesDue, all.Due)
	gauge(to, refreshesNow, all.Reading)
	gauge(to, indexPlaces, a.Places())
	gauge(to, indexAgendas, all.Agendas)
	gauge(to, indexFree, all.FreeTimes)
}

// spread tells the quantiles of a sorted list; nothing of an empty one, of which a zero would say that all is well.
func spread(to chan<- prometheus.Metric, d *prometheus.Desc, sorted []time.Duration, connector string) {
	for _, q := range quantiles {
		if len(sorted) > 0 {
			gauge(to, d, booking.Quantile(sorted, q).Seconds(), connector, strconv.FormatFloat(q, 'g', -1, 64))
		}
	}
}

func stateLabel(s booking.State) string {
	if s == booking.NoAgenda {
		return "jamais_lu"
	}
	return string(s)
}

func kindLabel(k connectors.Kind) string { return strings.ReplaceAll(k.String(), " ", "_") }
