//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// lockFile is held by whoever serves from a data folder, or puts a backup in it.
const lockFile = "verrou"

// lockData keeps others from serving from a folder, or from replacing its files, until the file that it gives is closed.
func lockData(folder string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errors.New("une passerelle sert déjà ce dossier : arrêtez-la d'abord")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
