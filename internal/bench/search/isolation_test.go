package search

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// isolation has one of many sources hang, and compares searches that show it with those that do not: asked at a fixed pace,
// whether the last was answered or not.
func isolation(t *testing.T, _ *gate, s size) table {
	if !s.meant {
		return nil
	}
	const sources, lasts = 100, time.Minute
	const pause = 37 * time.Millisecond // what the program does each second meets either question as often
	var hangs atomic.Bool
	asked := make(chan struct{}, 1)
	list, text := make([]string, sources), newFeeds(sources)
	text.way.Store(same)
	for i := range list {
		list[i] = startSource(t, func(w http.ResponseWriter, r *http.Request) {
			if i > 0 || !hangs.Load() {
				text.ServeHTTP(w, r)
				return
			}
			select {
			case asked <- struct{}{}:
			default:
			}
			select {
			case <-r.Context().Done():
			case <-time.After(time.Minute):
			}
		})
	}
	g := openFeeds(t, sources, func(i int) string { return fmt.Sprintf("%s/%d.ics", list[i], i) })
	var with, without string // places of the first half, and of the second
	for i, p := range g.places {
		if i < sources/2 {
			with += "&lieu_id=" + p.id
		} else {
			without += "&lieu_id=" + p.id
		}
	}
	address, token := g.reach(t)
	urls := []string{"/v1/creneaux?creneaux_par_lieu=3" + with, "/v1/creneaux?creneaux_par_lieu=3" + without}
	for _, u := range urls {
		get(t, address, token, u)
	}
	hangs.Store(true)
	select {
	case <-asked:
	case <-time.After(2 * time.Minute):
		t.Fatal("the source that hangs is not asked")
	}
	waited := pace(t, address, token, urls, pause, lasts)
	ours, theirs := percentile(waited[0], 95), percentile(waited[1], 95)
	return table{{
		what: fmt.Sprintf("a search with 1 of %d sources that hangs over one without, p95", sources), measured: ours / theirs, floor: 1.1, aim: 1.02, most: true,
		note: fmt.Sprintf("%.1f ms and %.1f ms; medians %.1f ms and %.1f ms", 1000*ours, 1000*theirs, 1000*median(waited[0]), 1000*median(waited[1])),
	}}
}

// pace asks the questions in turn, one in each pause, and gives how long each took to be answered, in seconds.
func pace(t *testing.T, address, token string, urls []string, pause, lasts time.Duration) [][]float64 {
	t.Helper()
	var mu sync.Mutex
	var work sync.WaitGroup
	waited := make([][]float64, len(urls))
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for n, end := 0, time.Now().Add(lasts); time.Now().Before(end); n++ {
		<-tick.C
		work.Go(func() {
			begun := time.Now()
			_, err := fetch(t.Context(), address, token, urls[n%len(urls)])
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			waited[n%len(urls)] = append(waited[n%len(urls)], time.Since(begun).Seconds())
		})
	}
	work.Wait()
	return waited
}

// startSource serves until the test ends, and cuts off whoever still waits then.
func startSource(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}
