package instances

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

var seedFlag = flag.Uint64("instances.seed", 0, "seed of the random choices; 0 is a new one")

const (
	processes = 3
	days      = 50        // of slots, a quarter of an hour each
	perPlace  = 40 * days // slots that are counted on in each place: a day has twice as many
)

func TestSeveralProcessesPromiseASlotOnce(t *testing.T) {
	attempts := prove.Size(300, 20_000)
	address, redis := testservers.Postgres(t), newLying(t)
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d (-instances.seed)", seed)

	site, err := gateway.NewSite(gateway.Options{
		Program: programs.Build(t), Reader: programs.Reader(t), Folder: t.TempDir(), Database: address, Places: 1 + attempts/perSlot/perPlace,
	})
	if err != nil {
		t.Fatal(err)
	}
	reader, slots, err := site.Prepare(t.Context(), days)
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	random.Shuffle(len(slots), func(i, j int) { slots[i], slots[j] = slots[j], slots[i] })
	if len(slots) < attempts/perSlot {
		t.Fatalf("%d slots are too few for %d attempts", len(slots), attempts)
	}
	f := newFleet(t, site, redis.url(), processes, reader.Partner)
	c := newCrowd("instances", slots, f.ask)
	begun := time.Now()
	n := &nemesis{t: t, random: random, redis: redis, fleet: f}
	n.beside(c, attempts)
	took := time.Since(begun)

	t.Logf("%d attempts, %v, %.0f/s: %d slots promised, %d booked, %d refusals, %d calls without an answer or with a 5xx, %d attempts unanswered; %v",
		attempts, took.Round(time.Millisecond), float64(attempts)/took.Seconds(), len(c.promised), c.booked, c.refused, c.silent, c.open, n.did)
	for _, err := range c.wrong {
		t.Error(err)
	}
	if d := c.doubles(); d > 0 {
		t.Errorf("%d slots were promised to two", d)
	}
	if o := overlaps(t.Context(), t, address); o > 0 {
		t.Errorf("%d claims overlap", o)
	}
	if c.booked < attempts/perSlot/2 {
		t.Errorf("only %d of %d slots were booked", c.booked, attempts/perSlot)
	}
	rows, err := site.Holds(t.Context(), reader.Partner.ID)
	if err != nil {
		t.Fatal(err)
	}
	v := c.account.Compare(rows)
	t.Logf("in the ledger: %d appointments, %d of them never acknowledged", v.Rows, v.Kept)
	if err := v.Err(); err != nil {
		t.Error(err)
	}
}
