package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestTheServerIsBounded(t *testing.T) {
	s := serverOf(http.NotFoundHandler())
	for name, got := range map[string]time.Duration{
		"headers": s.ReadHeaderTimeout, "reading": s.ReadTimeout, "writing": s.WriteTimeout, "idling": s.IdleTimeout,
	} {
		if got <= 0 || got > time.Minute {
			t.Errorf("%s may take %v", name, got)
		}
	}
	if s.ReadHeaderTimeout > s.ReadTimeout || s.ReadTimeout > s.WriteTimeout {
		t.Error("what comes first ends last")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(listener) //nolint:errcheck // it ends with the test
	defer s.Close()
	for bytes, want := range map[int]int{8 << 10: 404, 64 << 10: 431} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/", nil)
		r.RequestURI = ""
		r.Header.Set("X-Long", strings.Repeat("x", bytes))
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		if got.StatusCode != want {
			t.Errorf("%d bytes of headers: %d", bytes, got.StatusCode)
		}
	}
}
