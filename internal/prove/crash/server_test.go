package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

const (
	againIn    = time.Minute            // a guard: until the program has found its database again
	againEvery = 100 * time.Millisecond // is asked
)

// serverKilled kills PostgreSQL under a program that goes on.
func serverKilled(ctx context.Context, t *testing.T, server *testservers.PostgresServer, r *rig) error {
	stop, failed := make(chan struct{}), make(chan error, 1)
	go func() {
		failed <- r.load(ctx, stop, func(a gateway.Answer) bool { return a.Status >= http.StatusInternalServerError })
	}()
	<-time.After(time.Duration(50+r.random.IntN(300)) * time.Millisecond)
	server.Kill(t)
	close(stop)
	return errors.Join(<-failed, gone(r.name))
}

// cluster names a server, so that its processes can be told from those of others.
func cluster(name string) string { return "cluster_name=passerelle-" + name }

const goneIn = 20 * time.Second // a guard: until the last process of a killed server has ended

// gone waits for the last session: one that was born while the server died ends a moment later, by itself, and until then
// the server does not start again.
func gone(name string) error {
	guard := time.NewTimer(goneIn)
	defer guard.Stop()
	for {
		left, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(left, func(file string) bool {
			text, err := os.ReadFile(file) // none: it has ended meanwhile
			return err == nil && bytes.Contains(text, []byte("passerelle-"+name)) && bytes.Contains(text, []byte("postgres"))
		}) {
			return nil
		}
		select {
		case <-guard.C:
			return errors.New("crash: the sessions of a killed server do not end")
		case <-time.After(againEvery):
		}
	}
}

// found repeats a call until the program answers as if nothing had been.
func (r *rig) found(ctx context.Context) error {
	i, _ := r.want()
	r.account.Asked(i)
	guard := time.NewTimer(againIn)
	defer guard.Stop()
	for {
		a, err := r.caller.Book(ctx, i)
		if err == nil && a.Status == http.StatusCreated {
			return r.account.Told(i, a)
		}
		select {
		case <-guard.C:
			return fmt.Errorf("crash: after %v: %v, %w", againIn, a, err)
		case <-time.After(againEvery):
		}
	}
}

// onServer is a rig whose program serves from that database.
func onServer(t *testing.T, server *testservers.PostgresServer, name string, seed uint64) *rig {
	t.Helper()
	o := gateway.Options{Reader: programs.Reader(t), Program: programs.Build(t), Folder: t.TempDir(), Places: prove.Size(4, 4), Database: server.NewDatabase(t)}
	r, err := newRig(t.Context(), o, name, rand.New(rand.NewPCG(seed, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.caller.Close)
	r.serve(t)
	return r
}

func TestWhatWasAcknowledgedOutlivesPostgreSQL(t *testing.T) {
	seed := rand.Uint64()
	name := fmt.Sprintf("serveur-%d", seed)
	server := testservers.StartPostgres(t, cluster(name))
	most := prove.Size(1, 12)
	t.Logf("seed %d, %d kills", seed, most)
	r := onServer(t, server, name, seed)
	cut, kept := 0, 0
	for n := range most {
		r.since = time.Now()
		err := serverKilled(t.Context(), t, server, r)
		server.Start(t)
		v, wrong := r.compare(t.Context())
		cut, kept = cut+len(r.account.Open()), kept+v.Kept
		err = errors.Join(err, wrong, v.Err(), r.found(t.Context()), r.repeat(t.Context(), r.since))
		if err != nil {
			t.Fatalf("kill %d: %v", n, err)
		}
	}
	v, err := r.compare(t.Context())
	if err = errors.Join(err, v.Err()); err != nil {
		t.Fatal(err)
	}
	if open, told := len(r.account.Open()), len(r.account.All()); open > 0 || told != v.Rows {
		t.Errorf("%d calls are still open; %d were told, %d are in the ledger", open, told, v.Rows)
	}
	t.Logf("%d calls cut off, %d of them done; %d appointments", cut, kept, v.Rows)
}

// Planted fault: PostgreSQL is told not to wait for its disk. The same kill then loses what was acknowledged.
func TestAServerThatDoesNotWaitForItsDiskIsSeen(t *testing.T) {
	seed := rand.Uint64()
	name := fmt.Sprintf("paresse-%d", seed)
	server := testservers.StartPostgres(t, "synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB", cluster(name))
	t.Logf("seed %d", seed)
	r := onServer(t, server, name, seed)
	for range 3 {
		if err := serverKilled(t.Context(), t, server, r); err != nil {
			t.Fatal(err)
		}
		server.Start(t)
		v, err := r.compare(t.Context())
		if err != nil && strings.Contains(err.Error(), "appointments cannot be read") { // their keys were lost, and not they
			t.Log(err)
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Lost) > 0 {
			t.Logf("%d of %d lost", len(v.Lost), len(r.account.All()))
			return
		}
		if err := r.found(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("planted fault: nothing was lost")
}
