package search

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

var programs gateway.Programs

func TestMain(m *testing.M) { os.Exit(gateway.Main(m, &programs)) }

// row is one line of the table: what was measured as a ratio, what must not be fallen short of, and what is aimed at.
type row struct {
	what       string
	floor, aim float64
	most       bool // the ratio is a cost: it must not exceed the floor
}

// TestSearchesPerSecond prints the ratios with PASSERELLE_BENCH, and fails where a floor is missed. Without, it only sees that
// both sides of the comparison answer the same.
func TestSearchesPerSecond(t *testing.T) {
	meant := os.Getenv("PASSERELLE_BENCH") != ""
	places, agendas, rounds, each := 500, 100, 1, 200*time.Millisecond
	if meant {
		places, agendas, rounds, each = 20_000, 4_000, 5, 4*time.Second
	}
	c := newCountry(20261126, places)
	site, err := gateway.NewSite(gateway.Options{Program: programs.Build(t), Folder: t.TempDir(), Environment: c.write(t, t.TempDir(), agendas)})
	if err != nil {
		t.Fatal(err)
	}
	partner, err := site.NewPartner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	caller := gateway.NewCaller(partner)
	t.Cleanup(caller.Close)
	process, err := site.Serve(caller, nil, "PASSERELLE_LIMITES_SIMULTANEES=1000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Kill() })
	slots := make([]string, 200)
	for i := range slots {
		slots[i] = fmt.Sprintf("/v1/lieux/lieu-%d/creneaux", i%agendas*places/agendas)
	}
	for _, x := range []struct {
		urls      []string
		rate, p99 row
	}{
		{c.questions(400), row{"search, requests per second over bare gin", 0.35, 0.7, false}, row{"search, p99 over bare gin", 3, 1.5, true}},
		{slots, row{"a place's slots, requests per second over bare gin", 0.5, 0.8, false}, row{"a place's slots, p99 over bare gin", 3, 1.5, true}},
	} {
		compare(t, caller, x.urls, rounds, each, meant, x.rate, x.p99)
	}
}

func compare(t *testing.T, caller *gateway.Caller, urls []string, rounds int, each time.Duration, meant bool, rate, p99 row) {
	t.Helper()
	address, token, err := caller.Reach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answers := record(t, address, token, urls)
	bare := startBare(t, answers)
	var rates, tails []float64
	for range rounds {
		ours, theirs := load(t, address, token, urls, each), load(t, bare, token, urls, each)
		rates, tails = append(rates, ours.rate/theirs.rate), append(tails, ours.p99.Seconds()/theirs.p99.Seconds())
		t.Logf("%.0f of %.0f requests per second, p99 %v and %v", ours.rate, theirs.rate, ours.p99, theirs.p99)
	}
	for _, m := range []struct {
		row
		ratio float64
	}{{rate, median(rates)}, {p99, median(tails)}} {
		if !meant {
			continue
		}
		fmt.Printf("%s · %.2f · %.2f · %.2f\n", m.what, m.ratio, m.floor, m.aim)
		if m.most && m.ratio > m.floor || !m.most && m.ratio < m.floor {
			t.Errorf("%s: %.2f, floor %.2f", m.what, m.ratio, m.floor)
		}
	}
}

// record asks each question once, and keeps its answer.
func record(t *testing.T, address, token string, urls []string) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte, len(urls))
	total := 0
	for _, u := range urls {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+u, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %v %s", u, answer.StatusCode, err, body)
		}
		out[u] = body
		total += len(body)
	}
	t.Logf("%d questions, answers of %d bytes on average", len(urls), total/len(urls))
	return out
}

// startBare serves the same answers with gin and nothing else.
func startBare(t *testing.T, answers map[string][]byte) string {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.NoRoute(func(c *gin.Context) {
		c.Data(http.StatusOK, "application/json; charset=utf-8", answers[c.Request.RequestURI])
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: engine, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// measured is what wrk says of a run.
type measured struct {
	rate float64 // requests per second
	p99  time.Duration
}

var (
	ratePart  = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	tailPart  = regexp.MustCompile(`99%\s+(\S+)`)
	wrongPart = regexp.MustCompile(`Non-2xx or 3xx responses: \d+|Socket errors:.*`)
)

// load asks the questions in turn through 64 connections.
func load(t *testing.T, address, token string, urls []string, each time.Duration) measured {
	t.Helper()
	folder := t.TempDir()
	script := filepath.Join(folder, "ask.lua")
	list := filepath.Join(folder, "urls")
	err := os.WriteFile(list, []byte(strings.Join(urls, "\n")+"\n"), 0o600)
	if err == nil {
		err = os.WriteFile(script, []byte(`
local asks, n = {}, 0
init = function()
  wrk.headers["Authorization"] = "Bearer `+token+`"
  for url in io.lines("`+list+`") do asks[#asks + 1] = wrk.format("GET", url) end
end
request = function() n = n + 1; return asks[1 + n % #asks] end
`), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), each+time.Minute)
	defer cancel()
	seconds := strconv.Itoa(max(1, int(each.Seconds())))
	out, err := exec.CommandContext(ctx, testservers.Wrk(t), "-t1", "-c64", "-d"+seconds+"s", "--latency", "-s", script, address).CombinedOutput()
	if err != nil {
		t.Fatalf("wrk: %v %s", err, out)
	}
	if wrong := wrongPart.Find(out); wrong != nil {
		t.Fatalf("%s", wrong)
	}
	rate, tail := ratePart.FindSubmatch(out), tailPart.FindSubmatch(out)
	if rate == nil || tail == nil {
		t.Fatalf("wrk said %s", out)
	}
	var m measured
	m.rate, err = strconv.ParseFloat(string(rate[1]), 64)
	if err == nil {
		m.p99, err = time.ParseDuration(string(tail[1]))
	}
	if err != nil || m.rate == 0 {
		t.Fatalf("wrk said %s: %v", out, err)
	}
	return m
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}
