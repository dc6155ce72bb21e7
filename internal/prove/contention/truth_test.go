package contention

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// truth is the ledger's database, looked at directly.
type truth struct {
	*sql.DB
	drop string // what takes the rule against overlaps away
}

func sqliteTruth(t testing.TB, path string) truth {
	q := url.Values{"_pragma": {"busy_timeout(10000)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String())
	return truth{opened(t, db, err), "DROP TRIGGER no_overlap"}
}

func postgresTruth(t testing.TB, address string) truth {
	db, err := sql.Open("pgx", address)
	return truth{opened(t, db, err), "ALTER TABLE claims DROP CONSTRAINT no_overlap"}
}

func opened(t testing.TB, db *sql.DB, err error) *sql.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// overlaps counts pairs of claims that exclude each other and stand both.
func (x truth) overlaps(ctx context.Context) (n int, err error) {
	return n, x.QueryRowContext(ctx, `SELECT count(*) FROM claims a JOIN claims b ON a.agenda = b.agenda
		AND a.starts < b.ends AND b.starts < a.ends AND a.session < b.session AND a.chain <> b.chain`).Scan(&n)
}

// overfull counts sessions that hold more seats than there are: one in an appointment's own, some in a group's.
func (x truth) overfull(ctx context.Context) (n int, err error) {
	return n, x.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM (SELECT session FROM claims GROUP BY session
		HAVING max(seat) >= CASE WHEN min(appointment) = session THEN 1 ELSE %d END) AS many`, seats)).Scan(&n)
}

// seatsHeld is how many seats each appointment or hold has.
func (x truth) seatsHeld(ctx context.Context) (map[string]int, error) {
	rows, err := x.QueryContext(ctx, "SELECT appointment, count(*) FROM claims GROUP BY appointment")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[string]int)
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		out[id] = n
	}
	return out, rows.Err()
}
