package search

import (
	"bytes"
	"net"
	"net/http"
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
	var rates, tails []float64
	for range s.rounds {
		ours, theirs := load(t, address, token, urls, s.each), load(t, bare, token, urls, s.each)
		rates, tails = append(rates, ours.rate/theirs.rate), append(tails, ours.p99.Seconds()/theirs.p99.Seconds())
		t.Logf("%.0f of %.0f requests per second, p99 %v and %v", ours.rate, theirs.rate, ours.p99, theirs.p99)
	}
	rate.measured, p99.measured = median(rates), median(tails)
	return table{rate, p99}
}
