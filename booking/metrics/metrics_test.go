package metrics

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/internal/held"
	"passerelle/internal/testservers"
)

// told is what the parts say.
type told struct {
	readings map[string]booking.Reading
	waiting  booking.Waiting
	err      error
	breakers map[string]booking.Breaker
	log      held.Text
}

func (x *told) serve(t *testing.T) (m *Metrics, address string) {
	t.Helper()
	m, err := New(Sources{
		Readings: func() map[string]booking.Reading { return x.readings },
		Waiting:  func(context.Context) (booking.Waiting, error) { return x.waiting, x.err },
		Breakers: func() map[string]booking.Breaker { return x.breakers },
		Places:   func() int { return 792 },
		Logger:   slog.New(slog.NewTextHandler(&x.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(m.Handler())
	t.Cleanup(server.Close)
	return m, server.URL + "/metrics"
}

func wants(t *testing.T, got testservers.Scraped, want map[string]float64) {
	t.Helper()
	for name, value := range want {
		if v, there := got.Values["passerelle_"+name]; !there || v != value {
			t.Errorf("%s is %v (there: %t), want %v", name, v, there, value)
		}
	}
}

func TestWhatThePartsSayIsPublished(t *testing.T) {
	var ages []time.Duration
	for i := range 20 {
		ages = append(ages, time.Duration(i+1)*time.Second)
	}
	x := &told{
		readings: map[string]booking.Reading{
			"ics": {
				Agendas: 25, States: map[booking.State]int{booking.Fresh: 18, booking.Stale: 2, booking.Unknown: 1, booking.NoAgenda: 3}, Ages: ages,
				Took: []time.Duration{200 * time.Millisecond}, Readings: 41, Due: 3, Reading: 2, FreeTimes: 7,
				Failures: []booking.Failure{
					{Host: "a.example.org", Kind: connectors.RateLimited, Count: 5},
					{Host: "a.example.org", Kind: connectors.Unavailable, Count: 6},
				},
			},
			"caldav": {Agendas: 1, States: map[booking.State]int{booking.NoAgenda: 1}, Due: 1},
		},
		waiting: booking.Waiting{
			Notices: map[booking.Channel]int{booking.MailChannel: 4}, Oldest: map[booking.Channel]time.Duration{booking.MailChannel: time.Minute},
			Events: 8, Failing: 2, Debts: 9, Overdue: 1, Doubtful: map[booking.Status]int{booking.NeedsHuman: 3},
		},
		breakers: map[string]booking.Breaker{"a.example.org": booking.BreakerOpen, "b.example.org": booking.BreakerHalf, "c.example.org": booking.BreakerClosed},
	}
	_, address := x.serve(t)
	got := testservers.Scrape(t, address)
	wants(t, got, map[string]float64{
		`agendas{connector="ics",state="a_jour"}`: 18, `agendas{connector="ics",state="perime"}`: 2, `agendas{connector="ics",state="inconnu"}`: 1,
		`agendas{connector="ics",state="jamais_lu"}`: 3, `agendas{connector="caldav",state="a_jour"}`: 0, `agendas{connector="caldav",state="jamais_lu"}`: 1,
		`agenda_reading_age_seconds{connector="ics",quantile="0.5"}`: 10, `agenda_reading_age_seconds{connector="ics",quantile="0.95"}`: 19,
		`agenda_reading_age_seconds{connector="ics",quantile="1"}`: 20, `agenda_reading_duration_seconds{connector="ics",quantile="0.95"}`: 0.2,
		`agenda_readings_total{connector="ics"}`: 41, `agenda_readings_total{connector="caldav"}`: 0,
		`agenda_reading_failures_total{connector="ics",host="a.example.org",kind="rate_limited"}`: 5,
		`agenda_reading_failures_total{connector="ics",host="a.example.org",kind="unavailable"}`:  6,
		`agenda_refreshes_due`: 4, `agenda_refreshes_in_flight`: 2, `index_places`: 792, `index_agendas`: 26, `index_free_times`: 7,
		`host_breaker_state{host="a.example.org"}`: 2, `host_breaker_state{host="b.example.org"}`: 1, `host_breaker_state{host="c.example.org"}`: 0,
		`ledger_up`: 1, `outbox_waiting{channel="courriel"}`: 4, `outbox_waiting{channel="sms"}`: 0, `outbox_oldest_seconds{channel="courriel"}`: 60,
		`webhook_events_waiting`: 8, `webhooks_failing`: 2, `agenda_writes_owed`: 9, `agenda_writes_overdue`: 1,
		`appointments_in_doubt{status="a_traiter"}`: 3, `appointments_in_doubt{status="incertain"}`: 0,
	})
	if strings.Contains(got.Text, `age_seconds{connector="caldav"`) {
		t.Error("of what was never read an age is told")
	}
	if got.Values["go_goroutines"] < 1 || got.Values["process_start_time_seconds"] < 1 {
		t.Error("the process says nothing of itself")
	}
}

// A ledger that does not answer takes its own figures away, and no others.
func TestALedgerThatIsSilentIsSaid(t *testing.T) {
	x := &told{readings: map[string]booking.Reading{"ics": {Readings: 1}}, err: errors.New("a fault")}
	_, address := x.serve(t)
	got := testservers.Scrape(t, address)
	wants(t, got, map[string]float64{"ledger_up": 0, `agenda_readings_total{connector="ics"}`: 1})
	for _, name := range []string{"outbox_waiting", "agenda_writes_owed", "appointments_in_doubt", "webhooks_failing"} {
		if strings.Contains(got.Text, "\npasserelle_"+name) {
			t.Errorf("%s is told of a ledger that said nothing", name)
		}
	}
	if !strings.Contains(x.log.String(), "a fault") {
		t.Error("the log does not say why")
	}
}

func TestCallsAreCountedByRouteAndClass(t *testing.T) {
	m, address := (&told{}).serve(t)
	search, booked := m.Calls.Of("GET", "/v1/creneaux"), m.Calls.Of("POST", "/v1/rendez-vous")
	for range 3 {
		search(200, 20*time.Millisecond)
	}
	search(503, time.Second)
	booked(201, 2*time.Second)
	booked(0, 0) // an answer that was never begun
	wants(t, testservers.Scrape(t, address), map[string]float64{
		`http_request_duration_seconds_count{method="GET",route="/v1/creneaux",status="2xx"}`:     3,
		`http_request_duration_seconds_count{method="GET",route="/v1/creneaux",status="5xx"}`:     1,
		`http_request_duration_seconds_sum{method="GET",route="/v1/creneaux",status="5xx"}`:       1,
		`http_request_duration_seconds_sum{method="POST",route="/v1/rendez-vous",status="2xx"}`:   2,
		`http_request_duration_seconds_count{method="POST",route="/v1/rendez-vous",status="1xx"}`: 1,
	})
}

func TestMetricsAreAtOneAddressOnly(t *testing.T) {
	_, address := (&told{}).serve(t)
	for path, want := range map[string]int{"": http.StatusOK, "/x": http.StatusNotFound, "/../": http.StatusNotFound} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
		}
	}
	if _, err := New(Sources{}); err == nil {
		t.Error("without its parts it is made")
	}
}

// What a call costs that is counted: go test -bench . ./booking/metrics.
func BenchmarkACallThatIsCounted(b *testing.B) {
	tell := newCalls().Of("GET", "/v1/creneaux")
	for b.Loop() {
		tell(200, 300*time.Microsecond)
	}
}
