package events

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
)

func TestWhatCountsAsAnAnswer(t *testing.T) {
	cases := []struct {
		status      int
		contentType string
		retryAfter  string
		want        verdict
	}{
		{200, "application/json", "", verdict{status: 200, accepted: true}},
		{200, "", "", verdict{status: 200, accepted: true}},
		{202, "text/plain", "", verdict{status: 202, accepted: true}},
		{204, "", "60", verdict{status: 204, accepted: true}},
		{200, "text/html", "", verdict{status: 200}},
		{200, "Text/HTML; charset=utf-8", "", verdict{status: 200}},
		{200, "text/html; charset", "", verdict{status: 200}},
		{200, "application/xhtml+xml", "", verdict{status: 200}},
		{301, "", "", verdict{status: 301}},
		{304, "", "", verdict{status: 304}},
		{307, "", "", verdict{status: 307}},
		{400, "", "", verdict{status: 400}},
		{404, "", "60", verdict{status: 404}},
		{410, "", "", verdict{status: 410, gone: true}},
		{429, "", "60", verdict{status: 429, retryAfter: time.Minute}},
		{429, "", "", verdict{status: 429}},
		{429, "", "-5", verdict{status: 429}},
		{429, "", "bientôt", verdict{status: 429}},
		{429, "", "4294967295", verdict{status: 429, retryAfter: time.Hour}},
		{429, "", "99999999999999999999", verdict{status: 429}},
		{500, "", "60", verdict{status: 500}},
		{503, "text/html", "60", verdict{status: 503, retryAfter: time.Minute}},
		{503, "", "Mon, 02 Mar 2026 09:20:00 GMT", verdict{status: 503, retryAfter: 20 * time.Minute}},
		{503, "", "Sun, 01 Mar 2026 09:20:00 GMT", verdict{status: 503}},
		{503, "", "Mon, 02 Mar 2099 09:20:00 GMT", verdict{status: 503, retryAfter: time.Hour}},
	}
	for _, c := range cases {
		r := &http.Response{StatusCode: c.status, Header: http.Header{}}
		r.Header.Set("Date", "Mon, 02 Mar 2026 09:00:00 GMT")
		r.Header.Set("Content-Type", c.contentType)
		r.Header.Set("Retry-After", c.retryAfter)
		if got := judge(r); got != c.want {
			t.Errorf("%d %q %q: %+v, not %+v", c.status, c.contentType, c.retryAfter, got, c.want)
		}
	}
}

func TestWaitsGrowUntilADayIsOver(t *testing.T) {
	for _, jitter := range []float64{0, 0.5, 0.999} {
		w := booking.Webhook{Position: 3}
		start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		now, outcome, last := start, "", time.Duration(0)
		for outcome != "abandonne" {
			var wait time.Duration
			w, outcome, wait = settle(w, 9, verdict{status: 500}, now, jitter)
			if outcome == "echec" && (w.Position != 3 || wait <= 0 || wait < last && w.Attempts < 7) {
				t.Fatalf("after %s: %+v, %s", now.Sub(start), w, wait)
			}
			now, last = now.Add(wait), wait
			if now.Sub(start) > 27*time.Hour {
				t.Fatal("it is never given up")
			}
		}
		day := 24*time.Hour + time.Duration(jitter*float64(24*time.Hour)/10)
		if took := now.Sub(start); took < day-time.Second || took > day+time.Second {
			t.Errorf("jitter %v: given up after %s, not %s", jitter, took, day)
		}
		if w.Position != 9 || w.Attempts != 0 || !w.Failing.Equal(start) {
			t.Errorf("given up: %+v", w)
		}
	}
}

func TestAReceiverMayPushItsNextAttemptAwayButNotNearer(t *testing.T) {
	now := time.Now()
	cases := []struct {
		attempts int // before
		asked    time.Duration
		want     time.Duration
	}{
		{0, 0, 5 * time.Second},
		{0, time.Second, 5 * time.Second},
		{0, 10 * time.Minute, 10 * time.Minute},
		{1, 10 * time.Minute, 10 * time.Minute},
		{2, 10 * time.Minute, 30 * time.Minute},
		{3, time.Hour, 2 * time.Hour},
	}
	for _, c := range cases {
		w := booking.Webhook{Attempts: c.attempts, Failing: now}
		if _, _, wait := settle(w, 1, verdict{status: 429, retryAfter: c.asked}, now, 0); wait != c.want {
			t.Errorf("attempt %d, asked for %s: %s, not %s", c.attempts+1, c.asked, wait, c.want)
		}
	}
}

func TestASingleFailureAfterAQuietWeekDisablesNothing(t *testing.T) {
	now := time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)
	w := booking.Webhook{Failing: now.Add(-10 * 24 * time.Hour)}
	if w, outcome, wait := settle(w, 1, verdict{status: 500}, now, 0); !w.Disabled.IsZero() || outcome != "echec" || wait != 5*time.Second {
		t.Errorf("%+v %s %s", w, outcome, wait)
	}
	w.Attempts = len(retryWaits)
	if w, outcome, _ := settle(w, 1, verdict{status: 500}, now, 0); !w.Disabled.Equal(now) || outcome != "echec" || w.Position != 0 {
		t.Errorf("after a day of it: %+v %s", w, outcome)
	}
	w, outcome, _ := settle(w, 1, verdict{status: 200, accepted: true}, now, 0)
	if !w.Failing.IsZero() || w.Attempts != 0 || w.Position != 1 || outcome != "remis" {
		t.Errorf("once it is back: %+v %s", w, outcome)
	}
}

// A receiver that is dead for good is asked forty times in five days; brought back, it is told everything from a date.
func TestADeadEndpointIsDisabledAfterFiveDaysAndReplaysWhatItMissed(t *testing.T) {
	s := newWebhookStore()
	s.jump = true
	start, dead := s.clock.Now(), true
	r := newReceiver(t, s, "p", false, func(string, int) string {
		if dead {
			return "error"
		}
		return ""
	})
	for version := range 8 {
		s.write("p", "a", booking.Confirmed, version+1)
	}
	untilQuiet(t, s, newTestDispatcher(t, s, nil))
	w, _ := s.Webhook(t.Context(), "p", r.webhook.ID)
	if want := start.Add(5 * 24 * time.Hour); !w.Disabled.Equal(want) {
		t.Fatalf("disabled at %s, not %s", w.Disabled, want)
	}
	made, _ := s.Deliveries(t.Context(), "p", r.webhook.ID, 1000)
	if len(made) != 40 || len(r.messages()) != 40 || made[0].At != w.Disabled {
		t.Errorf("%d attempts kept, %d received", len(made), len(r.messages()))
	}
	var outcomes []string
	for i := range made {
		outcomes = append(outcomes, made[len(made)-1-i].Outcome)
	}
	day := strings.Repeat("echec ", 7)
	if got := strings.Join(outcomes, " "); got != strings.Repeat(day+"abandonne ", 4)+day+"echec" {
		t.Error(got)
	}

	dead, s.quiet, s.stilled = false, make(chan struct{}), false
	if _, err := s.Rewind(t.Context(), "p", r.webhook.ID, start.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	untilQuiet(t, s, newTestDispatcher(t, s, nil))
	if err := allTold(r.webhook, s.log["p"], r.messages()[40:]); err != nil {
		t.Error(err)
	}
}

func TestA410EndsItAtOnce(t *testing.T) {
	s := newWebhookStore()
	s.jump = true
	r := newReceiver(t, s, "p", false, always("gone"))
	s.write("p", "a", booking.Confirmed, 1)
	s.write("p", "a", booking.Honoured, 2)
	untilQuiet(t, s, newTestDispatcher(t, s, nil))
	w, _ := s.Webhook(t.Context(), "p", r.webhook.ID)
	made, _ := s.Deliveries(t.Context(), "p", r.webhook.ID, 10)
	if w.Disabled.IsZero() || w.Position != 0 || len(made) != 1 || made[0].Status != 410 || made[0].Outcome != "echec" {
		t.Errorf("%+v, %+v", w, made)
	}
}
