package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// postgresStore keeps a database on a server that several instances share.
type postgresStore struct {
	db     *sql.DB
	points points
}

var postgresDialect = &dialect{
	name:       "postgres",
	bind:       numbered(),
	forUpdate:  " FOR UPDATE",
	skipLocked: " FOR UPDATE SKIP LOCKED",
	by:         func(string) string { return "" },
	violation:  postgresViolation,

	alone: postgresAlone,
	queue: func(ctx context.Context, s *session, agenda string) error {
		return s.put(ctx, nil, "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", agenda)
	},
	version:    "SELECT coalesce(max(version), 0) FROM schema_versions",
	setVersion: func(n int) string { return fmt.Sprintf("INSERT INTO schema_versions (version) VALUES (%d)", n) },
}

// lockOfSchema is the advisory lock of what a single instance does at a time, when it starts.
const lockOfSchema = 0x7061737301

// postgresAlone holds a lock until the transaction ends.
func postgresAlone(ctx context.Context, s *session) error {
	if _, err := s.exec(ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", lockOfSchema)); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if _, err := s.exec(ctx, "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY)"); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// SQLSTATE codes (PostgreSQL, appendix A).
const (
	uniqueViolation      = "23505"
	exclusionViolation   = "23P01"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	adminShutdown        = "57P01"
	crashShutdown        = "57P02"
)

func postgresViolation(err error) violation {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return none
	}
	switch e.Code {
	case exclusionViolation:
		return overlaps
	case uniqueViolation:
		return twice
	case serializationFailure, deadlockDetected:
		return again
	}
	return none
}

// staleConnection reports whether a query found a connection that the server has left: it was restarted, or is another
// one now. A server that answers, or that cannot be reached at all, is neither.
func staleConnection(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == adminShutdown || e.Code == crashShutdown
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// numbered turns the n-th "?" of a query into "$n". No query holds a question mark of its own.
func numbered() func(string) string {
	var known sync.Map
	return func(query string) string {
		if bound, ok := known.Load(query); ok {
			return bound.(string)
		}
		var b strings.Builder
		n := 0
		for part := range strings.SplitSeq(query, "?") {
			if n > 0 {
				b.WriteString("$" + strconv.Itoa(n))
			}
			b.WriteString(part)
			n++
		}
		known.Store(query, b.String())
		return b.String()
	}
}

// connections is how many one instance opens at most: PostgreSQL allows 100 in all unless it is told otherwise.
const connections = 24

func openPostgres(address string) (*postgresStore, error) {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return nil, errors.New("ledger: the address of the database cannot be understood") // it may hold a password
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &postgresStore{db: db}, nil
}

func (s *postgresStore) Close() error { return s.db.Close() }

// writeIn bounds a transaction, the wait for a connection and for the locks of others included: a server that hangs must
// not gather callers without end.
const writeIn = 15 * time.Second

// attempts is how often a transaction is begun again when the database gave way to another.
const attempts = 8

// write runs do in one transaction; an error undoes all of it. do may run several times. It runs to its end whether or
// not the caller leaves: a commit that is interrupted may or may not have happened.
func (s *postgresStore) write(ctx context.Context, do func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeIn)
	defer cancel()
	var err error
	for tries, stale := 0, 0; tries < attempts && stale <= connections; {
		err = s.once(ctx, do)
		switch {
		case errors.Is(err, errNotBegun): // a connection that the server has left behind: the next may be one too
			stale++
		case postgresViolation(err) == again, errors.Is(err, errAgain):
			tries++
		default:
			return err
		}
	}
	return err
}

// errNotBegun says that a transaction did not even begin: nothing of it was done.
var errNotBegun = errors.New("ledger: the transaction did not begin")

// errAgain says that what a transaction saw was changed by another meanwhile, and that it should be begun again.
var errAgain = errors.New("ledger: another transaction was first")

func (s *postgresStore) once(ctx context.Context, do func(*session) error) error {
	s.points.reach(beforeBegin)
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotBegun, err)
	}
	one := &session{runner: under{tx, ctx}, dialect: postgresDialect, behind: &behind{conn: conn, ctx: ctx, dialect: postgresDialect}}
	err = do(one)
	if earlier := one.flush(ctx); earlier != nil { // what was written before it went wrong would have been refused first
		err = earlier
	}
	if err != nil {
		_ = tx.Rollback() // what was refused is reported; undoing it cannot be refused
		return err
	}
	s.points.executed(nil)
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	s.points.reach(afterCommit)
	return nil
}

// behind holds the writes of a transaction back until something has to be read, or until its end: they go to the server
// in one message. A booking is ten rows in eight tables, and each message costs two switches between processes.
type behind struct {
	conn *sql.Conn
	ctx  context.Context // of the transaction
	*dialect
	writes []write
}

func (b *behind) send(_ context.Context, writes []write) error {
	return b.conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return errors.New("ledger: another driver than pgx")
		}
		var batch pgx.Batch
		for _, w := range writes {
			batch.Queue(w.query, w.args...)
		}
		results := c.Conn().SendBatch(b.ctx, &batch)
		for _, w := range writes {
			if _, err := results.Exec(); err != nil {
				return errors.Join(w.explain(b.dialect, err), ignored(results.Close()))
			}
		}
		return results.Close()
	})
}

// ignored is the error of closing what has failed: it repeats the failure.
func ignored(error) error { return nil }
