package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The unit that is given as an example is one that systemd understands, whole.
func TestSystemdUnderstandsTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "exemples", "passerelle.service"))
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := strings.Replace(string(text), "/usr/local/bin/passerelle", here, 1) // which is not installed
	for planted, understood := range map[string]bool{"": true, "IPAddressDeny=partout\n": false, "RestrictAddresses=AF_INET\n": false} {
		file := filepath.Join(t.TempDir(), "passerelle.service")
		if err := os.WriteFile(file, []byte(strings.Replace(unit, "[Service]\n", "[Service]\n"+planted, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", file).CombinedOutput()
		if said := strings.Contains(string(out), "passerelle.service"); said == understood || understood && err != nil {
			t.Errorf("%q: %v\n%s", planted, err, out)
		}
	}
}
