package neighbours

import (
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/egress"
	"passerelle/internal/prove"
	"passerelle/internal/testservers"
)

const (
	answerIn = 2 * time.Second // for an agenda to begin its answer
	perHost  = 8
	hopeful  = 8 // who try to book in the broken agenda in each round
)

func size() (agendas, rounds int) { return min(prove.Size(10, 50), 50), min(prove.Size(3, 5), 10) }

// theClient is the program's, but for its clock, and for an answer that is waited for less.
func theClient(t *testing.T, now func() time.Time) *http.Client {
	t.Helper()
	client, err := egress.New(egress.Options{
		AllowHTTP: []string{"127.0.0.1"}, AllowAddresses: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		AnswerIn: answerIn, Timeout: 2 * answerIn, PerHost: perHost, Retry: true, Urgent: connectors.Urgent, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// bareClient is what a client would be without breaker, bulkhead and limits of size.
func bareClient(t *testing.T, _ func() time.Time) *http.Client {
	transport := &http.Transport{ResponseHeaderTimeout: answerIn}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 2 * answerIn}
}

func TestABrokenAgendaHurtsItselfOnly(t *testing.T) {
	agendas, rounds := size()
	server := testservers.StartRadicale(t)
	var without time.Duration
	t.Run("all work", func(t *testing.T) {
		f := newTown(t, server, agendas, nil, theClient).live(t, rounds)
		without = f.p99()
		if f.othersFresh != rounds*(agendas-1) || f.othersBooked != rounds*(agendas-1) || f.hopefulBooked == 0 {
			t.Errorf("got %+v", f)
		}
	})
	for name, way := range ways {
		if name == "hangs in the middle" && !prove.Long() {
			continue // it takes a while
		}
		before := runtime.NumGoroutine()
		t.Run(name, func(t *testing.T) {
			b := startBroken(t, way)
			f := newTown(t, server, agendas, b, theClient).live(t, rounds)
			if f.othersFresh != rounds*(agendas-1) || f.othersBooked != rounds*(agendas-1) {
				t.Errorf("of %d in each round, %d were read and %d booked in %d rounds", agendas-1, f.othersFresh, f.othersBooked, rounds)
			}
			if f.hopefulBooked != 0 || f.brokenFresh != 0 {
				t.Errorf("what cannot be read was believed %d times, and booked %d times", f.brokenFresh, f.hopefulBooked)
			}
			asked, most := b.asked.Load(), bearable(name, rounds)
			if asked > most || b.together.Load() > perHost {
				t.Errorf("the broken one was asked %d times, at most %d; %d at once", asked, most, b.together.Load())
			}
			t.Logf("%d bookings, p99 %v (all work: %v); the broken one was asked %d times for %d attempts",
				f.othersBooked, f.p99().Round(time.Millisecond), without.Round(time.Millisecond), asked, attempts(rounds))
		})
		guard := time.Now().Add(time.Minute)
		for runtime.NumGoroutine() > before+5 && time.Now().Before(guard) {
			time.Sleep(10 * time.Millisecond)
		}
		if n := runtime.NumGoroutine(); n > before+5 {
			t.Errorf("%s: %d goroutines before, %d after", name, before, n)
		}
	}
}

// attempts are those at the broken agenda: a search reads it once in each round, whoever hopes to book once each.
func attempts(rounds int) int { return rounds * (1 + hopeful) }

// bearable is how often a broken agenda may be asked: until its breaker opens, after five time-outs or twenty failures,
// and then by a search and by whoever hopes first in each round. One that answers, whatever it says, has no breaker against
// it; it is asked once for its address, and once for the other that might be its calendar's.
func bearable(way string, rounds int) int64 {
	switch way {
	case "talks nonsense":
		return int64(2 * attempts(rounds))
	case "hangs", "hangs in the middle":
		return int64(5 + 2*rounds)
	}
	return int64(20 + 2*rounds)
}

// Were this test to fail, the one above would prove nothing.
func TestWithoutABreakerABrokenAgendaIsAskedByEverybody(t *testing.T) {
	const rounds = 1
	b := startBroken(t, ways["hangs"])
	f := newTown(t, testservers.StartRadicale(t), 2, b, bareClient).live(t, rounds)
	if asked := b.asked.Load(); asked <= bearable("hangs", rounds) {
		t.Errorf("it was asked %d times only, for %d attempts: %+v", asked, attempts(rounds), f)
	}
}

// figures are what came of all rounds.
type figures struct {
	othersFresh, othersBooked  int // agendas that a search showed as up to date; appointments confirmed
	brokenFresh, hopefulBooked int
	waited                     []time.Duration // of the bookings in the others
}

func (f figures) p99() time.Duration {
	slices.Sort(f.waited)
	if len(f.waited) == 0 {
		return 0
	}
	return f.waited[len(f.waited)*99/100]
}
