package egress

import (
	"io"
	"net/http"
	"sync"
	"testing"
)

// A server that is asked as much as it may be at once, again and again, is connected to once for each of those requests.
func TestConnectionsAreKeptForTheNextRequests(t *testing.T) {
	const atOnce, rounds = 4, 5
	var mu sync.Mutex
	from := map[string]bool{}
	here, release := 0, make(chan struct{})
	client, agenda, _ := local(t, Options{PerHost: atOnce}, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		from[r.RemoteAddr] = true
		here++
		mine := release
		if here%atOnce == 0 { // all of the round are
			close(release)
			release = make(chan struct{})
		}
		mu.Unlock()
		<-mine
	})
	for range rounds {
		var work sync.WaitGroup
		for range atOnce {
			work.Go(func() {
				response, err := client.Get(agenda)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
			})
		}
		work.Wait()
	}
	if len(from) != atOnce {
		t.Errorf("%d connections for %d rounds of %d requests", len(from), rounds, atOnce)
	}
}
