package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// faulty answers the first requests as told, then with 200; "cut" hangs up.
func faulty(arrived *atomic.Int64, first ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := int(arrived.Add(1))
		if text, _ := io.ReadAll(r.Body); len(text) == 0 {
			w.WriteHeader(http.StatusTeapot) // a try has lost its body
			return
		}
		if n > len(first) {
			return
		}
		switch x := first[n-1]; x {
		case "cut":
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		case "hang":
			<-r.Context().Done()
		case "503 later":
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			var status int
			_, _ = fmt.Sscan(x, &status)
			w.WriteHeader(status)
		}
	}
}

func TestWhatIsSentAgain(t *testing.T) {
	cases := map[string]struct {
		method string
		first  []string
		status int // zero: an error
		sent   int64
		waits  []time.Duration
	}{
		"nothing is wrong":       {"REPORT", nil, 200, 1, nil},
		"a cut":                  {"REPORT", []string{"cut"}, 200, 2, []time.Duration{50 * time.Millisecond}},
		"two":                    {"PROPFIND", []string{"502", "cut"}, 200, 3, []time.Duration{50 * time.Millisecond, 100 * time.Millisecond}},
		"three are one too many": {http.MethodGet, []string{"503", "504", "502", "502"}, 502, 3, []time.Duration{50 * time.Millisecond, 100 * time.Millisecond}},
		"a fault of the request": {http.MethodGet, []string{"500"}, 500, 1, nil},
		"too many":               {http.MethodGet, []string{"429"}, 429, 1, nil},
		"not now":                {http.MethodGet, []string{"503 later"}, 503, 1, nil},
		"too slow":               {http.MethodGet, []string{"hang"}, 0, 1, nil},
		"a write, 503":           {http.MethodPut, []string{"503"}, 503, 1, nil},
		"a write, cut":           {http.MethodPost, []string{"cut"}, 0, 1, nil},
		"a deletion, cut":        {http.MethodDelete, []string{"cut"}, 0, 1, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			hand := newInHand()
			var arrived atomic.Int64
			o := hand.options(0.25)
			o.Retry, o.AnswerIn = true, 50*time.Millisecond
			client, agenda, _ := local(t, o, faulty(&arrived, c.first...))
			status, _, err := ask(t.Context(), client, c.method, agenda)
			if status != c.status || (err != nil) != (c.status == 0) {
				t.Errorf("status %d, error %v", status, err)
			}
			if arrived.Load() != c.sent || !slices.Equal(hand.slept, c.waits) {
				t.Errorf("sent %d times, waited %v", arrived.Load(), hand.slept)
			}
		})
	}
}

func TestTwiceAtMostWhateverTheCredit(t *testing.T) {
	var arrived atomic.Int64
	o := newInHand().options(0)
	o.Retry = true
	client, agenda, _ := local(t, o, func(w http.ResponseWriter, _ *http.Request) {
		if arrived.Add(1) > mostCredit {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	for range mostCredit + 1 {
		_, _, _ = ask(t.Context(), client, http.MethodGet, agenda)
	}
	if again := arrived.Load() - mostCredit - 1; again != mostRetries {
		t.Errorf("sent again %d times", again)
	}
}

func TestNothingIsSentAgainUnasked(t *testing.T) {
	var arrived atomic.Int64
	client, agenda, _ := local(t, newInHand().options(0.5), faulty(&arrived, "503"))
	if status, _, _ := ask(t.Context(), client, http.MethodGet, agenda); status != http.StatusServiceUnavailable || arrived.Load() != 1 {
		t.Errorf("status %d, sent %d times", status, arrived.Load())
	}
}

// A server that fails now and then gets one request in ten more, and those that a first trouble may cost.
func TestRetriesKeepToTheirShare(t *testing.T) {
	const reads = 500
	var arrived atomic.Int64
	o := newInHand().options(0)
	o.Retry = true
	client, agenda, _ := local(t, o, func(w http.ResponseWriter, _ *http.Request) {
		if arrived.Add(1)%3 == 0 { // fewer than would open the breaker
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	for range reads {
		_, _, _ = ask(t.Context(), client, http.MethodGet, agenda)
	}
	again := arrived.Load() - reads
	if most := int64(reads/10 + firstCredit/10); again > most || again < most-1 {
		t.Errorf("%d reads were sent again %d times, at most %d", reads, again, most)
	}
}

func TestNobodyWaitsForARetryWithoutTime(t *testing.T) {
	var arrived atomic.Int64
	o := newInHand().options(0.5)
	o.Retry = true
	o.sleep = func(context.Context, time.Duration) error { return context.DeadlineExceeded }
	client, agenda, _ := local(t, o, faulty(&arrived, "503"))
	_, _, err := ask(t.Context(), client, http.MethodGet, agenda)
	if n := len(asked(t, client).places); !errors.Is(err, context.DeadlineExceeded) || arrived.Load() != 1 || n != 0 {
		t.Errorf("%v, sent %d times, %d under way", err, arrived.Load(), n)
	}
}
