package connectorstest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// Proxy stands between an agenda and its server, and does what servers and networks do wrong. It lets everything pass
// until it is told a Fault.
type Proxy struct {
	mu    sync.Mutex
	fault Fault
	lost  sync.WaitGroup // what is being done although no answer will come
}

// Fault is what goes wrong. The zero Fault: nothing.
type Fault struct {
	Later    int    // so many requests pass before the first that fails
	Writes   bool   // only what writes fails: neither GET nor HEAD nor what asks with a body
	Status   int    // answered instead of the server; with Retry-After where that is usual
	Body     []byte // answered with 200 instead of the server, unless nil
	Hang     bool   // no answer comes, and nothing is done
	Lost     bool   // it is done, and no answer comes
	Truncate bool   // the answer ends in the middle
}

// Set changes what goes wrong, for requests that come from now on. It returns when what was lost until now is done.
func (p *Proxy) Set(f Fault) {
	p.lost.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

func (p *Proxy) on(r *http.Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault.Writes && !writes(r.Method) {
		return Fault{}
	}
	if p.fault.Later > 0 {
		p.fault.Later--
		return Fault{}
	}
	if p.fault.Lost {
		p.lost.Add(1)
	}
	return p.fault
}

func writes(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, "PROPFIND", "REPORT":
		return false
	}
	return true
}

// Before starts the proxy before a server, until the test ends, and gives the root address to use instead of its own.
func (p *Proxy) Before(t testing.TB, server string) string {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host})
			r.Out.Host = r.In.Host
			// In one piece: PHP's own server drops connections on which the body comes apart from its head.
			body, _ := io.ReadAll(r.In.Body)
			r.Out.Body, r.Out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	ended, end := context.WithCancel(context.Background())
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := p.on(r)
		hang := func() {
			select {
			case <-r.Context().Done():
			case <-ended.Done():
			}
			panic(http.ErrAbortHandler)
		}
		switch {
		case f.Hang:
			_, _ = io.Copy(io.Discard, r.Body)
			hang()
		case f.Status != 0:
			if f.Status == http.StatusTooManyRequests || f.Status == http.StatusServiceUnavailable {
				w.Header().Set("Retry-After", "7")
			}
			http.Error(w, "erreur", f.Status)
		case f.Body != nil:
			_, _ = w.Write(f.Body)
		case f.Lost:
			pass.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
			p.lost.Done()
			hang()
		case f.Truncate:
			answer := httptest.NewRecorder()
			pass.ServeHTTP(answer, r)
			for name, values := range answer.Header() {
				w.Header()[name] = values
			}
			w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()))
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
			panic(http.ErrAbortHandler)
		default:
			pass.ServeHTTP(w, r)
		}
	}))
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(func() { end(); front.CloseClientConnections(); front.Close() })
	return front.URL
}
