package egress

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// read gets address and its whole body.
func read(t *testing.T, client *http.Client, address string, header ...string) (string, *http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := client.Do(r)
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), response, err
}

func zipped(text []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(text)
	_ = z.Close()
	return out.Bytes()
}

func TestABodyThatIsTooLongFailsAndIsNotCut(t *testing.T) {
	const most = 1000
	client, agenda, _ := local(t, Options{MaxBody: most}, func(w http.ResponseWriter, r *http.Request) {
		size := map[string]int{"/juste": most, "/trop": most + 1, "/annonce": most + 1, "/beaucoup": 1 << 20}[r.URL.Path]
		if r.URL.Path != "/annonce" {
			w.(http.Flusher).Flush() // no Content-Length
		}
		_, _ = w.Write(bytes.Repeat([]byte("x"), size))
	})
	if text, _, err := read(t, client, agenda+"/juste"); err != nil || len(text) != most {
		t.Errorf("the limit itself: %d bytes, %v", len(text), err)
	}
	for _, path := range []string{"/trop", "/annonce", "/beaucoup"} {
		text, _, err := read(t, client, agenda+path)
		if _, refused := errors.AsType[*Refused](err); !refused || len(text) > most {
			t.Errorf("%s: %d bytes, %v", path, len(text), err)
		}
	}
}

func TestTheErrorOfABodyThatIsTooLongStays(t *testing.T) {
	l := &limited{from: strings.NewReader(strings.Repeat("x", 20)), max: 5}
	for range 3 {
		if _, err := io.ReadAll(l); err == nil {
			t.Fatal("the rest is read")
		}
	}
}

func TestGzipIsUndoneWithinLimits(t *testing.T) {
	calendar := strings.Repeat("BEGIN:VEVENT\r\n", 1000)
	const most = 1 << 20
	bomb := zipped(make([]byte, 8*most))
	endless := bytes.Repeat(zipped(nil), most/16) // members that hold nothing
	bodies := map[string]struct {
		body     []byte
		encoding string
		refused  bool
		failed   bool
	}{
		"/agenda":  {zipped([]byte(calendar)), "gzip", false, false},
		"/x":       {zipped([]byte(calendar)), "X-GZIP", false, false},
		"/clair":   {[]byte(calendar), "", false, false},
		"/bombe":   {bomb, "gzip", true, true},
		"/deux":    {zipped(bomb), "gzip, gzip", true, true},
		"/vides":   {endless, "gzip", true, true},
		"/br":      {[]byte("x"), "br", true, true},
		"/coupe":   {zipped([]byte(calendar))[:40], "gzip", false, true},
		"/menteur": {[]byte("pas du gzip"), "gzip", false, true},
	}
	client, agenda, _ := local(t, Options{MaxBody: most}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding is %q", r.Header.Get("Accept-Encoding"))
		}
		b := bodies[r.URL.Path]
		if b.encoding != "" {
			w.Header().Set("Content-Encoding", b.encoding)
		}
		_, _ = w.Write(b.body)
	})
	for path, b := range bodies {
		text, response, err := read(t, client, agenda+path)
		if _, refused := errors.AsType[*Refused](err); refused != b.refused || (err != nil) != b.failed {
			t.Errorf("%s: %v", path, err)
		}
		if len(text) > most {
			t.Errorf("%s: %d bytes", path, len(text))
		}
		if err == nil && (text != calendar || response.Header.Get("Content-Encoding") != "") {
			t.Errorf("%s: %d bytes, %v", path, len(text), response.Header)
		}
	}
}

func TestTheRatioAloneStopsABomb(t *testing.T) {
	packed := &limited{from: bytes.NewReader(zipped(make([]byte, 8<<20))), max: 1 << 40}
	n, err := io.Copy(io.Discard, &inflater{packed: packed})
	if _, refused := errors.AsType[*Refused](err); !refused || n > 2*freeBytes {
		t.Errorf("%d bytes, %v", n, err)
	}
	packed = &limited{from: bytes.NewReader(zipped(make([]byte, freeBytes))), max: 1 << 40}
	if n, err := io.Copy(io.Discard, &inflater{packed: packed}); err != nil || n != freeBytes {
		t.Errorf("a small answer: %d bytes, %v", n, err)
	}
}

func TestWhoeverAsksForAnEncodingGetsItAsItIs(t *testing.T) {
	body := zipped([]byte("x"))
	client, agenda, _ := local(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(body)
	})
	if text, _, err := read(t, client, agenda, "Accept-Encoding", "gzip"); err != nil || text != string(body) {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestHeadersThatAreTooLongFail(t *testing.T) {
	client, agenda, _ := local(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 2*maxHeader))
	})
	if _, _, err := read(t, client, agenda); err == nil {
		t.Error("read")
	}
}

// stuck is a handler that answers only when its caller has gone.
func stuck(header bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or it would not see its caller go
		if header {
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}
}

func TestASlowServerDoesNotHoldUs(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		handler http.HandlerFunc
	}{
		"no header": {Options{AnswerIn: 20 * time.Millisecond, Timeout: time.Hour}, stuck(false)},
		"no body":   {Options{Timeout: 50 * time.Millisecond}, stuck(true)},
		"neither":   {Options{Timeout: 50 * time.Millisecond}, stuck(false)},
	} {
		t.Run(name, func(t *testing.T) {
			client, agenda, _ := local(t, c.options, c.handler)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // a guard: it must not be what ends this
			defer cancel()
			r, _ := http.NewRequestWithContext(ctx, http.MethodGet, agenda, nil)
			response, err := client.Do(r)
			if err == nil {
				_, err = io.ReadAll(response.Body)
				_ = response.Body.Close()
			}
			if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() || ctx.Err() != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestOneHostGetsFewConnections(t *testing.T) {
	const most, requests = 2, 8
	var dials atomic.Int64
	var arrived sync.WaitGroup
	arrived.Add(most)
	var first atomic.Int64
	o := Options{PerHost: most, control: func(next control) control { dials.Add(1); return next }}
	client, agenda, _ := local(t, o, func(http.ResponseWriter, *http.Request) {
		if first.Add(1) <= most {
			arrived.Done()
			arrived.Wait() // the first ones are there at once
		}
	})
	var done sync.WaitGroup
	for range requests {
		done.Go(func() {
			if _, _, err := read(t, client, agenda); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if n := dials.Load(); n != most {
		t.Errorf("%d connections", n)
	}
}

func TestWhatIsSent(t *testing.T) {
	var got *http.Request
	client, agenda, _ := local(t, Options{Version: "1.2"}, func(_ http.ResponseWriter, r *http.Request) { got = r })
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, agenda+"/Chemin?q=1", strings.NewReader("x"))
	r.Header.Set("User-Agent", "other")
	r.Host = "metadata.example.org"
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if got.Header.Get("User-Agent") != "Passerelle-RDV/1.2" || !strings.HasPrefix(got.Host, "agenda.example.org:") || got.RequestURI != "/Chemin?q=1" {
		t.Errorf("got %s %s %v", got.Host, got.RequestURI, got.Header)
	}
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key", "Referer", "Cookie", "Authorization"} {
		if _, sent := got.Header[name]; sent {
			t.Errorf("%s is sent", name)
		}
	}
	if r.Header.Get("User-Agent") != "other" {
		t.Error("the caller's request was changed")
	}
}

func TestNoProxyIsAsked(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	client, agenda, _ := local(t, Options{}, func(http.ResponseWriter, *http.Request) {})
	if _, _, err := read(t, client, agenda); err != nil {
		t.Error(err)
	}
	if client.Transport.(*transport).wire.base.Proxy != nil {
		t.Error("there is a proxy") // the line above would not see one: net/http keeps loopback out of proxies
	}
}

func TestTheLogHoldsNoSecret(t *testing.T) {
	var log bytes.Buffer
	o := Options{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	client, agenda, _ := local(t, o, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/jeton-secret/raccroche":
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "contenu-secret\r\n\r\n")
			_ = conn.Close()
		case "/jeton-secret/ailleurs":
			http.Redirect(w, r, "https://10.0.0.1/jeton-secret?q=requete-secrete", http.StatusFound)
		default:
			_, _ = io.WriteString(w, "contenu-secret")
		}
	})
	for _, path := range []string{"/jeton-secret?q=requete-secrete", "/jeton-secret/raccroche", "/jeton-secret/ailleurs"} {
		_, _, _ = read(t, client, agenda+path, "Authorization", "Bearer entete-secret")
	}
	_, _, _ = read(t, client, "https://moi:motdepasse-secret@agenda.example.org/jeton-secret")
	text := log.String()
	if strings.Contains(text, "secret") {
		t.Errorf("the log says\n%s", text)
	}
	for _, want := range []string{"host=agenda.example.org", "status=200", "bytes=14", "host=10.0.0.1", "adresse privée refusée"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
