package instances

import (
	"context"
	"database/sql"
	"os"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"passerelle/internal/prove/gateway"
)

var programs gateway.Programs

func TestMain(m *testing.M) { os.Exit(gateway.Main(m, &programs)) }

// instance is one of several processes of a site. It has an address of its own after every start.
type instance struct {
	site    *gateway.Site
	redis   string
	caller  *gateway.Caller
	process *gateway.Process
	starts  int
	calls   atomic.Int64
}

// start starts it and turns its callers to it.
func (i *instance) start() error {
	p, err := i.site.Serve(i.caller, nil, "PASSERELLE_REDIS="+i.redis)
	if err != nil {
		return err
	}
	i.process = p
	i.starts++
	return nil
}

// stop asks it to end, and waits until it has.
func (i *instance) stop() error {
	select {
	case <-i.process.Ended():
		return nil
	default:
	}
	return i.process.Stop()
}

// fleet is all of them.
type fleet []*instance

// ask sends a call to one of them in turn.
func (f fleet) ask(ctx context.Context, turn int, method, path, key string, body []byte) (gateway.Answer, error) {
	one := f[turn%len(f)]
	one.calls.Add(1)
	return one.caller.Call(ctx, method, path, key, body)
}

func newFleet(t *testing.T, site *gateway.Site, redis string, n int, partner gateway.Partner) fleet {
	t.Helper()
	var f fleet
	t.Cleanup(func() {
		for _, i := range f {
			i.caller.Close()
			if i.process == nil {
				continue
			}
			if err := i.stop(); err != nil {
				t.Error(err)
			}
		}
	})
	for range n {
		i := &instance{site: site, redis: redis, caller: gateway.NewCaller(partner)}
		f = append(f, i)
		if err := i.start(); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// overlaps counts pairs of claims in a PostgreSQL ledger that exclude each other and stand both.
func overlaps(ctx context.Context, t *testing.T, address string) (n int) {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM claims a JOIN claims b ON a.agenda = b.agenda
		AND a.starts < b.ends AND b.starts < a.ends AND a.session < b.session AND a.chain <> b.chain`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
