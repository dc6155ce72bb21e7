package testservers

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// oldestPostgres is the first version that the program promises to run with.
const oldestPostgres = 15

// unprivileged is the account of that name, for a program that refuses root; nil where the test is not run by root.
func unprivileged(t testing.TB, name string) *account {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		absent(t, "the account "+name)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &account{uid: uint32(uid), gid: uint32(gid)}
}

// postgresPrograms is the folder that has them all: that of PATH, else the newest of Debian's.
func postgresPrograms(t testing.TB) string {
	t.Helper()
	if name, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(name); err == nil && versionIn(filepath.Dir(real)) >= oldestPostgres {
			return filepath.Dir(real)
		}
	}
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		t.Fatal(err)
	}
	best, newest := "", oldestPostgres-1
	for _, c := range candidates {
		if v := versionIn(c); v > newest {
			best, newest = c, v
		}
	}
	if best == "" {
		absent(t, fmt.Sprintf("postgres (%d or later)", oldestPostgres))
	}
	return best
}

var postgresVersion = regexp.MustCompile(`\(PostgreSQL\) ([0-9]+)`)

// versionIn is the major version of the programs of a folder; 0 when one that we need is missing.
func versionIn(bin string) int {
	for _, name := range []string{"initdb", "psql"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			return 0
		}
	}
	out, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	m := postgresVersion.FindSubmatch(out)
	if m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1]))
	return major
}
