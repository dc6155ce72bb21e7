package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"

	"modernc.org/sqlite" // the driver "sqlite", in pure Go
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteStore keeps a database in a file. One connection writes; others read beside it.
type sqliteStore struct {
	writer, reader *sql.DB
	read           *session
	texts          *prepared // of read
	jobs           chan *job
	points         points
	closing        chan struct{}
	ended          chan struct{}
}

var sqliteDialect = &dialect{
	name:      "sqlite",
	bind:      func(query string) string { return query },
	by:        func(index string) string { return " INDEXED BY " + index },
	violation: sqliteViolation,

	alone:      func(context.Context, *session) error { return nil }, // its one writer is alone
	queue:      func(context.Context, *session, string) error { return nil },
	version:    "PRAGMA user_version",
	setVersion: func(n int) string { return fmt.Sprintf("PRAGMA user_version = %d", n) },
}

func sqliteViolation(err error) violation {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return none
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		return overlaps
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return twice
	}
	return none
}

// openSQLite sets what durability rests on: a commit returns only once it is on disk (synchronous=FULL), and a
// transaction takes the write lock when it begins, so that nothing is checked and then written behind a change. What is
// deleted is overwritten (secure_delete).
func openSQLite(ctx context.Context, path, synchronous string) (*sqliteStore, error) {
	open := func(connections int) (*sql.DB, error) {
		q := url.Values{
			"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(" + synchronous + ")", "foreign_keys(1)", "secure_delete(1)"},
			"_txlock": {"immediate"},
		}
		db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String())
		if err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		db.SetMaxOpenConns(connections)
		db.SetMaxIdleConns(connections)
		return db, nil
	}
	if err := private(path); err != nil {
		return nil, err
	}
	s := &sqliteStore{jobs: make(chan *job, maxGroup), closing: make(chan struct{}), ended: make(chan struct{})}
	var err error
	if s.writer, err = open(1); err != nil {
		return nil, err
	}
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ledger: %w", err), s.writer.Close())
	}
	if s.reader, err = open(4); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	s.texts = newPrepared(s.reader.PrepareContext)
	s.read = &session{runner: s.texts, dialect: sqliteDialect}
	go s.group(conn) // #nosec G118 -- it outlives the context of opening: Close ends it
	return s, nil
}

// private makes a file that is its owner's alone where there is none; what SQLite puts beside it has the same mode. One that
// is there is not touched: to close it here would let go of the locks of whoever has it open in this process.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the operator's own folder
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return f.Close()
}

// Close ends the writer once what it is writing is on disk; what comes later is refused.
func (s *sqliteStore) Close() error {
	close(s.closing)
	<-s.ended
	return errors.Join(s.texts.Close(), s.reader.Close(), s.writer.Close())
}

// emptyJournal moves what the write-ahead log holds into the file and cuts the log off. Readers and writers are waited
// for; if they are always there, it fails.
func (s *sqliteStore) emptyJournal(ctx context.Context) error {
	const times = 20
	for range times {
		var busy, frames, moved int
		if err := s.reader.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
			return fmt.Errorf("ledger: empty the journal: %w", err)
		}
		if busy == 0 {
			return nil
		}
	}
	return errors.New("ledger: the journal could not be emptied: the file is in use all the time")
}

// prepared keeps the compiled form of each query: the texts are few, and compiling costs more than running.
type prepared struct {
	prepare func(ctx context.Context, query string) (*sql.Stmt, error)
	mu      sync.Mutex
	known   map[string]*sql.Stmt
}

func newPrepared(prepare func(context.Context, string) (*sql.Stmt, error)) *prepared {
	return &prepared{prepare: prepare, known: make(map[string]*sql.Stmt)}
}

func (p *prepared) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.known[query]; ok {
		return s, nil
	}
	s, err := p.prepare(context.WithoutCancel(ctx), query)
	if err == nil {
		p.known[query] = s
	}
	return s, err
}

// Close lets the compiled forms go: a connection that still has one is not closed, and its journal stays.
func (p *prepared) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for _, s := range p.known {
		err = errors.Join(err, s.Close())
	}
	p.known = make(map[string]*sql.Stmt)
	return err
}

func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}
