package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// tables are those in which a booking leaves rows, parents first.
var tables = []string{"appointments", "claims", "persons", "details", "keys", "outbox", "log", "audit"}

// row is one row of a booking, to be written again with other keys.
type row struct {
	table   string
	insert  string
	columns []string
	values  []any
}

// engine is a database seen from below the ledger.
type engine struct {
	name        string
	db          *sql.DB
	connections int
	begin       string
	placeholder func(n int) string
}

func bareSQLite(t testing.TB, path string) engine {
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String())
	return engine{"sqlite", opened(t, db, err, 1), 1, "BEGIN IMMEDIATE", func(int) string { return "?" }}
}

func barePostgres(t testing.TB, address string) engine {
	db, err := sql.Open("pgx", address)
	return engine{"postgres", opened(t, db, err, clients), clients, "BEGIN", func(n int) string { return "$" + strconv.Itoa(n) }}
}

func opened(t testing.TB, db *sql.DB, err error, connections int) *sql.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(connections + 1) // one looks
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// rowsOf reads what the one booking that there is left, without what the database itself fills in.
func (e engine) rowsOf(ctx context.Context) ([]row, error) {
	var out []row
	for _, table := range tables {
		found, err := e.rowsIn(ctx, table)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func (e engine) rowsIn(ctx context.Context, table string) (out []row, err error) {
	found, err := e.db.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	names, err := found.Columns()
	if err != nil {
		return nil, err
	}
	for found.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			return nil, err
		}
		out = append(out, e.template(table, names, values))
	}
	return out, found.Err()
}

func (e engine) template(table string, names []string, values []any) row {
	r := row{table: table}
	var marks []string
	for i, name := range names {
		if name == "during" || name == "position" || name == "id" && table != "appointments" {
			continue
		}
		r.columns, r.values = append(r.columns, name), append(r.values, values[i])
		marks = append(marks, e.placeholder(len(r.columns)))
	}
	r.insert = "INSERT INTO " + table + " (" + strings.Join(r.columns, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
	return r
}

// again gives the values of a row for the n-th booking: other keys, and time that nobody else has.
func (r row) again(calendar calendar, n int) []any {
	id := fmt.Sprintf("%032x", n)
	digest := sha256.Sum256([]byte(id))
	s := calendar.slot(n)
	out := make([]any, len(r.values))
	for i, name := range r.columns {
		switch name {
		case "id", "appointment", "chain", "session":
			out[i] = id
		case "key":
			out[i] = hex.EncodeToString(digest[:16])
		case "digest":
			out[i] = digest[:]
		case "person":
			out[i] = "partenaire/" + hex.EncodeToString(digest[:])
		case "agenda", "place":
			out[i] = s.Agenda
		case "starts":
			out[i] = s.Start
		case "ends":
			out[i] = s.End
		default:
			out[i] = r.values[i]
		}
	}
	return out
}

// bare commits bookings with nothing around them. Each connection is used by one transaction at a time.
type bare struct {
	begin    string
	calendar calendar
	rows     []row
	free     chan *connection
}

type connection struct {
	*sql.Conn
	inserts []*sql.Stmt
}

func (e engine) bare(ctx context.Context, t testing.TB, c calendar, rows []row) *bare {
	t.Helper()
	b := &bare{begin: e.begin, calendar: c, rows: rows, free: make(chan *connection, e.connections)}
	for range e.connections {
		conn, err := e.db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		c := &connection{Conn: conn}
		for _, r := range rows {
			s, err := conn.PrepareContext(ctx, r.insert)
			if err != nil {
				t.Fatal(err)
			}
			c.inserts = append(c.inserts, s)
		}
		b.free <- c
	}
	t.Cleanup(func() {
		for range e.connections {
			_ = (<-b.free).Close() // its database is closed next, and reports
		}
	})
	return b
}

// write commits the n-th booking.
func (b *bare) write(ctx context.Context, _, n int) error {
	c := <-b.free
	defer func() { b.free <- c }()
	if _, err := c.ExecContext(ctx, b.begin); err != nil {
		return err
	}
	for i, r := range b.rows {
		if _, err := c.inserts[i].ExecContext(ctx, r.again(b.calendar, n)...); err != nil {
			return fmt.Errorf("%s: %w", r.table, err)
		}
	}
	_, err := c.ExecContext(ctx, "COMMIT")
	return err
}

// counts is how many rows there are, by table.
func (e engine) counts(ctx context.Context) (map[string]int, error) {
	out := make(map[string]int)
	for _, table := range tables {
		var n int
		if err := e.db.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			return nil, err
		}
		out[table] = n
	}
	return out, nil
}
