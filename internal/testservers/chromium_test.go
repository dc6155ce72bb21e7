package testservers

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
)

func TestABrowserIsGoneAfterTheTest(t *testing.T) {
	t.Parallel()
	var host string
	var pids []int
	t.Run("browser", func(t *testing.T) {
		c := StartChromium(t)
		host, pids = parse(t, c.DevTools).Host, append(childrenOf(c.process.pid), c.process.pid)
		if runtime.GOOS == "linux" && len(pids) < 4 {
			t.Errorf("it has the processes %v", pids)
		}
		answer, err := http.Get("http://" + host + "/json/version")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.HasPrefix(c.DevTools, "ws://127.0.0.1:") {
			t.Errorf("%s: %s", c.DevTools, answer.Status)
		}
	})
	if host != "" { // it was not skipped
		gone(t, host, pids...)
	}
}
