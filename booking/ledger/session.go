package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// runner is a connection, a pool or a transaction of database/sql.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// session speaks SQL to one of the two databases. Queries are written once, with "?" for their arguments.
type session struct {
	runner
	*dialect
	stale   func(error) bool // of a pool: a connection was found dead, and the same may be asked through another; nil elsewhere
	touched []string         // agendas whose time the transaction changes
	behind  *behind          // of a transaction whose writes may be sent together; nil where each is sent at once
}

// refused says what it means that a rule of the database refused a write; nil leaves the error as it is.
type refused func(violation) error

// put writes rows whose number nobody has to know. A refusal may come with a later statement of the transaction, or at
// its end.
func (s *session) put(ctx context.Context, meaning refused, query string, args ...any) error {
	w := write{s.bind(query), args, meaning}
	if s.behind != nil {
		s.behind.writes = append(s.behind.writes, w)
		return nil
	}
	_, err := s.ExecContext(ctx, w.query, args...)
	return w.explain(s.dialect, err)
}

// write is a statement that waits to be sent, or was.
type write struct {
	query   string
	args    []any
	meaning refused
}

func (w write) explain(d *dialect, err error) error {
	if err == nil {
		return nil
	}
	if v := d.violation(err); w.meaning != nil && v != none && v != again {
		if meant := w.meaning(v); meant != nil {
			return meant
		}
	}
	verb, rest, _ := strings.Cut(w.query, " ")
	return fmt.Errorf("ledger: %s %s: %w", strings.ToLower(verb), strings.Join(strings.Fields(rest)[:min(2, len(strings.Fields(rest)))], " "), err)
}

// dialect is what the two databases do differently; everything else is common SQL.
type dialect struct {
	name string
	// bind turns "?" into what the driver wants.
	bind func(query string) string
	// forUpdate ends a query whose rows are about to change: on PostgreSQL it locks them, on SQLite there is one writer.
	forUpdate string
	// skipLocked ends a query that takes work which others may be taking too.
	skipLocked string
	// by follows a table, and names the index that it is read by: SQLite, which does not know how many rows there are, may take one of
	// all of them.
	by func(index string) string
	// alone waits until no other process migrates; version and setVersion keep how far the schema has come.
	alone      func(ctx context.Context, s *session) error
	version    string
	setVersion func(n int) string
	// queue waits until no other transaction takes time of an agenda: two that each wait for what the other has just
	// inserted would end in a deadlock, which takes a second to be seen. The rule itself is the constraint's.
	queue func(ctx context.Context, s *session, agenda string) error
	// violation says which rule of the database refused a statement.
	violation func(err error) violation
}

// violation is a rule of the database that said no.
type violation uint8

const (
	none     violation = iota
	overlaps           // two spans exclude each other: no_overlap, nobody_twice
	twice              // a key is there already
	again              // the database gave way to another transaction: the same may succeed now
)

// rowScanner is the row that is read.
type rowScanner interface{ Scan(into ...any) error }

func (s *session) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := s.flush(ctx); err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, s.bind(query), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// flush sends the writes that wait.
func (s *session) flush(ctx context.Context) error {
	if s.behind == nil || len(s.behind.writes) == 0 {
		return nil
	}
	writes := s.behind.writes
	s.behind.writes = nil
	return s.behind.send(ctx, writes)
}

// rows calls scan for each row.
func (s *session) rows(ctx context.Context, scan func(rowScanner) error, query string, args ...any) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, s.bind(query), args...)
	for stale := 0; err != nil && s.stale != nil && s.stale(err) && stale <= connections; stale++ {
		rows, err = s.QueryContext(ctx, s.bind(query), args...)
	}
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("ledger: read a row: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// first scans the first row; false when there is none.
func (s *session) first(ctx context.Context, into []any, query string, args ...any) (bool, error) {
	found := false
	errEnough := errors.New("enough")
	err := s.rows(ctx, func(r rowScanner) error {
		if found {
			return errEnough
		}
		found = true
		return r.Scan(into...)
	}, query, args...)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

// in is the right-hand side of IN for a list that is not empty, and its arguments. Lists are as long as a power of two,
// their last value repeated: compiled texts are kept, and there shall be few.
func in[T any](list []T) (text string, args []any) {
	n := 1
	for n < len(list) {
		n *= 2
	}
	args = make([]any, n)
	for i := range args {
		args[i] = list[min(i, len(list)-1)]
	}
	return "(?" + strings.Repeat(", ?", n-1) + ")", args
}

// under runs statements under the context of a transaction, not of whoever asked for it. SQLite answers an interruption by
// undoing the whole transaction, which may be many callers'; PostgreSQL's driver drops the connection.
type under struct {
	runner
	ctx context.Context
}

func (u under) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	return u.runner.ExecContext(u.ctx, query, args...)
}

func (u under) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	return u.runner.QueryContext(u.ctx, query, args...)
}
