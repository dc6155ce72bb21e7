package agendas

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"passerelle/connectors"
)

// Folder keeps what agendas remember (connectors.State): a file for each, encrypted under the first key and read under
// any of them. Nothing in it is worth a backup: what is lost is read again from the agendas.
type Folder struct {
	path  string
	seals []cipher.AEAD
}

// NewFolder makes the folder when it is not there. Keys are of 32 bytes; the first one writes.
func NewFolder(path string, keys ...[]byte) (*Folder, error) {
	if len(keys) == 0 {
		return nil, errors.New("agendas: no key for what agendas remember")
	}
	f := &Folder{path: path}
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("agendas: %w", err)
		}
		seal, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("agendas: %w", err)
		}
		f.seals = append(f.seals, seal)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("agendas: %w", err)
	}
	left, _ := filepath.Glob(filepath.Join(path, fresh)) // by a crash
	for _, file := range left {
		_ = os.Remove(file)
	}
	return f, nil
}

// fresh are the files that are not yet in place.
const fresh = "nouveau-*"

// Of is what one diary remembers, under any name that stays the same.
func (f *Folder) Of(name string) connectors.State {
	sum := sha256.Sum256([]byte(name))
	return memory{folder: f, name: name, file: filepath.Join(f.path, hex.EncodeToString(sum[:16])+".etat")}
}

// memory is one diary's file.
type memory struct {
	folder     *Folder
	name, file string
}

var _ connectors.State = memory{}

// Load takes a file that no key opens for one that is not there: it was written under a secret that is gone.
func (m memory) Load(context.Context) ([]byte, error) {
	sealed, err := os.ReadFile(m.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("agendas: state: %w", err)
	}
	for _, seal := range m.folder.seals {
		if state, err := seal.Open(nil, nil, sealed, []byte(m.name)); err == nil {
			return state, nil
		}
	}
	return nil, nil
}

// Save replaces the file whole: a reader sees what was there before, or all of this.
func (m memory) Save(_ context.Context, state []byte) error {
	sealed := m.folder.seals[0].Seal(nil, nil, state, []byte(m.name)) // #nosec G407 -- it draws its nonce itself
	file, err := os.CreateTemp(m.folder.path, fresh)
	if err != nil {
		return fmt.Errorf("agendas: state: %w", err)
	}
	_, err = file.Write(sealed)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), m.file)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // it is worth nothing
		return fmt.Errorf("agendas: state: %w", err)
	}
	return nil
}

// granted is what a structure's consent has given for an agenda, kept with the connections.
type granted struct {
	store  Store
	agenda string
}

var _ connectors.State = granted{}

func (g granted) Load(ctx context.Context) ([]byte, error) { return g.store.Grant(ctx, g.agenda) }

func (g granted) Save(ctx context.Context, grant []byte) error {
	return g.store.PutGrant(ctx, g.agenda, grant)
}
