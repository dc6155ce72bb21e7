package search

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelle/internal/testservers"
)

// connections is how many callers ask at once.
const connections = 64

// measured is what wrk says of a run.
type measured struct {
	rate float64 // requests per second
	p99  time.Duration
	cost float64 // seconds of processor time that a request takes of who answers; zero where that was not asked
}

var (
	ratePart  = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	tailPart  = regexp.MustCompile(`(?m)^\s+99%\s+(\S+)`)
	wrongPart = regexp.MustCompile(`Non-2xx or 3xx responses: \d+|Socket errors:.*`)
)

func TestALoadIsMeasured(t *testing.T) {
	const asked = "/lieux?q=crest"
	bare := startBare(t, map[string][]byte{asked: []byte("{}")})
	if m := load(t, bare, "jeton", []string{asked}, time.Second); m.rate < 1 || m.p99 <= 0 {
		t.Errorf("got %+v", m)
	}
}

// load asks the questions in turn through all connections. An answer that is none fails the test.
func load(t *testing.T, address, token string, urls []string, each time.Duration) measured {
	t.Helper()
	script := writeScript(t, token, urls)
	ctx, cancel := context.WithTimeout(t.Context(), each+time.Minute)
	defer cancel()
	words := []string{"-t1", "-c" + strconv.Itoa(connections), "-d" + strconv.Itoa(max(1, int(each.Seconds()))) + "s", "--latency", "-s", script, address}
	out, err := exec.CommandContext(ctx, testservers.Wrk(t), words...).CombinedOutput()
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

// loadOn is load, with the processor time of the process that answers.
func loadOn(t *testing.T, pid int, address, token string, urls []string, each time.Duration) measured {
	t.Helper()
	before := processorTime(t, pid)
	m := load(t, address, token, urls, each)
	m.cost = (processorTime(t, pid) - before).Seconds() / (m.rate * each.Seconds())
	return m
}

// writeScript writes what wrk is to ask.
func writeScript(t *testing.T, token string, urls []string) (script string) {
	t.Helper()
	folder := t.TempDir()
	script = filepath.Join(folder, "ask.lua")
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
	return script
}
