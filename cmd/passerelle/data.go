package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Files of the data folder, and what a restore calls them on their way.
const (
	ledgerFile   = "registre.db"
	keysFile     = "cles.db"
	readingsFile = "lectures" // may be lost
	onItsWay     = ".nouveau"
	replaced     = ".avant-"
)

// holdData makes a data folder ours alone.
func holdData(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return lockData(folder)
}

// wholeData refuses a data folder that has lost a file: an empty one in its place would be served as if nothing had ever
// been booked, or could be read.
func wholeData(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	has := func(is func(name string) bool) bool {
		return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return is(e.Name()) })
	}
	named := func(file string) bool { return has(func(name string) bool { return name == file }) }
	for _, file := range []string{ledgerFile, keysFile} {
		left := has(func(name string) bool { return name == file+onItsWay || strings.HasPrefix(name, file+replaced) })
		if left && !named(file) {
			return fmt.Errorf("une restauration n'est pas allée au bout dans %s, où %s manque : recommencez-la (passerelle restore)", folder, file)
		}
	}
	if named(keysFile) && !named(ledgerFile) {
		return fmt.Errorf("le registre de %s a disparu, ses clés y sont encore : remettez une sauvegarde (passerelle restore), ou donnez un dossier vide", folder)
	}
	return nil
}
