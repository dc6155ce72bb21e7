package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/internal/held"
	"passerelle/internal/testservers"
)

const measuredAgendas = `
- {id: abonne, connecteur: ics, adresse: "WORKS/canari-secret.ics?cle=canari", lieux: [l1], avis: accueil@example.org}
- {id: en-panne, connecteur: ics, adresse: "FAILS/canari-secret.ics", lieux: [l3], horaires: Mo-Fr 09:00-12:00, avis: accueil@example.org}
- {id: bureau, connecteur: native, lieux: [l2], horaires: Mo-Fr 14:00-16:00, avis: accueil@example.org}
`

// scraped waits until the metrics of a program hold what is asked for; that they never do ends the test.
func scraped(t *testing.T, address, what string, holds func(map[string]float64) bool) map[string]float64 {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		got := testservers.Scrape(t, "http://"+address+"/metrics")
		if holds(got.Values) {
			return got.Values
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %s", what, got.Text)
		}
	}
}

// The running program is scraped, and every figure is of work that was done.
func TestARunningGatewayIsMeasured(t *testing.T) {
	var asked atomic.Int64
	works := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(feed)) }))
	defer works.Close()
	fails := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer fails.Close()
	x := newTerminal(t)
	x.clock = held.NewClock(monday)
	address, metrics := testservers.FreeAddress(t), testservers.FreeAddress(t)
	x.set(map[string]string{
		"LIEUX": x.file("lieux.csv", somePlaces), "ECOUTE": address, "URL_PUBLIQUE": "http://" + address, "METRIQUES": metrics,
		"EGRESS_HOTES_HTTP": "127.0.0.1 localhost", "EGRESS_ADRESSES_AUTORISEES": "127.0.0.1 ::1",
	})
	declared := strings.NewReplacer("WORKS", strings.Replace(works.URL, "127.0.0.1", "localhost", 1), "FAILS", fails.URL).Replace(measuredAgendas)
	x.ok("agenda", "add", x.file("a.yaml", declared))
	_, stop := x.start("the gateway serves", "serve")
	defer stop()

	const (
		readings = `passerelle_agenda_readings_total{connector="ics"}`
		failures = `passerelle_agenda_reading_failures_total{connector="ics",host="127.0.0.1",kind="unavailable"}`
		oldest   = `passerelle_agenda_reading_age_seconds{connector="ics",quantile="1"}`
		mails    = `passerelle_outbox_waiting{channel="courriel"}`
	)
	begun := func(v map[string]float64) bool {
		return v[readings] == 1 && v[failures] == 1 && v[`passerelle_agenda_readings_total{connector="native"}`] == 1 && v["passerelle_agenda_refreshes_in_flight"] == 0
	}
	equal := func(when string, got map[string]float64, want map[string]float64) {
		t.Helper()
		for name, value := range want {
			if v, there := got[name]; !there || v != value {
				t.Errorf("%s: %s is %v (there: %t), want %v", when, name, v, there, value)
			}
		}
	}
	equal("at the start", scraped(t, metrics, "each agenda is read once", begun), map[string]float64{
		`passerelle_agendas{connector="ics",state="a_jour"}`: 1, `passerelle_agendas{connector="ics",state="inconnu"}`: 1,
		`passerelle_agendas{connector="native",state="a_jour"}`: 1, oldest: 0, mails: 0,
		"passerelle_index_places": 4, "passerelle_index_agendas": 3, "passerelle_ledger_up": 1, "passerelle_agenda_refreshes_due": 0,
		`passerelle_host_breaker_state{host="127.0.0.1"}`: 0, `passerelle_host_breaker_state{host="localhost"}`: 0,
	})

	x.clock.Add(40 * time.Second)
	equal("forty seconds later", testservers.Scrape(t, "http://"+metrics+"/metrics").Values, map[string]float64{oldest: 40, failures: 1})

	for n := int64(2); n <= 4; n++ { // ten minutes are enough for whatever fails to be tried again
		x.clock.Add(10 * time.Minute)
		scraped(t, metrics, "what fails is counted", func(v map[string]float64) bool { return v[failures] == float64(n) })
		if got := asked.Load(); got != n {
			t.Errorf("%d failures are counted, and its server was asked %d times", n, got)
		}
	}

	x.book("l2")
	after := testservers.Scrape(t, "http://"+metrics+"/metrics")
	equal("after a booking", after.Values, map[string]float64{mails: 1, `passerelle_appointments_in_doubt{status="a_traiter"}`: 0})
	if text := after.Text; strings.Contains(text, "canari") || strings.Contains(text, "abonne") || strings.Contains(text, `"l2"`) {
		t.Errorf("the metrics say more than they may: %s", text)
	}
}

func TestCallsOfARunningGatewayAreMeasured(t *testing.T) {
	x := newTerminal(t)
	address, metrics := testservers.FreeAddress(t), testservers.FreeAddress(t)
	x.set(map[string]string{"LIEUX": x.file("lieux.csv", somePlaces), "ECOUTE": address, "URL_PUBLIQUE": "http://" + address, "METRIQUES": metrics})
	_, stop := x.start("the gateway serves", "serve")
	defer stop()
	for path, want := range map[string]int{"/livez": 200, "/v1/lieux/canari": 401, "/metrics": 404} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, http.NoBody)
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
	want := []string{
		`passerelle_http_request_duration_seconds_count{method="GET",route="/livez",status="2xx"}`,
		`passerelle_http_request_duration_seconds_count{method="GET",route="/v1/lieux/:id",status="4xx"}`,
		`passerelle_http_request_duration_seconds_count{method="",route="",status="4xx"}`, // the public cannot see the metrics
	}
	scraped(t, metrics, "each call is counted once, under its route", func(v map[string]float64) bool {
		return v[want[0]] == 1 && v[want[1]] == 1 && v[want[2]] == 1
	})
}

func TestMetricsThatCannotBeServedStopTheStart(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	x := newTerminal(t)
	x.set(map[string]string{
		"LIEUX": x.file("lieux.csv", somePlaces), "ECOUTE": "127.0.0.1:0", "URL_PUBLIQUE": "http://127.0.0.1", "METRIQUES": strings.TrimPrefix(taken.URL, "http://"),
	})
	if code, _, err := x.run("serve"); code != 1 || !strings.Contains(err, "métriques") {
		t.Errorf("exit %d, %q", code, err)
	}
}
