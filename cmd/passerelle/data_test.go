package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// In a wrong folder a command neither succeeds nor leaves a ledger behind: but for those that a gateway begins with, and
// they say so.
func TestOnlyABeginningMakesALedger(t *testing.T) {
	for _, args := range [][]string{
		{"backup", "copie.db"},
		{"doctor"},
		{"rewrap"},
		{"keys", "list"},
		{"partner", "list"},
		{"agenda", "list"},
		{"agenda", "pause", "a"},
		{"request", "list"},
		{"todo"},
		{"outbox"},
		{"erase", "a"},
		{"account", "list"},
	} {
		x := newTerminal(t)
		folder := filepath.Join(t.TempDir(), "ailleurs")
		x.env["PASSERELLE_DONNEES"] = folder
		if code, out, err := x.run(args...); code != 1 || out != "" || !strings.Contains(err, folder) || !strings.Contains(err, "pas de registre") {
			t.Errorf("%v: %d %q %q", args, code, out, err)
		}
		if _, err := os.Stat(folder); !os.IsNotExist(err) {
			t.Errorf("%v left a folder: %v", args, err)
		}
	}
	x := newTerminal(t)
	for i, begins := range []bool{true, false} {
		if code, _, err := x.run("partner", "add", "P"); code != 0 || strings.Contains(err, "un nouveau y commence") != begins {
			t.Errorf("time %d: %d %q", i, code, err)
		}
	}
	x.ok("backup", filepath.Join(t.TempDir(), "copie.db"))
}

// Nothing is served in the place of a ledger that was there.
func TestALostLedgerIsNotReplacedByAnEmptyOne(t *testing.T) {
	x := newTerminal(t)
	x.ok("partner", "add", "Une-plateforme")
	copied, keys := filepath.Join(t.TempDir(), "registre.db"), filepath.Join(t.TempDir(), "cles.db")
	x.ok("backup", "--keys", keys, copied)
	at := func(name string) string { return filepath.Join(x.env["PASSERELLE_DONNEES"], name) }
	for _, c := range []struct {
		name, want string
		lose       func() error
	}{
		{"the ledger is set aside", "n'est pas allée au bout", func() error { return os.Rename(at(ledgerFile), at(ledgerFile+replaced+"x")) }},
		{"the keys are set aside", "n'est pas allée au bout", func() error { return os.Rename(at(keysFile), at(keysFile+replaced+"x")) }},
		{"only the copy is there", "n'est pas allée au bout", func() error { return os.Rename(at(ledgerFile), at(ledgerFile+onItsWay)) }},
		{"only the keys are there", "a disparu", func() error { return os.Remove(at(ledgerFile)) }},
	} {
		for _, name := range []string{ledgerFile, keysFile} { // what a restore before has left
			left, err := filepath.Glob(at(name) + ".*")
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range left {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := c.lose(); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"partner", "add", "P"}, {"doctor"}} {
			if code, _, err := x.run(args...); code != 1 || !strings.Contains(err, c.want) {
				t.Errorf("%s: %v: %d %q", c.name, args, code, err)
			}
		}
		x.ok("restore", "--keys", keys, copied)
		if out := x.ok("partner", "list"); !strings.Contains(out, "Une-plateforme") {
			t.Errorf("%s: restored: %q", c.name, out)
		}
	}
	if code, _, err := x.run("restore", x.file("vide.db", "")); code != 1 || !strings.Contains(err, "rien n'a été changé") {
		t.Errorf("an empty file is restored: %d %q", code, err)
	}
}
