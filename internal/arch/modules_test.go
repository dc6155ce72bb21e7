package arch

import (
	"fmt"
	"go/version"
	"strings"
	"testing"
)

// minimum is the first version of a module in which what an advisory tells of is mended.
type minimum struct{ module, version, advisory string }

// minimums are the modules that read what strangers send, or that hold our promises. The program is not built with an
// older one, whatever else asks for it; "go" is the line of go.mod, so that an older Go fetches the one that it names.
// The public CI asks the whole database of advisories (govulncheck), which this table cannot.
var minimums = []minimum{
	// net/http without a header's deadline before HTTP/2, html/template (CVE-2026-56858), encoding/asn1 (CVE-2026-33818).
	{"go", "1.26.6", "CVE-2026-56853"},
	// Memory in proportion to the points of a token that nobody signed.
	{"github.com/golang-jwt/jwt/v5", "v5.2.2", "CVE-2025-30204 GHSA-mh63-6h87-95cp"},
	// idna takes xn--example-.com for example.com; with Go 1.26, which knows Unicode 15, only since this version.
	{"golang.org/x/net", "v0.57.0", "CVE-2026-39821 GO-2026-5026"},
	// The normaliser of names never ends on some text that is no UTF-8.
	{"golang.org/x/text", "v0.39.0", "CVE-2026-56852 GO-2026-5970"},
	// ssh, which we do not call: so that no scanner has to be argued with. With it CVE-2026-78662.
	{"golang.org/x/crypto", "v0.56.0", "CVE-2026-56855 GO-2026-6355"},
	// A file's name that says another in Content-Disposition.
	{"github.com/gin-gonic/gin", "v1.9.1", "CVE-2023-29401 GHSA-2c4m-59x9-fr2g"},
	// One request panics where a parameter has no schema; with it, a validator that forgets to authenticate.
	{"github.com/getkin/kin-openapi", "v0.144.0", "GHSA-jpcw-4wr7-c3vq"},
	// SQL through the simple protocol; with it the memory of what a server sends (CVE-2026-33816, v5.9.0).
	{"github.com/jackc/pgx/v5", "v5.9.2", "CVE-2026-41889 GHSA-j88v-2chj-qfwx"},
	// SQLite before 3.50.2 writes past its memory; this version ships 3.50.3.
	{"modernc.org/sqlite", "v1.38.2", "CVE-2025-6965"},
	// Answers that belong to another command, after a connection that was slow to begin.
	{"github.com/redis/go-redis/v9", "v9.7.3", "CVE-2025-29923 GHSA-92cp-5422-2mw7"},
	// An address that says to the server who else is to have the mail.
	{"github.com/wneessen/go-mail", "v0.7.1", "CVE-2025-59937 GHSA-wpwj-69cm-q9c5"},
	// What gin links in: HTTP/3, whose trailers fill the memory, then protojson, which never ends, and BSON.
	{"github.com/quic-go/quic-go", "v0.59.1", "CVE-2026-40898 GHSA-vvgj-x9jq-8cj9"},
	{"google.golang.org/protobuf", "v1.33.0", "CVE-2024-24786 GHSA-8r3f-844c-mc37"},
	{"go.mongodb.org/mongo-driver/v2", "v2.4.2", "CVE-2026-2303 GHSA-cp6g-7hqx-qxhp"},
}

func TestNoModuleIsOlderThanItsAdvisory(t *testing.T) {
	out := goList(t, "-m", "-f", "{{.Path}} {{.Version}} {{.GoVersion}} {{.Main}} {{.Replace}}", "all")
	for _, wrong := range tooOld(string(out)) {
		t.Error(wrong)
	}
}

func TestOldModulesAreSeen(t *testing.T) {
	// with is a list in which a module has another line; none without a line.
	with := func(module, line string) string {
		var list strings.Builder
		for _, m := range minimums {
			own := fmt.Sprintf("%s %s 1.25.0 false <nil>\n", m.module, m.version)
			if m.module == "go" {
				own = fmt.Sprintf("passerelle  %s true <nil>\n", m.version)
			}
			if m.module == module {
				own = line
			}
			list.WriteString(own)
		}
		return list.String()
	}
	if got := tooOld(with("", "")); len(got) != 0 {
		t.Fatalf("the minimums themselves are refused: %q", got)
	}
	for _, m := range minimums {
		old := fmt.Sprintf("%s v0.0.9 1.25.0 false <nil>\n", m.module)
		if m.module == "go" {
			old = "passerelle  1.26.5 true <nil>\n"
		}
		if got := tooOld(with(m.module, old)); len(got) != 1 || !strings.Contains(got[0], m.advisory) {
			t.Errorf("an old %s: got %q", m.module, got)
		}
	}
	const net, jwt = "golang.org/x/net", "github.com/golang-jwt/jwt/v5"
	for name, list := range map[string]string{
		"one below":                  with(jwt, jwt+" v5.2.1 1.25.0 false <nil>\n"),
		"numbers, not letters":       with(net, net+" v0.9.0 1.25.0 false <nil>\n"),
		"before the release":         with(net, net+" v0.57.0-rc.1 1.25.0 false <nil>\n"),
		"a module that is not there": with(jwt, ""),
		"another stands for it":      with(jwt, jwt+" v5.2.2 1.25.0 false ../jwt\n"),
		"no list":                    "nothing\n",
	} {
		if got := tooOld(list); len(got) != 1 {
			t.Errorf("%s: got %q, want one fault", name, got)
		}
	}
}

// tooOld says which modules of a list are below their minimum, are not there, or are replaced by others. A line is
// path, version, Go's version, whether it is the program, and what replaces it.
func tooOld(list string) []string {
	found := make(map[string]string)
	var wrong []string
	for line := range strings.Lines(list) {
		fields := strings.Split(strings.TrimSpace(line), " ")
		if len(fields) < 5 {
			return append(wrong, fmt.Sprintf("%q is not a module", line))
		}
		path, is, main := fields[0], fields[1], fields[3] == "true"
		if main {
			path, is = "go", fields[2]
		} else if fields[4] != "<nil>" {
			wrong = append(wrong, path+" is replaced: its version says nothing")
		}
		found[path] = is
	}
	for _, m := range minimums {
		is, there := found[m.module]
		switch {
		case !there:
			wrong = append(wrong, m.module+" is not there any more: its row goes too")
		case version.Compare(goVersion(is), goVersion(m.version)) < 0:
			wrong = append(wrong, fmt.Sprintf("%s is %s: at least %s (%s)", m.module, is, m.version, m.advisory))
		}
	}
	return wrong
}

// goVersion writes a version as go/version reads them. One that is no release is below all.
func goVersion(v string) string {
	if strings.ContainsAny(v, "-+") {
		return ""
	}
	return "go" + strings.TrimPrefix(v, "v")
}
