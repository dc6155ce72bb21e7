package contention

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"passerelle/booking/ledger"
	"passerelle/connectors/interval"
	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

var seedFlag = flag.Uint64("contention.seed", 0, "seed of the random choices; 0 is a new one")

const (
	visitors     = 32
	perVisitor   = 6                // attempts in a round
	within       = 60 * time.Second // a call: a guard
	plantedUntil = 24_000           // attempts within which a missing rule is seen
	roundsApart  = 20               // a diary has so many rounds: as full as one that is well used
)

// attempts is how many a proof makes. The race detector looks for something else, and sees it in fewer.
func attempts() int {
	if raced {
		return prove.Size(400, 2_000)
	}
	return prove.Size(2_000, 100_000)
}

// engines opens each of the two databases, empty.
var engines = map[string]func(t *testing.T) (ledger.Options, truth){
	"sqlite": func(t *testing.T) (ledger.Options, truth) {
		path := filepath.Join(t.TempDir(), "registre.db")
		return ledger.Options{Path: path}, sqliteTruth(t, path)
	},
	"postgres": func(t *testing.T) (ledger.Options, truth) {
		address := testservers.Postgres(t)
		return ledger.Options{URL: address}, postgresTruth(t, address)
	},
}

func TestASlotIsOneAppointment(t *testing.T) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			o, truth := open(t)
			c := newCrowd(t, o, attempts())
			for c.made < attempts() {
				if err := c.round(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			c.report(t)
			c.compare(t, truth)
			if c.found.double || c.found.unknown {
				t.Errorf("the history of some island is not that of one diary: %v", c.found)
			}
			if c.found.unjust*100 > c.found.refusals {
				t.Errorf("%d of %d refusals were of something free", c.found.unjust, c.found.refusals)
			}
		})
	}
}

// Without the rule of the database the same crowd books a slot twice, and both judges see it.
func TestWithoutTheRuleASlotIsTwoAppointments(t *testing.T) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			o, truth := open(t)
			c := newCrowd(t, o, plantedUntil)
			if _, err := truth.ExecContext(t.Context(), truth.drop); err != nil {
				t.Fatal(err)
			}
			overlaps := 0
			for c.made < plantedUntil && (overlaps == 0 || !c.found.double) {
				err := c.round(t.Context())
				if err == nil {
					overlaps, err = truth.overlaps(t.Context())
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			c.report(t)
			if overlaps == 0 || !c.found.double {
				t.Errorf("%d overlaps in the database, and porcupine says double: %t", overlaps, c.found.double)
			}
		})
	}
}

// crowd is clients that meet, round after round, in an island of a diary where nobody was before.
type crowd struct {
	door    *Door
	clients []*gateway.Caller
	random  *rand.Rand
	begun   time.Time
	islands []interval.Interval
	diaries int

	rounds   int
	made     int // attempts
	calls    int
	accepted int
	found    verdict // of all rounds
	held     map[string]int
}

func newCrowd(t *testing.T, o ledger.Options, attempts int) *crowd {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d (-contention.seed)", seed)
	zone, err := Zone()
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{begun: time.Now(), random: rand.New(rand.NewPCG(seed, 1)), held: make(map[string]int)}
	c.islands = islands(c.begun, zone)
	c.diaries = 1 + attempts/(visitors*perVisitor)/min(roundsApart, len(c.islands))
	list := make([]Diary, c.diaries)
	for i := range list {
		list[i] = Diary{ID: diaryName(i), Hours: hours, Motifs: motifs()}
	}
	c.door = Open(t, Options{Ledger: o, Diaries: list})
	for range visitors {
		one := c.door.Caller(t)
		one.HTTP.Timeout = within
		c.clients = append(c.clients, one)
	}
	return c
}

func diaryName(i int) string { return fmt.Sprintf("d%d", i) }

// round lets everybody in at once, and judges what they were answered.
func (c *crowd) round(ctx context.Context) error {
	all := make([]*visitor, visitors)
	for i := range all {
		all[i] = &visitor{
			number: i, client: c.clients[i], slots: c.door.Slots, random: rand.New(rand.NewPCG(c.random.Uint64(), uint64(i))), since: c.begun,
			diary: diaryName(c.rounds % c.diaries), island: c.islands[c.rounds/c.diaries], name: fmt.Sprintf("r%d", c.rounds),
		}
	}
	c.rounds++
	gate := make(chan struct{})
	go close(gate)
	Together(visitors, func(i int) {
		<-gate
		all[i].visit(ctx, perVisitor)
	})
	var history []porcupine.Operation
	for _, v := range all {
		if v.wrong != nil {
			return v.wrong
		}
		history = append(history, v.history...)
		c.made += v.attempts
		c.calls += v.calls
	}
	v := judge(history)
	c.found.double = c.found.double || v.double
	c.found.unknown = c.found.unknown || v.unknown
	c.found.refusals += v.refusals
	c.found.unjust += v.unjust
	told, _ := split(history)
	c.accepted += len(told)
	maps.Copy(c.held, end(history))
	return nil
}

// compare holds the database against what was acknowledged.
func (c *crowd) compare(t *testing.T, x truth) {
	t.Helper()
	overlaps, err := x.overlaps(t.Context())
	overfull, err2 := x.overfull(t.Context())
	held, err3 := x.seatsHeld(t.Context())
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	if overlaps != 0 || overfull != 0 {
		t.Errorf("in the database, %d claims overlap and %d sessions are overfull", overlaps, overfull)
	}
	if !maps.Equal(held, c.held) {
		t.Errorf("%d appointments and holds were acknowledged and not given back, %d are in the database, or with other seats", len(c.held), len(held))
	}
}

func (c *crowd) report(t *testing.T) {
	t.Helper()
	took := time.Since(c.begun)
	t.Logf("%d attempts (%d calls, %d yes) in %d rounds on %d diaries, %v, %.0f calls/s; %v", c.made, c.calls, c.accepted, c.rounds, c.diaries,
		took.Round(time.Millisecond), float64(c.calls)/took.Seconds(), c.found)
}
