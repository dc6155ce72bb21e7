package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"time"

	"modernc.org/sqlite" // the driver "sqlite", in pure Go

	"passerelle/booking"
)

// Ledger is an open SQLite ledger. One connection writes; others read beside it.
type Ledger struct {
	writer, reader *sql.DB
	seal           *sealer
	now            func() time.Time
}

var _ booking.Ledger = (*Ledger)(nil)

// Options are what a ledger is opened with.
type Options struct {
	Path string           // of the database file
	Keys [][]byte         // 32 bytes each: the first seals personal data and addresses, the others are still believed
	Now  func() time.Time // default time.Now
}

// ErrNewerSchema says that the file was written by a newer version of the program.
var ErrNewerSchema = errors.New("ledger: the file was written by a newer version of the program")

// ErrWrongKeys says that the file was sealed with other keys: what it holds could not be read.
var ErrWrongKeys = errors.New("ledger: the file was sealed with other keys")

//go:embed schema/*.sql
var schema embed.FS

// Open opens the ledger, makes the file if there is none, and brings its schema up to date.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	seal, err := newSealer(o.Keys)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &Ledger{seal: seal, now: o.Now}
	if l.writer, err = open(o.Path, 1); err != nil {
		return nil, err
	}
	if err = l.migrate(ctx); err == nil {
		err = l.prove(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, l.writer.Close())
	}
	if l.reader, err = open(o.Path, 4); err != nil {
		return nil, errors.Join(err, l.writer.Close())
	}
	return l, nil
}

// open sets what durability rests on: a commit returns only once it is on disk (synchronous=FULL), and a
// transaction takes the write lock when it begins, so that nothing is checked and then written behind a change.
func open(path string, connections int) (*sql.DB, error) {
	q := url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(1)"},
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

// Close ends the ledger; what was acknowledged is on disk already.
func (l *Ledger) Close() error { return errors.Join(l.reader.Close(), l.writer.Close()) }

// Ready reports whether the ledger answers.
func (l *Ledger) Ready(ctx context.Context) error {
	var one int
	return l.reader.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// migrate applies the files of schema that this ledger has not seen, each in one transaction.
func (l *Ledger) migrate(ctx context.Context) error {
	files, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(files)
	return l.write(ctx, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		if version > len(files) {
			return ErrNewerSchema
		}
		for _, f := range files[version:] {
			text, err := schema.ReadFile(f)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, string(text)); err != nil {
				return fmt.Errorf("%s: %w", f, err)
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(files)))
		return err
	})
}

// prove opens the row that was sealed when the file was made, or makes it. Without it, wrong keys would show only when
// the first name has to be read.
func (l *Ledger) prove(ctx context.Context) error {
	return l.write(ctx, func(tx *sql.Tx) error {
		var sealed []byte
		err := tx.QueryRowContext(ctx, "SELECT sealed FROM proof").Scan(&sealed)
		if err == nil {
			var word string
			if l.seal.open("proof", sealed, &word) != nil {
				return ErrWrongKeys
			}
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("ledger: %w", err)
		}
		if sealed, err = l.seal.seal("proof", "proof"); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO proof (sealed) VALUES (?)", sealed)
		return err
	})
}

// write runs do in one transaction; an error undoes all of it.
func (l *Ledger) write(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := l.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback() // what was refused is reported; undoing it cannot be refused
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// refused reports whether err is a rule of the database that said no, and its text.
func refused(err error, code int) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == code
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
