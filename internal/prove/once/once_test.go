package once

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/internal/prove"
	"passerelle/internal/prove/contention"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

var programs gateway.Programs

func TestMain(m *testing.M) { os.Exit(gateway.Main(m, &programs)) }

const callsOfOne = 6 // of one intention, about

func TestOneIntentionIsOneAppointment(t *testing.T) {
	for _, engine := range []struct {
		name     string
		database func() string
	}{
		{"SQLite", func() string { return "" }},
		{"PostgreSQL", func() string { return testservers.Postgres(t) }}, // a server for each round
	} {
		t.Run(engine.name, func(t *testing.T) {
			rounds := prove.Size(1, 1)
			calls, kills := prove.Size(300, 10_000)/rounds, prove.Size(2, 12)/rounds
			for range rounds {
				seed := rand.Uint64()
				t.Logf("seed %d, about %d calls, %d kills", seed, calls, kills)
				site, err := gateway.NewSite(gateway.Options{
					Reader: programs.Reader(t), Program: programs.Build(t), Folder: t.TempDir(), Database: engine.database(), Places: 8, Groups: 1, Minutes: 60,
				})
				if err != nil {
					t.Fatal(err)
				}
				proved(t, site, calls/callsOfOne, kills, rand.New(rand.NewPCG(seed, 0)))
			}
		})
	}
}

// proved pursues so many intentions while the program is killed and served again.
func proved(t *testing.T, site *gateway.Site, intentions, kills int, random *rand.Rand) {
	t.Helper()
	caller, slots, err := site.Prepare(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	of := len(slots) / len(site.Places) // each place has as many
	list, err := demands(intentions, slots[:of*(len(site.Places)-1)], slots[of*(len(site.Places)-1):], random)
	if err != nil {
		t.Fatal(err)
	}
	c := &callers{caller: caller, account: gateway.NewAccount()}
	began := time.Now()
	var p *gateway.Process
	defer func() {
		if p != nil {
			_ = p.Kill()
		}
	}()
	for n := range kills + 1 { // each process has its share of the work, and is killed in the middle of the last of it
		if p, err = site.Serve(caller, nil); err != nil {
			t.Fatal(err)
		}
		mine := list[n*len(list)/(kills+1) : (n+1)*len(list)/(kills+1)]
		if err := c.shareOf(t.Context(), mine, n < kills, &p, site, random); err != nil {
			t.Fatal(err)
		}
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	rows, err := site.Holds(t.Context(), caller.Partner.ID)
	if err != nil {
		t.Fatal(err)
	}
	v := c.account.Compare(rows)
	if err := v.Err(); err != nil {
		t.Error(err)
	}
	if open := len(c.account.Open()); open > 0 || v.Rows != len(list) {
		t.Errorf("%d intentions are open; %d appointments for %d intentions", open, v.Rows, len(list))
	}
	t.Logf("%d calls answered (and %d not) for %d intentions in %v: %d appointments, %d double",
		c.calls.Load()-c.cut.Load(), c.cut.Load(), len(list), took.Round(time.Second), v.Rows, len(v.Double))
}

// shareOf pursues a share; if it is to be killed, somewhere in the middle, and served again.
func (c *callers) shareOf(ctx context.Context, list []demand, kill bool, p **gateway.Process, site *gateway.Site, random *rand.Rand) error {
	if !kill {
		return c.all(ctx, list)
	}
	failed := make(chan error, 1)
	until := c.started.Load() + int64(len(list)/2)
	pause := time.Duration(random.IntN(20_000)) * time.Microsecond
	go func() { failed <- c.all(ctx, list) }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for c.started.Load() < until {
		select {
		case err := <-failed:
			return err
		case <-tick.C:
		}
	}
	<-time.After(pause)
	err := (*p).Kill()
	again, wrong := site.Serve(c.caller, nil)
	if again != nil {
		*p = again
	}
	return errors.Join(err, wrong, <-failed)
}

// forgetful is a ledger in which the key of a call is kept after the work, in a transaction of its own.
type forgetful struct {
	booking.Ledger
	mu   sync.Mutex
	keys map[[32]byte]booking.Recorded
}

func (f *forgetful) keep(k *booking.Key, appointment string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k != nil {
		f.keys[k.Digest] = booking.Recorded{Request: k.Request, Status: k.Status, Appointment: appointment}
	}
}

func (f *forgetful) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	key := c.Key
	c.Key = nil
	a, err := f.Ledger.Claim(ctx, c)
	if err == nil {
		f.keep(key, a.ID)
	}
	return a, err
}

func (f *forgetful) Advance(ctx context.Context, id string, from int, c booking.Change) (booking.Appointment, error) {
	key := c.Key
	c.Key = nil
	a, err := f.Ledger.Advance(ctx, id, from, c)
	if err == nil {
		f.keep(key, id)
	}
	return a, err
}

func (f *forgetful) ByKey(_ context.Context, k booking.Key) (booking.Recorded, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, ok := f.keys[k.Digest]
	return r, ok, nil
}

// Planted fault: the same calls on a ledger that keeps the key after the work make doubles, and on ours make none.
func TestAKeyThatIsKeptAfterTheWorkIsSeen(t *testing.T) {
	for _, faulty := range []bool{false, true} {
		t.Run(fmt.Sprintf("faulty %v", faulty), func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			o := contention.Options{
				Ledger: ledger.Options{Path: filepath.Join(t.TempDir(), "registre.db")},
				Diaries: []contention.Diary{
					{ID: "seul", Hours: "24/7", Motifs: []booking.Motif{{ID: "m", Label: "M", Duration: 15 * time.Minute}}},
					{ID: "groupe", Hours: "24/7", Motifs: []booking.Motif{{ID: "m", Label: "M", Duration: 15 * time.Minute, Group: true, Seats: 64}}},
				},
			}
			if faulty {
				o.Holds = func(l booking.Ledger) booking.Ledger {
					return &forgetful{Ledger: l, keys: make(map[[32]byte]booking.Recorded)}
				}
			}
			door := contention.Open(t, o)
			caller := door.Caller(t)
			slots, err := caller.Slots(t.Context(), time.Now(), 2, "seul", "groupe")
			if err != nil {
				t.Fatal(err)
			}
			list, err := demands(60, slots[:len(slots)/2], slots[len(slots)/2:], rand.New(rand.NewPCG(seed, 0)))
			if err != nil {
				t.Fatal(err)
			}
			c := &callers{caller: caller, account: gateway.NewAccount(), goOn: faulty}
			wrong := c.all(t.Context(), list)
			rows, _, err := door.Ledger.Appointments(t.Context(), "partenaire", booking.AppointmentFilter{Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			double := doubles(rows)
			t.Logf("%d calls, %d appointments, %d intentions with more than one; %.200v", c.calls.Load(), len(rows), len(double), wrong)
			if faulty != (len(double) > 0) || !faulty && wrong != nil {
				t.Errorf("faulty %v: %d doubles, %v", faulty, len(double), wrong)
			}
		})
	}
}
