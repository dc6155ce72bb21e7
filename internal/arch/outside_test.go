package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// waysOut are the functions, variables and types that open a connection, or ask the network, behind the back of
// connectors/egress, by package. An http.Client is not among them: it may be handed in, but not made.
var waysOut = map[string][]string{
	"net/http": {
		"Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport", "Transport", "ProxyFromEnvironment",
	},
	"net": {
		"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "Resolver", "DefaultResolver",
		"LookupHost", "LookupIP", "LookupAddr", "LookupCNAME", "LookupMX", "LookupNS", "LookupSRV", "LookupTXT", "LookupPort",
		"ResolveTCPAddr", "ResolveUDPAddr", "ResolveIPAddr",
	},
	"crypto/tls":             {"Dial", "DialWithDialer", "Dialer"},
	"net/smtp":               {"Dial", "SendMail"},
	"net/rpc":                {"Dial", "DialHTTP", "DialHTTPPath"},
	"net/rpc/jsonrpc":        {"Dial"},
	"log/syslog":             {"Dial"},
	"syscall":                {"Connect", "Socket"},
	"golang.org/x/net/proxy": {"Dial", "SOCKS5", "FromURL", "FromEnvironment", "Direct"},
	"golang.org/x/net/http2": {"Transport"},

	"database/sql":                    {"Open", "OpenDB"},
	"github.com/jackc/pgx/v5":         {"Connect", "ConnectConfig", "ConnectWithOptions"},
	"github.com/jackc/pgx/v5/pgxpool": {"New", "NewWithConfig"},
	"github.com/jackc/pgx/v5/stdlib":  {"OpenDB", "OpenDBFromPool"},
	"github.com/redis/go-redis/v9":    {"NewClient", "NewClusterClient", "NewFailoverClient", "NewFailoverClusterClient", "NewUniversalClient", "NewRing", "NewSentinelClient"},
	"github.com/wneessen/go-mail":     {"NewClient", "QuickSend"},
}

type exception struct{ folder, name, why string }

// reasoned are the ways out that a folder may take all the same, and why.
var reasoned = []exception{
	{"booking/ledger", "database/sql.Open", "the database that the operator named"},
	{"booking/volatile", "github.com/redis/go-redis/v9.NewUniversalClient", "the Redis that the operator named"},
	{"booking/events", "github.com/wneessen/go-mail.NewClient", "it connects by egress.Dial"},
}

// TestRequestsLeaveThroughEgressAlone looks at the types of every file of the program, so that no alias, renamed import
// or method value hides a way out.
func TestRequestsLeaveThroughEgressAlone(t *testing.T) {
	taken := make(map[int]bool)
	looked := 0
	for _, tags := range []string{"", "failpoints"} {
		list, exported := listExported(t, tags)
		for _, p := range list {
			in := p.in()
			if in == "connectors/egress" || matchesAny(forTests, in) || strings.HasPrefix(in, "internal/") {
				continue
			}
			looked++
			for _, w := range outside(t, exported, filepath.Join(root, in), p.GoFiles) {
				i := slices.IndexFunc(reasoned, func(r exception) bool { return r.folder == in && r.name == w.name })
				if i >= 0 {
					taken[i] = true
					continue
				}
				t.Errorf("%s: %s: requests leave through connectors/egress alone", w.at, w.name)
			}
		}
	}
	if looked < 20 {
		t.Errorf("only %d packages were looked at", looked)
	}
	for i, r := range reasoned {
		if !taken[i] {
			t.Errorf("%s does not use %s: the exception can go", r.folder, r.name)
		}
	}
}

func TestWaysOutAreSeen(t *testing.T) {
	_, exported := listExported(t, "")
	cases := map[string]struct {
		imports, code string
		want          int
	}{
		"a shorthand":                 {`"net/http"`, `var _, _ = http.Get("x")`, 1},
		"each of them":                {`"net/http"`, `func f() { http.Head(""); http.Post("", "", nil); http.PostForm("", nil) }`, 3},
		"the default client":          {`"net/http"`, `var c = http.DefaultClient`, 1},
		"renamed":                     {`web "net/http"`, `var c = web.DefaultTransport`, 1},
		"dotted":                      {`. "net/http"`, `var c = DefaultClient`, 1},
		"a client of one's own":       {`"net/http"`, `var c = &http.Client{Timeout: 1}`, 1},
		"by value":                    {`"net/http"`, `var c = http.Client{}`, 1},
		"with a transport handed in":  {`"net/http"`, `func f(t http.RoundTripper) any { return &http.Client{Transport: t} }`, 1},
		"new":                         {`"net/http"`, `var c = new(http.Client)`, 1},
		"declared":                    {`"net/http"`, `func f() { var c http.Client; _, _ = c.Get("") }`, 1},
		"in a list":                   {`"net/http"`, `var c = []http.Client{{}}`, 1},
		"in a map, by pointer":        {`"net/http"`, `var c = map[string]*http.Client{"a": {}}`, 1},
		"by another name":             {`"net/http"`, `type mine = http.Client; var c = mine{}`, 1},
		"a transport":                 {`"net/http"`, `var c = &http.Transport{}`, 1},
		"a dialer":                    {`"net"`, `var d net.Dialer`, 1},
		"dialling":                    {`"net"`, `var c, _ = net.Dial("tcp", "x")`, 1},
		"as a value":                  {`"net"`, `var f = net.DialTimeout`, 1},
		"a name looked up":            {`"net"`, `var c, _ = net.LookupHost("x")`, 1},
		"TLS":                         {`"crypto/tls"`, `var c, _ = tls.Dial("tcp", "x", nil)`, 1},
		"a socket":                    {`"syscall"`, `var c, _ = syscall.Socket(0, 0, 0)`, 1},
		"a database":                  {`"database/sql"`, `var c, _ = sql.Open("", "")`, 1},
		"a client that is handed in":  {`"net/http"`, `func f(c *http.Client) { c.Get("") }`, 0},
		"a copy of it":                {`"net/http"`, `func f(c *http.Client) { mine := *c; mine.CheckRedirect = nil }`, 0},
		"a field for it":              {`"net/http"`, `type s struct { c http.Client }`, 0},
		"a server":                    {`"net/http"`, `var s = &http.Server{Addr: http.MethodGet}`, 0},
		"listening":                   {`"net"`, `var l, _ = net.Listen("tcp", "x")`, 0},
		"a method of that name":       {`"net/url"`, `func f(v url.Values) { v.Get("x") }`, 0},
		"a variable that hides it":    {`"net/url"`, `func f() { var http struct{ DefaultClient url.URL }; _ = http.DefaultClient }`, 0},
		"a type of that name of ours": {`"net/url"`, `type Client struct { url.URL }; var c = &Client{}`, 0},
	}
	for name, c := range cases {
		folder := t.TempDir()
		source := "package p\nimport " + c.imports + "\n" + c.code + "\n"
		if err := os.WriteFile(filepath.Join(folder, "p.go"), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		if found := outside(t, exported, folder, []string{"p.go"}); len(found) != c.want {
			t.Errorf("%s: got %v, want %d", name, found, c.want)
		}
	}
}

// wayOut is a use of one.
type wayOut struct {
	at   token.Position
	name string // path of the package, a dot, the name
}

// outside lists the ways out that files of one package take, after checking their types.
func outside(t *testing.T, exported map[string]string, folder string, names []string) (found []wayOut) {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(set, filepath.Join(folder, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	lookup := func(path string) (io.ReadCloser, error) {
		if exported[path] == "" {
			return nil, fmt.Errorf("%s was not built", path)
		}
		return os.Open(exported[path])
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object), Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object)}
	check := types.Config{Importer: importer.ForCompiler(set, "gc", lookup), Error: func(error) {}} // planted code leaves things unused
	_, _ = check.Check("p", set, files, info)
	for name, object := range info.Uses {
		if way := object.Pkg(); way != nil && object.Parent() == way.Scope() && slices.Contains(waysOut[way.Path()], object.Name()) {
			found = append(found, wayOut{set.Position(name.Pos()), way.Path() + "." + object.Name()})
		}
	}
	for _, file := range files {
		for _, at := range clientsMade(file, info) {
			found = append(found, wayOut{set.Position(at), "net/http.Client"})
		}
	}
	return found
}

// clientsMade are the places where a file makes an http.Client, and does not copy one that was handed in.
func clientsMade(file *ast.File, info *types.Info) (made []token.Pos) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if isClient(info.TypeOf(n)) {
				made = append(made, n.Pos())
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "new" && len(n.Args) == 1 && isClient(info.TypeOf(n.Args[0])) {
				made = append(made, n.Pos())
			}
		case *ast.ValueSpec:
			if n.Type != nil && n.Values == nil && isClient(info.TypeOf(n.Type)) {
				if _, pointer := info.TypeOf(n.Type).(*types.Pointer); !pointer {
					made = append(made, n.Pos())
				}
			}
		}
		return true
	})
	return made
}

func isClient(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok { // a literal whose type is left out of a list of pointers
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Client" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "net/http"
}

// listExported lists the packages of the module, and where the compiler keeps what it knows of them and of those they
// import: it builds what is not built yet.
func listExported(t *testing.T, tags string) (ours []pkg, exported map[string]string) {
	t.Helper()
	out := goList(t, "-e", "-export", "-deps", "-tags", tags, "-json=ImportPath,Export,GoFiles,Module", "./...")
	exported = make(map[string]string)
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			pkg
			Export string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return ours, exported
		} else if err != nil {
			t.Fatal(err)
		}
		exported[p.ImportPath] = p.Export
		if p.Module.Path == "passerelle" {
			ours = append(ours, p.pkg)
		}
	}
}
