package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"passerelle/booking"
)

// Ledger is an open ledger.
type Ledger struct {
	store
	read  *session
	vault *vault
	seal  *sealer
	now   func() time.Time
	rand  io.Reader
	heard func() // Options.Committed
	zones zones

	hearing sync.Mutex
	hearers []func(agenda string) // OnClaims

	points points
}

var (
	_ booking.Ledger   = (*Ledger)(nil)
	_ booking.Webhooks = (*Ledger)(nil)
	_ booking.Outbox   = (*Ledger)(nil)
)

// store is where transactions are kept: a file, or a server.
type store interface {
	// write runs do in one transaction, perhaps several times; an error undoes all of it.
	write(ctx context.Context, do func(*session) error) error
	Close() error
}

// Options are what a ledger is opened with.
type Options struct {
	Path      string           // of the SQLite file; or else…
	URL       string           // … a PostgreSQL database, postgres://…
	VaultPath string           // of the SQLite file that holds the data keys; default cles.db beside Path
	Keys      [][]byte         // 32 bytes each: the first wraps data keys and seals addresses, the others are still believed
	Now       func() time.Time // default time.Now
	Random    io.Reader        // of data keys; default crypto/rand
	Existing  bool             // ErrNoLedger where there is none
	Committed func()           // called after a change that people or partners are to hear of is on disk; it must not wait

	synchronous string // SQLite's pragma, for the tests that show what FULL is for
}

// ErrNewerSchema says that the database was written by a newer version of the program.
var ErrNewerSchema = errors.New("ledger: the database was written by a newer version of the program")

// ErrNoLedger says that there is no ledger, where there must be one.
var ErrNoLedger = errors.New("ledger: there is none")

// ErrWrongKeys says that the database was sealed with other keys: what it holds could not be read.
var ErrWrongKeys = errors.New("ledger: the database was sealed with other keys")

// Open opens the ledger, makes what is not there, and brings its schema up to date.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.synchronous == "" {
		o.synchronous = "FULL"
	}
	seal, err := newSealer(o.Keys)
	if err != nil {
		return nil, err
	}
	l := &Ledger{seal: seal, now: o.Now, rand: o.Random, heard: o.Committed, points: planned(&o)}
	if l.heard == nil {
		l.heard = func() {}
	}
	if err := l.open(ctx, o); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context, o Options) error {
	if err := l.openStores(ctx, o); err != nil {
		return err
	}
	if err := migrate(ctx, l.store, l.read.dialect, o.Existing); err != nil {
		return err
	}
	if err := l.vault.open(ctx); err != nil {
		return err
	}
	if err := l.prove(ctx); err != nil {
		return err
	}
	if err := l.catchUp(ctx); err != nil {
		return err
	}
	return l.sealAnew(ctx)
}

func (l *Ledger) openStores(ctx context.Context, o Options) error {
	l.vault = &vault{kek: l.seal, rand: l.rand, now: l.now}
	if o.URL != "" {
		s, err := openPostgres(o.URL)
		if err != nil {
			return err
		}
		s.points = l.points
		l.store, l.read = s, &session{runner: s.db, dialect: postgresDialect, stale: staleConnection}
		l.vault.store, l.vault.read, l.vault.table = shared{s}, l.read, "passerelle_cles.data_keys"
		return nil
	}
	if _, err := os.Stat(o.Path); o.Existing && errors.Is(err, os.ErrNotExist) {
		return ErrNoLedger
	}
	s, err := openSQLite(ctx, o.Path, o.synchronous)
	if err != nil {
		return err
	}
	s.points = l.points
	l.store, l.read = s, s.read
	if o.VaultPath == "" {
		o.VaultPath = filepath.Join(filepath.Dir(o.Path), "cles.db")
	}
	keys, err := openSQLite(ctx, o.VaultPath, o.synchronous)
	if err != nil {
		return err
	}
	l.vault.store, l.vault.read, l.vault.table = keys, keys.read, "data_keys"
	return nil
}

// Close ends the ledger; what was acknowledged is on disk already.
func (l *Ledger) Close() error {
	var err error
	if l.vault != nil && l.vault.store != nil {
		err = l.vault.Close()
	}
	if l.store != nil {
		err = errors.Join(err, l.store.Close())
	}
	return err
}

// Ready reports whether the ledger answers.
func (l *Ledger) Ready(ctx context.Context) error {
	var one int
	_, err := l.read.first(ctx, []any{&one}, "SELECT 1")
	return err
}

// catchUp takes back positions that this ledger has not given: after a restored backup they are of what is lost.
func (l *Ledger) catchUp(ctx context.Context) error {
	return l.write(ctx, func(s *session) error {
		if _, err := s.exec(ctx, `UPDATE webhooks SET position = coalesce((SELECT last FROM sequence s WHERE s.partner = webhooks.partner), 0)
			WHERE position > coalesce((SELECT last FROM sequence s WHERE s.partner = webhooks.partner), 0)`); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		return nil
	})
}

// prove opens the row that was sealed when the ledger was made, or makes it. Without it, wrong keys would show only when
// the first name has to be read.
func (l *Ledger) prove(ctx context.Context) error {
	return l.write(ctx, func(s *session) error {
		if err := s.alone(ctx, s); err != nil {
			return err
		}
		var sealed []byte
		found, err := s.first(ctx, []any{&sealed}, "SELECT sealed FROM proof")
		if err != nil {
			return err
		}
		if found {
			var word string
			if l.seal.open("proof", sealed, &word) != nil {
				return ErrWrongKeys
			}
			return nil
		}
		if sealed, err = l.seal.seal("proof", "proof"); err != nil {
			return err
		}
		if _, err = s.exec(ctx, "INSERT INTO proof (sealed) VALUES (?)", sealed); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		return nil
	})
}

// token names a lease.
func (l *Ledger) token() (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(l.rand, b); err != nil {
		return "", fmt.Errorf("ledger: %w", err)
	}
	return hex.EncodeToString(b), nil
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

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
