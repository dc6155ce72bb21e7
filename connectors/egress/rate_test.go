package egress

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestABudgetIsNotOverspent(t *testing.T) {
	var arrived atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	defer server.Close()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	client, err := New(Options{
		AllowHTTP: []string{"127.0.0.1"}, AllowAddresses: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Now: func() time.Time { return now },
		Urgent: func(ctx context.Context) time.Time {
			since, _ := ctx.Value(urgentKey{}).(time.Time)
			return since
		},
		Budget: func(host string) (string, int) {
			if host == "127.0.0.1" {
				return "loopback", 3
			}
			return "", 0
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(urgent bool) (int, string) {
		t.Helper()
		ctx := t.Context()
		if urgent {
			ctx = context.WithValue(ctx, urgentKey{}, now)
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("a"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("Retry-After")
	}
	for _, step := range []struct {
		after  time.Duration
		status int
		retry  string
	}{
		{0, 200, ""},
		{10 * time.Second, 200, ""},
		{10 * time.Second, 200, ""},
		{5 * time.Second, 429, "35"},
		{34500 * time.Millisecond, 429, "1"},
		{500 * time.Millisecond, 200, ""},
		{0, 429, "10"},
		{10 * time.Second, 200, ""},
		{10 * time.Second, 200, ""},
		{0, 429, "40"},
		{time.Hour, 200, ""},
		{0, 200, ""},
		{0, 200, ""},
		{0, 429, "60"},
	} {
		now = now.Add(step.after)
		if status, retry := ask(true); status != step.status || retry != step.retry {
			t.Errorf("at %s: %d, Retry-After %q; want %d, %q", now.Format("15:04:05.0"), status, retry, step.status, step.retry)
		}
	}
	if n := arrived.Load(); n != 9 {
		t.Errorf("%d requests arrived, want 9", n)
	}
	now = now.Add(time.Hour)
	for i, step := range []struct {
		urgent bool
		status int
	}{{false, 200}, {false, 200}, {false, 429}, {true, 200}, {true, 429}} { // the last of three is for who waits
		if status, _ := ask(step.urgent); status != step.status {
			t.Errorf("request %d, urgent %t: %d, want %d", i, step.urgent, status, step.status)
		}
	}
}
