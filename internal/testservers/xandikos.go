package testservers

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// StartXandikos starts a Xandikos that ends with the test. It asks nobody who they are: User and Password are empty, and
// everybody may write everything.
func StartXandikos(t testing.TB) *CalDAVServer {
	t.Helper()
	path, err := exec.LookPath("xandikos")
	if err != nil {
		absent(t, "xandikos")
	}
	home := folder(t, "xandikos", nil)
	principal := filepath.Base(home)
	collections := filepath.Join(home, "collections")
	s := &CalDAVServer{
		program: program{path: path, folder: home, polite: syscall.SIGTERM, death: syscall.SIGKILL},
		repair:  func() error { return removeLocks(collections) },
	}
	return startCalDAV(t, s, principal+"/calendars/calendar/", "", func(port int) []string {
		return []string{
			"--listen-address", loopback, "--port", strconv.Itoa(port),
			"--directory", collections, "--current-user-principal", "/" + principal + "/", "--defaults",
		}
	})
}

// removeLocks does what whoever runs a Xandikos has to do after it was killed: its calendars are repositories of Git, and
// the lock of one that was being written stays and makes it answer 500 to every change.
func removeLocks(collections string) error {
	return filepath.WalkDir(collections, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(name) == ".lock" {
			err = os.Remove(name)
		}
		return err
	})
}
