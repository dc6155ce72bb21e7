package arch

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheBillOfMaterialsNamesWhatTheProgramStandsOn runs what a release runs: it names every module that we chose and
// the program links in, with the version that go.mod has.
func TestTheBillOfMaterialsNamesWhatTheProgramStandsOn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sbom.json")
	cmd := exec.CommandContext(t.Context(), "make", "--no-print-directory", "sbom", "SBOM="+file)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make sbom: %v\n%s", err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	missing := notNamed(t, text, chosen(t))
	for _, m := range missing {
		t.Errorf("%s is not in the bill of materials", m)
	}
	if got := notNamed(t, text, []string{"example.org/planted@v1.0.0"}); len(got) != 1 {
		t.Error("a module that is not in the bill was not missed")
	}
}

// chosen lists, as path@version, the modules of go.mod that are not indirect and that the program links in.
func chosen(t *testing.T) []string {
	t.Helper()
	out := goList(t, "-deps", "-f", "{{with .Module}}{{if not (or .Main .Indirect)}}{{.Path}}@{{.Version}}{{end}}{{end}}", "./cmd/passerelle")
	list := strings.Fields(string(out)) // one line for each package: a module stands there often
	if len(list) < 10 {
		t.Fatalf("go list found %q", list)
	}
	return list
}

// notNamed lists the modules that a bill of materials has no component for, each once.
func notNamed(t *testing.T, bill []byte, modules []string) []string {
	t.Helper()
	var document struct {
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(bill, &document); err != nil {
		t.Fatal(err)
	}
	named := make(map[string]bool)
	for _, c := range document.Components {
		named[c.Name+"@"+c.Version] = true
	}
	var missing []string
	for _, m := range modules {
		if !named[m] {
			missing, named[m] = append(missing, m), true
		}
	}
	return missing
}
