package search

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// startBare serves the same answers with gin and nothing else.
func startBare(t *testing.T, answers map[string][]byte) (address string) {
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

// overBare compares the program with a bare handler of its answers: rates, and 99th percentiles. Both are asked the same,
// and must answer the same.
func overBare(t *testing.T, g *gate, s size, urls []string, rate, p99 row) table {
	t.Helper()
	answers := g.answers(t, urls)
	bare := startBare(t, answers)
	for url, want := range answers {
		if got := get(t, bare, "", url); !bytes.Equal(got, want) {
			t.Fatalf("%s: the bare handler says %d bytes, the program %d", url, len(got), len(want))
		}
	}
	address, token := g.reach(t)
	var rates, tails, ours, theirs []float64
	for range s.rounds {
		us := loadOn(t, g.process.PID(), address, token, urls, s.each)
		them := loadOn(t, os.Getpid(), bare, token, urls, s.each) // which does nothing else meanwhile than to read what wrk says
		rates, tails = append(rates, us.rate/them.rate), append(tails, us.p99.Seconds()/them.p99.Seconds())
		ours, theirs = append(ours, us.cost), append(theirs, them.cost)
		t.Logf("%.0f of %.0f requests per second, p99 %v and %v", us.rate, them.rate, us.p99, them.p99)
	}
	rate.measured, p99.measured = median(rates), median(tails)
	rate.note = fmt.Sprintf("%.0f and %.0f µs of processor time each", 1e6*median(ours), 1e6*median(theirs))
	return table{rate, p99}
}
