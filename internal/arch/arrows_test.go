package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the folder of the module.
var root = filepath.Join("..", "..")

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Name       string
	Imports    []string // tests aside
	GoFiles    []string // tests aside
	CgoFiles   []string // tests aside
	Module     struct{ Path string }
}

// in is the path of the package inside the module; the module itself is ".".
func (p pkg) in() string { return inside(p.Module.Path, p.ImportPath) }

func inside(module, importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

// goList is what go list says of the module, or of its packages.
func goList(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &complaint)
	}
	return out
}

func listPackages(t *testing.T) []pkg {
	t.Helper()
	out := goList(t, "-e", "-json", "./...")
	var list []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func TestArrowsRunOneWay(t *testing.T) {
	list := listPackages(t)
	if len(list) < 3 {
		t.Fatalf("go list found %d packages", len(list))
	}
	for _, wrong := range backward(list) {
		t.Error(wrong)
	}
}

// TestBackwardArrowsAreSeen draws arrows that must not be: the test above must be able to fail.
func TestBackwardArrowsAreSeen(t *testing.T) {
	cases := map[string]struct {
		from, to string
		wrong    bool
	}{
		"the domain knows a vendor":         {"booking", "m/connectors/ics", true},
		"the domain knows its door":         {"booking", "m/booking/api", true},
		"a leaf imports ours":               {"config", "m/booking", true},
		"auth knows the ledger":             {"auth", "m/booking/ledger", true},
		"siblings":                          {"booking/ledger", "m/booking/directory", true},
		"a connector knows another":         {"connectors/ics", "m/connectors/caldav", true},
		"a connector knows the domain":      {"connectors/ics", "m/booking", true},
		"a connector goes out by itself":    {"connectors/ics", "m/connectors/egress", true},
		"the list of connectors knows more": {"connectors/all", "m/connectors/egress", true},
		"the check of links knows places":   {"connectors/linkcheck", "m/booking", true},
		"a test server in the program":      {"cmd/passerelle", "m/internal/testservers", true},
		"a proof in the program":            {"cmd/passerelle", "m/internal/prove/pages", true},
		"a browser's driver in the program": {"booking/web", "github.com/chromedp/chromedp", true},
		"a browser's driver among servers":  {"internal/testservers", "github.com/chromedp/chromedp/remote", true},
		"a test suite in the program":       {"cmd/passerelle", "m/connectors/connectorstest", true},
		"a room that nobody decided":        {"helpers", "fmt", true},
		"a library that nobody decided":     {"booking", "github.com/example/thing", true},
		"gin outside of the door":           {"booking/web", "github.com/gin-gonic/gin", true},
		"gin's own packages too":            {"booking", "github.com/gin-gonic/gin/binding", true},
		"SQL outside of the ledger":         {"booking", "database/sql", true},
		"the driver of SQL too":             {"booking", "database/sql/driver", true},
		"tokens outside of auth":            {"booking/api", "github.com/golang-jwt/jwt/v5", true},
		"another library of like name":      {"booking/api", "github.com/gin-gonic/gin-more", true},

		"the program knows all":     {"cmd/passerelle", "m/booking/ledger", false},
		"the list knows connectors": {"connectors/all", "m/connectors/ics", false},
		"a room knows the domain":   {"booking/ledger", "m/booking", false},
		"what egress refuses":       {"connectors/linkcheck", "m/connectors/egress", false},
		"the contract":              {"booking", "m/connectors", false},
		"the standard library":      {"booking", "encoding/json", false},
		"gin in the door":           {"booking/api", "github.com/gin-gonic/gin/binding", false},
		"a browser in its proofs":   {"internal/prove/pages", "github.com/chromedp/cdproto/dom", false},
		"a major version":           {"auth", "github.com/golang-jwt/jwt/v5", false},
	}
	for name, c := range cases {
		p := pkg{ImportPath: "m/" + c.from, Imports: []string{"fmt", c.to}}
		p.Module.Path = "m"
		if found := backward([]pkg{p}); (len(found) > 0) != c.wrong {
			t.Errorf("%s: %s imports %s: got %q", name, c.from, c.to, found)
		}
	}
}

// backward lists the imports that the table does not allow.
func backward(list []pkg) []string {
	var wrong []string
	for _, p := range list {
		from := p.in()
		r, known := roomOf(from)
		if !known {
			wrong = append(wrong, fmt.Sprintf("%s is a room that the table of rooms_test.go does not have", from))
			continue
		}
		for _, imported := range p.Imports {
			if !allowed(r, p.Module.Path, from, imported) {
				wrong = append(wrong, fmt.Sprintf("%s must not import %s", from, imported))
			}
		}
	}
	return wrong
}

func roomOf(from string) (room, bool) {
	for _, r := range rooms {
		if matches(r.packages, from) {
			return r, true
		}
	}
	return room{}, false
}

func allowed(r room, module, from, imported string) bool {
	if imported != module && !strings.HasPrefix(imported, module+"/") {
		return allowedOfOthers(from, imported)
	}
	to := inside(module, imported)
	if matchesAny(forTests, to) && !matchesAny(forTests, from) {
		return false
	}
	return matchesAny(r.imports, to) && !matchesAny(notMeant[r.packages], to)
}

func allowedOfOthers(from, imported string) bool {
	for _, l := range libraries {
		if imported == l.path || strings.HasPrefix(imported, l.path+"/") {
			return matchesAny(l.rooms, from)
		}
	}
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") // only the standard library has no host in its paths
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, name) })
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	if err != nil {
		panic(err) // the table is wrong
	}
	return ok
}
