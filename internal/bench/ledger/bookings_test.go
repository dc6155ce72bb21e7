package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/connectors/interval"
	"passerelle/internal/prove/contention"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

const (
	clients = 32
	diaries = 128
	perDay  = 24 // slots of half an hour, from eight in the morning to eight at night
	horizon = 58 // days
	within  = 20 * time.Second
)

// Floors of the ratio. SQLite may exceed one: bookings that wait for the disk share a commit, the bare loop does not.
var floors = map[string]float64{"sqlite": 0.7, "postgres": 0.5}

// TestBookingsPerSecond prints the ratios with PASSERELLE_BENCH, and fails below the floors. Without, it only sees that
// both sides of the comparison work and write the same rows.
func TestBookingsPerSecond(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		path, below := filepath.Join(t.TempDir(), "r.db"), filepath.Join(t.TempDir(), "r.db")
		compare(t, ledger.Options{Path: path}, ledger.Options{Path: below},
			func() engine { return bareSQLite(t, path) }, func() engine { return bareSQLite(t, below) })
	})
	t.Run("postgres", func(t *testing.T) {
		server := testservers.StartPostgres(t)
		address, below := server.NewDatabase(t), server.NewDatabase(t)
		compare(t, ledger.Options{URL: address}, ledger.Options{URL: below},
			func() engine { return barePostgres(t, address) }, func() engine { return barePostgres(t, below) })
	})
}

// compare measures bookings in one database and bare commits in another, in turn.
func compare(t *testing.T, booked, below ledger.Options, ours, theirs func() engine) {
	rounds, each := 1, 100*time.Millisecond
	meant := os.Getenv("PASSERELLE_BENCH") != ""
	if meant {
		rounds, each = 7, 3*time.Second
	}
	b := newBookings(t, booked)
	makeSchema(t, below)
	look, base := ours(), theirs()
	if err := b.book(t.Context(), 0, 0); err != nil {
		t.Fatal(err)
	}
	rows, err := look.rowsOf(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bare := base.bare(t.Context(), t, b.calendar, rows)
	var made, written atomic.Int64
	var http, commits []float64
	rate(t, each, &made, b.book)
	rate(t, each, &written, bare.write)
	for _, e := range []engine{look, base} { // an installation that is older than a minute has statistics
		if _, err := e.db.ExecContext(t.Context(), "ANALYZE"); err != nil {
			t.Fatal(err)
		}
	}
	for range rounds {
		http = append(http, rate(t, each, &made, b.book))
		commits = append(commits, rate(t, each, &written, bare.write))
	}
	sameRows(t, look, base, int(made.Load()+1), int(written.Load()))
	ratio := median(http) / median(commits)
	fmt.Printf("ledger %s ratio %.2f (%.0f bookings/s over HTTP, %.0f bare commits/s, %d rows each; %d clients, medians of %d rounds of %v)\n",
		base.name, ratio, median(http), median(commits), len(rows), clients, rounds, each)
	if meant && ratio < floors[base.name] {
		t.Errorf("the ratio on %s is %.2f, below %.2f", base.name, ratio, floors[base.name])
	}
}

// calendar gives every booking a slot of its own, in the order of time, the diaries in turn.
type calendar struct{ first time.Time }

func newCalendar(t testing.TB) calendar {
	zone, err := contention.Zone()
	if err != nil {
		t.Fatal(err)
	}
	y, m, d := time.Now().In(zone).Date()
	return calendar{time.Date(y, m, d+1, 8, 0, 0, 0, zone)}
}

func (c calendar) slot(n int) booking.SlotRef {
	turn := n / diaries
	start := c.first.AddDate(0, 0, turn/perDay%horizon).Unix() + int64(turn%perDay)*1800
	diary := fmt.Sprintf("d%03d", n%diaries)
	return booking.SlotRef{Place: diary, Agenda: diary, Motif: "demi-heure", Interval: interval.Interval{Start: start, End: start + 1800}}
}

// bookings are made over HTTP.
type bookings struct {
	door     *contention.Door
	clients  []*gateway.Caller
	calendar calendar
}

func newBookings(t testing.TB, o ledger.Options) *bookings {
	list := make([]contention.Diary, diaries)
	for i := range list {
		list[i] = contention.Diary{
			ID: fmt.Sprintf("d%03d", i), Hours: "Mo-Su 08:00-20:00",
			Motifs: []booking.Motif{{ID: "demi-heure", Duration: 30 * time.Minute}},
		}
	}
	b := &bookings{calendar: newCalendar(t), door: contention.Open(t, contention.Options{Ledger: o, Diaries: list})}
	for range clients {
		c := b.door.Caller(t)
		c.HTTP.Timeout = within
		b.clients = append(b.clients, c)
	}
	return b
}

// book makes the n-th booking, which nothing is in the way of.
func (b *bookings) book(ctx context.Context, client, n int) error {
	person := fmt.Sprintf("Personne %d", n)
	got, err := b.clients[client].Call(ctx, http.MethodPost, "/v1/rendez-vous", person,
		contention.Demand("creneau_id", b.door.Slots.ID(b.calendar.slot(n)), person, 1))
	if err != nil {
		return err
	}
	if got.Status != http.StatusCreated {
		return fmt.Errorf("booking %d: %d %s", n, got.Status, got.Body)
	}
	return nil
}

// makeSchema makes a ledger without anything in it.
func makeSchema(t testing.TB, o ledger.Options) {
	o.Keys = [][]byte{bytes.Repeat([]byte{1}, 32)}
	l, err := ledger.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// rate is how many times per second do ends, in all clients together; next counts them over all rounds.
func rate(t *testing.T, each time.Duration, next *atomic.Int64, do func(ctx context.Context, client, n int) error) float64 {
	t.Helper()
	before, begun := next.Load(), time.Now()
	failed := make([]error, clients)
	contention.Together(clients, func(i int) {
		for time.Since(begun) < each && failed[i] == nil {
			failed[i] = do(t.Context(), i, int(next.Add(1)))
		}
	})
	took := time.Since(begun).Seconds()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	return float64(next.Load()-before) / took
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// sameRows sees that both sides wrote as many rows of each kind per booking, and that none is missing.
func sameRows(t *testing.T, look, base engine, made, written int) {
	t.Helper()
	booked, err := look.counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bare, err := base.counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if booked[table]%made != 0 || bare[table] != booked[table]/made*written {
			t.Errorf("%s: %d rows of %d bookings, %d rows of %d bare commits", table, booked[table], made, bare[table], written)
		}
	}
}
