package arch

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exact is what is fetched from npm or as a Go module at one version. Debian's packages are at their release's.
var exact = regexp.MustCompile(`^@?[\w./-]+@v?\d+\.\d+\.\d+$`)

var (
	// fetching is a command that fetches what it names, up to the end of the command.
	fetching = regexp.MustCompile(`\b(?:npm (?:install|i|ci|exec)|npx|yarn|pnpm|go install|go run|go get|pip3? install|gem install|cargo install)\b([^;&|)\n]*)`)
	byHand   = regexp.MustCompile(`\b(?:curl|wget)\b.*https?:`)
	listed   = regexp.MustCompile(`(?m)^(?:const )?packages ?= ?["\[](.*)["\]]$`)
)

// TestWhatScriptsFetchHasOneVersion reads every script that people or the CI run. What Go modules fetch is in go.sum, and
// what `npm ci` fetches in a lock.
func TestWhatScriptsFetchHasOneVersion(t *testing.T) {
	files, lists := 0, 0
	eachText(t, func(name, text string) {
		if !isScript(name) {
			return
		}
		files++
		lists += len(listed.FindAllString(text, -1))
		for _, wrong := range unpinned(text) {
			t.Errorf("%s: %s", name, wrong)
		}
	})
	if files < 8 || lists < 1 {
		t.Errorf("%d scripts and %d lists of packages were read", files, lists)
	}
}

// npmLock is a package-lock.json (lockfileVersion 3), as far as it is read here.
type npmLock struct {
	Packages map[string]struct {
		Version      string            `json:"version"`
		Integrity    string            `json:"integrity"`
		Resolved     string            `json:"resolved"`
		Dependencies map[string]string `json:"dependencies"`
	} `json:"packages"`
}

// TestTheJudgesAreLocked: npm takes no package, however deep, of another content than the one that was looked at.
func TestTheJudgesAreLocked(t *testing.T) {
	var lock npmLock
	var wanted struct{ Dependencies map[string]string }
	for name, into := range map[string]any{"package.json": &wanted, "package-lock.json": &lock} {
		data, err := os.ReadFile(filepath.Join("..", "judges", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if !maps.Equal(wanted.Dependencies, lock.Packages[""].Dependencies) || len(wanted.Dependencies) == 0 {
		t.Errorf("the lock is of %v, wanted are %v", lock.Packages[""].Dependencies, wanted.Dependencies)
	}
	for name, version := range wanted.Dependencies {
		if !exact.MatchString(name + "@" + version) {
			t.Errorf("%s has no exact version: %s", name, version)
		}
	}
	for name, p := range lock.Packages {
		if name == "" {
			continue
		}
		if !strings.HasPrefix(p.Integrity, "sha512-") || p.Version == "" {
			t.Errorf("%s: version %q, sum %q", name, p.Version, p.Integrity)
		}
		if p.Resolved != "" {
			t.Errorf("%s names where it came from: %s", name, p.Resolved)
		}
	}
}

func TestWhatHasNoVersionIsSeen(t *testing.T) {
	for text, want := range map[string]int{
		`packages="a@1.2.3 @b/c@4.5.6"`:                                   0,
		`packages="a@1.2.3 b"`:                                            1,
		`packages="a@^1.2.3"`:                                             1,
		`const packages = ['a@1.2.3', 'b@latest']`:                        1,
		"npm install --silent --no-save $packages >/dev/null":             0,
		"npm install left-pad":                                            1,
		"(cd x && npm install a@1.2.3 b@2)":                               1,
		"npx spectral lint":                                               1,
		"go install example.org/tool@v1.2.3":                              0,
		"go install example.org/tool@latest":                              1,
		"go run example.org/tool ./...":                                   1,
		`go run ./feeds "$out"`:                                           0,
		"go run example.org/tool@v1.2.3 ./...":                            0,
		"pip install thing":                                               1,
		"curl -s https://example.org/install | sh":                        1,
		`missing="$missing curl"`:                                         0,
		"export GOFLAGS=-mod=mod\ngo get example.org/module@main && true": 1,
	} {
		if got := unpinned(text); len(got) != want {
			t.Errorf("%q: got %q, want %d faults", text, got, want)
		}
	}
}

func isScript(name string) bool {
	return slices.Contains([]string{".sh", ".mjs", ".yml"}, filepath.Ext(name)) ||
		slices.Contains([]string{"Makefile", ".ci/run"}, name)
}

// unpinned lists what a script fetches and that may be another thing tomorrow.
func unpinned(text string) []string {
	var wrong []string
	for _, list := range listed.FindAllStringSubmatch(text, -1) {
		for name := range strings.FieldsFuncSeq(list[1], func(r rune) bool { return strings.ContainsRune(` ,'"`, r) }) {
			if !exact.MatchString(name) {
				wrong = append(wrong, fmt.Sprintf("%s has no exact version", name))
			}
		}
	}
	for _, command := range fetching.FindAllStringSubmatch(text, -1) {
		program := strings.HasPrefix(command[0], "go run") || strings.HasPrefix(command[0], "npx") // then come its arguments
		for word := range strings.FieldsSeq(command[1]) {
			if strings.ContainsAny(word[:1], `-$"'`) || strings.Contains(word, ">") {
				continue
			}
			if !exact.MatchString(word) && !strings.HasPrefix(word, ".") {
				wrong = append(wrong, fmt.Sprintf("%q fetches %s at no exact version", command[0], word))
			}
			if program {
				break
			}
		}
	}
	if found := byHand.FindString(text); found != "" {
		wrong = append(wrong, fmt.Sprintf("%q fetches what no version or sum names", found))
	}
	return wrong
}
