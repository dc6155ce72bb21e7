package egress

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// waysOut are the names that open a connection behind the back of this package, by the path of their package.
var waysOut = map[string][]string{
	"net/http": {"Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport", "Transport", "ProxyFromEnvironment"},
	"net": {
		"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer",
		"LookupHost", "LookupIP", "LookupAddr", "LookupCNAME", "LookupMX", "LookupTXT",
	},
	"crypto/tls": {"Dial", "DialWithDialer", "Dialer"},
}

// exempt are the folders whose code talks to servers of our own, which tests start.
var exempt = []string{"internal/testservers"}

func TestNothingElseInTheProgramOpensConnections(t *testing.T) {
	root := moduleRoot(t)
	files := 0
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, _ := filepath.Rel(root, name)
		inside = filepath.ToSlash(inside)
		switch {
		case entry.IsDir() && (inside == "connectors/egress" || slices.Contains(exempt, inside) || skipped(entry.Name()) && inside != "."):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		files++
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, found := range findWaysOut(t, inside, source) {
			t.Errorf("%s: requests leave through connectors/egress alone", found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Error("no file was looked at")
	}
}

func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "vendor" || name == "node_modules"
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
}

// findWaysOut lists the uses of waysOut in a file, and the http.Client values without a Transport, which take the
// default one.
func findWaysOut(t *testing.T, name string, source []byte) []string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Logf("%s is not Go at this moment: %v", name, err)
		return nil
	}
	imports := make(map[string]string) // local name → path
	for _, i := range file.Imports {
		imported, _ := strconv.Unquote(i.Path.Value)
		local := path.Base(imported)
		if i.Name != nil {
			local = i.Name.Name
		}
		imports[local] = imported
	}
	var found []string
	report := func(n ast.Node, what string) { found = append(found, set.Position(n.Pos()).String()+": "+what) }
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if of, ok := n.X.(*ast.Ident); ok && slices.Contains(waysOut[imports[of.Name]], n.Sel.Name) {
				report(n, of.Name+"."+n.Sel.Name)
			}
		case *ast.CompositeLit:
			if isHTTPClient(n.Type, imports) && !setsTransport(n) {
				report(n, "http.Client without Transport")
			}
		case *ast.CallExpr:
			if made, ok := n.Fun.(*ast.Ident); ok && made.Name == "new" && len(n.Args) == 1 && isHTTPClient(n.Args[0], imports) {
				report(n, "http.Client without Transport")
			}
		}
		return true
	})
	return found
}

func isHTTPClient(e ast.Expr, imports map[string]string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "Client" {
		return false
	}
	of, ok := s.X.(*ast.Ident)
	return ok && imports[of.Name] == "net/http"
}

func setsTransport(c *ast.CompositeLit) bool {
	return slices.ContainsFunc(c.Elts, func(e ast.Expr) bool {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		key, ok := pair.Key.(*ast.Ident)
		return ok && key.Name == "Transport"
	})
}

// The walk above must see what it is there to see.
func TestWaysOutAreFound(t *testing.T) {
	for _, c := range []struct {
		imports, expression string
		want                int
	}{
		{`"net/http"`, `http.Get("x")`, 1},
		{`"net/http"`, `http.DefaultClient`, 1},
		{`web "net/http"`, `web.DefaultTransport`, 1},
		{`"net/http"`, `&http.Client{}`, 1},
		{`"net/http"`, `new(http.Client)`, 1},
		{`"net/http"`, `&http.Client{Timeout: 1}`, 1},
		{`"net/http"`, `&http.Client{Transport: x}`, 0},
		{`"net/http"`, `http.StatusOK`, 0},
		{`"net"`, `net.Dial("tcp", "x")`, 1},
		{`"net"`, `net.Dialer{}`, 1},
		{`"net"`, `net.Listen("tcp", "x")`, 0},
		{`"crypto/tls"`, `tls.Dial("tcp", "x", nil)`, 1},
		{`http "example.org/other"`, `http.Get("x")`, 0},
	} {
		source := "package p\nimport " + c.imports + "\nvar _ = " + c.expression
		if found := findWaysOut(t, "p.go", []byte(source)); len(found) != c.want {
			t.Errorf("%s: %q", c.expression, found)
		}
	}
}
