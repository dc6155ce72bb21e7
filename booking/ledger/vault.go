package ledger

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"passerelle/booking"
)

// vault keeps one data key per appointment, apart from the ledger: a file of its own, or a schema of its own. What
// says something of a person is sealed with its data key, so that to erase is to destroy the key, and that reaches
// every copy of the ledger.
//
// A key is on disk before anything is sealed with it. Keys are therefore made in advance, many in one commit.
type vault struct {
	store
	read  *session
	table string
	kek   *sealer // wraps the data keys
	rand  io.Reader
	now   func() time.Time

	mu     sync.Mutex
	supply []dataKey
}

// dataKey is a key of 32 bytes and what it is called.
type dataKey struct {
	id  string
	key []byte
}

// shared is a store that somebody else closes.
type shared struct{ store }

func (shared) Close() error { return nil }

// batchOfKeys is how many are made at once.
const batchOfKeys = 128

func (v *vault) open(ctx context.Context) error {
	return v.write(ctx, func(s *session) error {
		if err := s.alone(ctx, s); err != nil { // two that make a schema at once fail
			return err
		}
		return script(ctx, s, "schema/vault/"+s.name+".sql")
	})
}

// Close destroys the keys that were not used.
func (v *vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var err error
	if len(v.supply) > 0 {
		ids := make([]string, len(v.supply))
		for i, k := range v.supply {
			ids[i] = k.id
		}
		v.supply = nil
		err = v.destroy(context.Background(), ids)
	}
	return errors.Join(err, v.store.Close())
}

// take gives a key that is on disk and that nothing is sealed with.
func (v *vault) take(ctx context.Context) (dataKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.supply) == 0 {
		made, err := v.make(context.WithoutCancel(ctx), batchOfKeys)
		if err != nil {
			return dataKey{}, err
		}
		v.supply = made
	}
	k := v.supply[len(v.supply)-1]
	v.supply = v.supply[:len(v.supply)-1]
	return k, nil
}

// giveBack takes a key again that nothing was sealed with: the transaction that was to use it was refused for certain.
func (v *vault) giveBack(k dataKey, err error) {
	if _, refused := errors.AsType[*booking.Error](err); k.id == "" || !refused && !errors.Is(err, errSamePerson) && !errors.Is(err, booking.ErrKeyUsed) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.supply = append(v.supply, k)
}

func (v *vault) make(ctx context.Context, n int) ([]dataKey, error) {
	keys, wrapped := make([]dataKey, n), make([][]byte, n)
	for i := range keys {
		id, key := make([]byte, 16), make([]byte, 32)
		if _, err := io.ReadFull(v.rand, id); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		if _, err := io.ReadFull(v.rand, key); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		keys[i] = dataKey{hex.EncodeToString(id), key}
		var err error
		if wrapped[i], err = v.kek.seal("data_keys/"+keys[i].id, key); err != nil {
			return nil, err
		}
	}
	args := make([]any, 0, 3*n)
	for i, k := range keys {
		args = append(args, k.id, wrapped[i], millis(v.now()))
	}
	return keys, v.write(ctx, func(s *session) error {
		return s.put(ctx, nil, "INSERT INTO "+v.table+" (id, wrapped, created) VALUES (?, ?, ?)"+strings.Repeat(", (?, ?, ?)", n-1), args...)
	})
}

// keys finds those that were not destroyed. Where they stand in the same database, through is how: a transaction that
// waits for a second connection may wait for ever.
func (v *vault) keys(ctx context.Context, through *session, ids []string) (map[string][]byte, error) {
	if through.name != postgresDialect.name {
		through = v.read
	}
	out := make(map[string][]byte, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	wrapped := make(map[string][]byte, len(ids))
	these, args := in(ids)
	err := through.rows(ctx, func(r rowScanner) error {
		var id string
		var w []byte
		err := r.Scan(&id, &w)
		wrapped[id] = w
		return err
	}, "SELECT id, wrapped FROM "+v.table+" WHERE id IN "+these, args...)
	if err != nil {
		return nil, err
	}
	for id, w := range wrapped {
		var key []byte
		if err := v.kek.open("data_keys/"+id, w, &key); err != nil {
			return nil, err
		}
		out[id] = key
	}
	return out, nil
}

// destroy makes what was sealed with keys unreadable, here and in every copy of the ledger. In a file the journal still
// holds what was overwritten: it is emptied.
func (v *vault) destroy(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	these, args := in(ids)
	err := v.write(ctx, func(s *session) error {
		if _, err := s.exec(ctx, "DELETE FROM "+v.table+" WHERE id IN "+these, args...); err != nil {
			return fmt.Errorf("ledger: destroy a data key: %w", err)
		}
		return nil
	})
	if file, ok := v.store.(*sqliteStore); ok && err == nil {
		err = file.emptyJournal(ctx)
	}
	return err
}

// rewrap wraps with the current key what a previous one wrapped, up to limit keys, and says how many that were.
func (v *vault) rewrap(ctx context.Context, after string, limit int) (last string, n int, err error) {
	err = v.write(ctx, func(s *session) error {
		last, n = after, 0
		wrapped := make(map[string][]byte)
		err := s.rows(ctx, func(r rowScanner) error {
			var id string
			var w []byte
			err := r.Scan(&id, &w)
			wrapped[id] = w
			last = max(last, id)
			return err
		}, "SELECT id, wrapped FROM "+v.table+" WHERE id > ? ORDER BY id LIMIT ?", after, limit)
		if err != nil {
			return err
		}
		n = len(wrapped)
		for id, w := range wrapped {
			if v.kek.current("data_keys/"+id, w) {
				continue
			}
			if w, err = v.kek.again("data_keys/"+id, w); err != nil {
				return err
			}
			if _, err := s.exec(ctx, "UPDATE "+v.table+" SET wrapped = ? WHERE id = ?", w, id); err != nil {
				return fmt.Errorf("ledger: rewrap a data key: %w", err)
			}
		}
		return nil
	})
	return last, n, err
}

// aead is what seals with a data key.
func (k dataKey) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.key)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
