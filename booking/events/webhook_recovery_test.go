package events

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/prove"
)

// writeLives fills a partner's log with n changes of appointments, each of which has its versions in order.
func writeLives(s *webhookStore, partner string, n int, r *rand.Rand) []booking.Entry {
	versions := make(map[string]int)
	for range n {
		id := fmt.Sprintf("rdv-%02d", r.IntN(max(n/5, 1)))
		versions[id]++
		s.write(partner, id, booking.Statuses()[r.IntN(len(booking.Statuses()))], versions[id])
	}
	return s.log[partner]
}

// redirectTrap is where redirections lead. Nobody may ever come.
func redirectTrap(t *testing.T) (address string, visits *atomic.Int64) {
	t.Helper()
	visits = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, visits
}

// hasty moves a webhook's position before anybody has said yes: a fault.
type hasty struct{ booking.Webhooks }

func (h hasty) Served(ctx context.Context, w booking.Webhook, d booking.Delivery, due time.Time) error {
	w.Position, w.Attempts = d.Position, 0
	return h.Webhooks.Served(ctx, w, d, due)
}

// recovery tells n entries to receivers that are down for hours and, once back, fail now and then, in every way.
type recovery struct {
	seed      uint64
	log       []booking.Entry
	receivers []*webhookReceiver
	visits    *atomic.Int64
}

// recovered lets n entries be told until nothing is left; change plants a fault.
func recovered(t *testing.T, seed uint64, n int, change func(*DispatcherOptions)) recovery {
	t.Helper()
	s := newWebhookStore()
	s.jump = true
	trap, visits := redirectTrap(t)
	out := recovery{seed: seed, visits: visits}
	out.log = writeLives(s, "p", n, rand.New(rand.NewPCG(seed, 0)))
	for i, down := range []time.Duration{0, 3 * time.Hour, 23 * time.Hour} {
		r := newReceiver(t, s, "p", i != 1, seeded(seed+uint64(i), s.clock, s.clock.Now().Add(down)))
		r.canary = trap
		out.receivers = append(out.receivers, r)
	}
	untilQuiet(t, s, newTestDispatcher(t, s, func(o *DispatcherOptions) {
		cut := &cutter{next: o.Client.Transport, waiting: make(map[string]context.CancelFunc)}
		o.Client.Transport = cut
		for _, r := range out.receivers {
			r.cut = cut
		}
		if change != nil {
			change(o)
		}
	}))
	return out
}

// entriesAndRounds are 200 and 1; in a long run 2,000, and so many rounds as it is long.
func entriesAndRounds() (n, rounds int) {
	if !prove.Long() {
		return 200, 1
	}
	return 2000, prove.Size(0, 1)
}

func TestEverythingIsToldAfterARecoveryAndVerifies(t *testing.T) {
	n, rounds := entriesAndRounds()
	for range rounds {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		run := recovered(t, seed, n, nil)
		var list []webhookQuestion
		attempts, failed := 0, make(map[string]int)
		for _, r := range run.receivers {
			got := r.messages()
			if err := allTold(r.webhook, run.log, got); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
			for _, m := range got {
				attempts++
				if !m.accepted {
					failed[r.webhook.ID]++
				}
				list = append(list, m.question(r.webhook))
				if r.webhook.Seed == nil {
					continue
				}
				if err := verifyV1a(PublicKey(r.webhook), m); err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		}
		if visits := run.visits.Load(); visits != 0 {
			t.Errorf("seed %d: %d redirections were followed", seed, visits)
		}
		t.Logf("%d entries, 3 receivers: %d attempts, of which failed %v", n, attempts, slices.Sorted(maps.Values(failed)))
		if len(failed) != len(run.receivers) {
			t.Errorf("seed %d: not every receiver failed: %v", seed, failed)
		}
		for i, wrong := range standardWebhooks(t, list) {
			if wrong != "" {
				t.Fatalf("seed %d: the library refuses %s of %s: %s", seed, list[i].ID, list[i].Timestamp, wrong)
			}
		}
	}
}

func TestAPositionThatMovesBeforeTheAnswerLosesEntries(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	run := recovered(t, seed, 60, func(o *DispatcherOptions) { o.Webhooks = hasty{o.Webhooks} })
	lost := 0
	for _, r := range run.receivers {
		if err := allTold(r.webhook, run.log, r.messages()); err != nil {
			lost++
			t.Log(err)
		}
	}
	if lost == 0 {
		t.Error("planted fault: the check has not seen that entries are lost")
	}
}

func TestRedirectionsAreNotFollowed(t *testing.T) {
	try := func(follow bool) (int64, booking.Delivery) {
		s := newWebhookStore()
		trap, visits := redirectTrap(t)
		r := newReceiver(t, s, "p", false, always("redirect"))
		r.canary = trap
		s.write("p", "a", booking.Confirmed, 1)
		d := newTestDispatcher(t, s, nil)
		if follow {
			d.client.CheckRedirect = nil
		}
		untilQuiet(t, s, d)
		made, err := s.Deliveries(t.Context(), "p", r.webhook.ID, 10)
		if err != nil || len(made) != 1 {
			t.Fatalf("%v, %v", made, err)
		}
		return visits.Load(), made[0]
	}
	visits, made := try(false)
	if visits != 0 || made.Status/100 != 3 || made.Outcome != "echec" {
		t.Errorf("%d visits, and %+v", visits, made)
	}
	if visits, _ := try(true); visits == 0 {
		t.Error("planted fault: a client that follows does not reach the canary")
	}
}

// What the check of the log calls in order, it must not call in order once two messages are swapped.
func TestTheCheckSeesDisorder(t *testing.T) {
	run := recovered(t, 1, 5, nil)
	r := run.receivers[0]
	var accepted []received
	for _, m := range r.messages() {
		if m.accepted {
			accepted = append(accepted, m)
		}
	}
	if err := allTold(r.webhook, run.log, accepted); err != nil {
		t.Fatal(err)
	}
	accepted[1], accepted[2] = accepted[2], accepted[1]
	if allTold(r.webhook, run.log, accepted) == nil {
		t.Error("two swapped messages pass")
	}
}
