package connectors

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const secretPath = "/calendrier/s3cr3t.ics?token=t0k3n"

// serve answers every request with h, and fetches secretPath from it.
func serve(t *testing.T, known Validators, limit int64, h http.HandlerFunc) (Document, error) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return Fetch(t.Context(), server.Client(), server.URL+secretPath, known, limit)
}

func TestFetchReturnsTheBodyAndItsValidators(t *testing.T) {
	doc, err := serve(t, Validators{}, 100, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since") != "" {
			t.Error("a condition without a known copy")
		}
		w.Header().Set("ETag", `W/"7"`)
		w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 10:00:00 GMT")
		w.Header().Set("Content-Type", "text/calendar")
		w.Write([]byte("hello"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if string(doc.Body) != "hello" || doc.Unchanged || doc.ContentType != "text/calendar" {
		t.Errorf("document = %+v", doc)
	}
	if want := (Validators{`W/"7"`, "Mon, 02 Mar 2026 10:00:00 GMT"}); doc.Validators != want {
		t.Errorf("validators = %v, want %v", doc.Validators, want)
	}
	if want := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC); !doc.SourceAt.Equal(want) {
		t.Errorf("SourceAt = %v, want %v", doc.SourceAt, want)
	}
}

func TestFetchTakesNoAgeFromTheTimeOfTheAnswer(t *testing.T) {
	doc, err := serve(t, Validators{}, 100, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Mon, 02 Mar 2026 11:00:00 GMT")
	})
	if err != nil || !doc.SourceAt.IsZero() {
		t.Errorf("SourceAt = %v, %v; want none", doc.SourceAt, err)
	}
}

func TestFetchIsConditional(t *testing.T) {
	known := Validators{`"7"`, "Mon, 02 Mar 2026 10:00:00 GMT"}
	doc, err := serve(t, known, 100, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != known.ETag || r.Header.Get("If-Modified-Since") != known.LastModified {
			t.Errorf("conditions = %v", r.Header)
		}
		w.WriteHeader(http.StatusNotModified)
	})
	if err != nil || !doc.Unchanged || doc.Validators != known {
		t.Errorf("document = %+v, %v", doc, err)
	}
}

func TestNotModifiedWithoutAKnownCopyIsAnError(t *testing.T) {
	_, err := serve(t, Validators{}, 100, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	if KindOf(err) != Unavailable {
		t.Errorf("err = %v", err)
	}
}

func TestFetchErrorsHaveAKindAndKeepTheAddressSecret(t *testing.T) {
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    Kind
		retry   time.Duration
	}{
		{"gone", status(410), NotFound, 0},
		{"forbidden", status(403), Misconfigured, 0},
		{"too many, seconds", status(429, "Retry-After", "90"), RateLimited, 90 * time.Second},
		{"too many, for ever", status(429, "Retry-After", "4000000000"), RateLimited, 24 * time.Hour},
		{"too many, nonsense", status(429, "Retry-After", "-3"), RateLimited, 0},
		{"down until a date", status(503, "Date", "Mon, 02 Mar 2026 10:00:00 GMT", "Retry-After", "Mon, 02 Mar 2026 10:02:00 GMT"), Unavailable, 2 * time.Minute},
		{"down since a date", status(503, "Date", "Mon, 02 Mar 2026 10:00:00 GMT", "Retry-After", "Mon, 02 Mar 2026 09:00:00 GMT"), Unavailable, 0},
		{"empty success", status(204), Unavailable, 0},
		{"redirected nowhere", status(302, "Location", "http://[::1/s3cr3t?token=t0k3n"), Unavailable, 0},
		{"redirected in a circle", status(302, "Location", secretPath), Unavailable, 0},
		{"redirected to another scheme", status(302, "Location", "gopher://x"+secretPath), Unavailable, 0},
		{"too large", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 101)) }, Unavailable, 0},
		{"truncated", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50")
			w.Write([]byte("BEGIN:VCALENDAR"))
			panic(http.ErrAbortHandler)
		}, Unavailable, 0},
		{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Unavailable, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := serve(t, Validators{}, 100, c.handler)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Kind != c.want || e.RetryAfter != c.retry || doc.Body != nil {
				t.Fatalf("err = %v (retry %v), want kind %v, retry %v", err, e.RetryAfter, c.want, c.retry)
			}
			mustBeDiscreet(t, err)
			if !strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("%q does not name the host", err)
			}
		})
	}
}

func TestABodyOfExactlyTheLimitIsADocument(t *testing.T) {
	doc, err := serve(t, Validators{}, 100, func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 100)) })
	if err != nil || len(doc.Body) != 100 {
		t.Errorf("%d bytes, %v", len(doc.Body), err)
	}
}

func TestFetchOfWhatCannotBeReached(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL + secretPath
	server.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, fetch := range map[string]func() error{
		"nobody listens": func() error { _, err := Fetch(t.Context(), new(http.Client), address, Validators{}, 1); return err },
		"context ended":  func() error { _, err := Fetch(ended, new(http.Client), address, Validators{}, 1); return err },
		"unknown scheme": func() error {
			_, err := Fetch(t.Context(), new(http.Client), "gopher://x"+secretPath, Validators{}, 1)
			return err
		},
		"invalid address": func() error {
			_, err := Fetch(t.Context(), new(http.Client), "http://[::1"+secretPath, Validators{}, 1)
			return err
		},
	} {
		err := fetch()
		if k := KindOf(err); k != Unavailable && !(k == Invalid && name == "invalid address") {
			t.Errorf("%s: kind %v (%v)", name, k, err)
		}
		mustBeDiscreet(t, err)
		if name == "context ended" && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v is not context.Canceled", name, err)
		}
	}
}

// mustBeDiscreet walks the whole chain: a logger may print any part of it.
func mustBeDiscreet(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		if text := err.Error(); strings.Contains(text, "s3cr3t") || strings.Contains(text, "t0k3n") {
			t.Errorf("the address is in %q", text)
		}
	}
}

// roundTrip is an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A client gives a document its time; who asks may give it less, and no more.
func TestADocumentHasTheTimeOfItsClient(t *testing.T) {
	hangs := roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	for _, c := range []struct{ client, caller, want time.Duration }{
		{client: 10 * time.Second, want: 10 * time.Second},
		{client: 10 * time.Second, caller: time.Minute, want: 10 * time.Second},
		{client: 10 * time.Second, caller: time.Second, want: time.Second},
		{client: 0, caller: time.Minute, want: time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			if c.caller > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.caller)
				defer cancel()
			}
			began := time.Now()
			_, err := Fetch(ctx, &http.Client{Transport: hangs, Timeout: c.client}, "https://agenda.example.org/a.ics", Validators{}, 1000)
			if took := time.Since(began); took != c.want || KindOf(err) != Unavailable || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("client %v, caller %v: after %v, %v", c.client, c.caller, took, err)
			}
		})
	}
}
