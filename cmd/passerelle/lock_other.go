//go:build !unix

package main

import (
	"os"
	"path/filepath"
)

// lockData opens the file that is locked elsewhere: this system has no lock that ends with its holder.
func lockData(folder string) (*os.File, error) {
	return os.OpenFile(filepath.Join(folder, "verrou"), os.O_RDWR|os.O_CREATE, 0o600)
}
