package neighbours

import (
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// ways are those in which a server is broken.
var ways = map[string]func(http.ResponseWriter, *http.Request){
	"hangs": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"hangs in the middle": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = io.WriteString(w, "<?xml")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	},
	"hangs up": func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = conn.Close()
		}
	},
	"is out of order": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	"floods": func(w http.ResponseWriter, _ *http.Request) { // 300 MB, or until the line is cut
		w.WriteHeader(http.StatusMultiStatus)
		page := make([]byte, 1<<20)
		for range 300 {
			if _, err := w.Write(page); err != nil {
				return
			}
		}
	},
	"talks nonsense": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		noise := make([]byte, 64<<10)
		for i := range noise {
			noise[i] = byte(rand.IntN(256))
		}
		_, _ = w.Write(noise)
	},
}

// broken is a server that counts what it is asked.
type broken struct {
	url           string
	asked         atomic.Int64
	together, now atomic.Int64 // requests at once: the most, and by now
}

func startBroken(t *testing.T, way func(http.ResponseWriter, *http.Request)) *broken {
	b := &broken{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.asked.Add(1)
		n := b.now.Add(1)
		defer b.now.Add(-1)
		for most := b.together.Load(); n > most && !b.together.CompareAndSwap(most, n); most = b.together.Load() {
		}
		_, _ = io.Copy(io.Discard, r.Body) // or it would not see its caller go
		way(w, r)
	}))
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}
