package all

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"passerelle/connectors"
)

// declaring lists the folders beside this one whose package declares a variable Connector.
func declaring(t *testing.T) (names []string) {
	t.Helper()
	folders, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join("..", folder.Name(), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if declaresConnector(parsed) {
				names = append(names, folder.Name())
			}
		}
	}
	return names
}

func declaresConnector(f *ast.File) bool {
	return slices.ContainsFunc(f.Decls, func(d ast.Decl) bool {
		variables, ok := d.(*ast.GenDecl)
		return ok && variables.Tok == token.VAR && slices.ContainsFunc(variables.Specs, func(s ast.Spec) bool {
			return slices.ContainsFunc(s.(*ast.ValueSpec).Names, func(n *ast.Ident) bool { return n.Name == "Connector" })
		})
	})
}

func TestEveryConnectorIsInTheListAndHasItsPage(t *testing.T) {
	listed, declared := Registry().Names(), declaring(t)
	if len(declared) == 0 {
		t.Fatal("no connector is found: the test looks in the wrong place")
	}
	for _, name := range declared {
		if !slices.Contains(listed, name) {
			t.Errorf("connectors/%s declares a Connector that is not in the list, or whose name is not its folder's", name)
		}
		page := filepath.Join("..", "..", "docs", "connectors", name+".md")
		if text, err := os.ReadFile(page); err != nil || len(text) == 0 {
			t.Errorf("docs/connectors/%s.md is missing: %v", name, err)
		}
	}
	for _, name := range listed {
		if !slices.Contains(declared, name) {
			t.Errorf("%s is in the list and has no folder", name)
		}
	}
}

// What a connector's harness may leave out, the suite itself checks.
func TestEveryConnectorPassesTheSuite(t *testing.T) {
	for _, name := range Registry().Names() {
		files, err := filepath.Glob(filepath.Join("..", name, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, func(file string) bool { return runsTheSuite(t, file) }) {
			t.Errorf("no test of connectors/%s calls connectorstest.Run", name)
		}
	}
}

func runsTheSuite(t *testing.T, file string) (found bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Run" {
				if pkg, ok := f.X.(*ast.Ident); ok && pkg.Name == "connectorstest" {
					found = true
				}
			}
		}
		return !found
	})
	return found
}

func TestLinkIsLast(t *testing.T) {
	if names := Registry().Names(); names[len(names)-1] != "link" {
		t.Errorf("order = %v: what stands after link is never asked", names)
	}
}

func TestEveryConnectorOpensWithoutTheNetwork(t *testing.T) {
	for _, c := range []struct{ name, address string }{
		{"rdvsp", "https://rdv.anct.gouv.fr/org/roFEEt"}, {"native", ""}, {"link", "https://exemple.fr/rdv"},
	} {
		connector, ok := Registry().Lookup(c.name)
		if !ok {
			t.Fatalf("%s is not in the list", c.name)
		}
		if _, err := connector.Open(connectors.Connection{Connector: c.name, Address: c.address}, connectors.Env{}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The values are shapes that stand in real files, with invented names.
func TestResolvesRealShapes(t *testing.T) {
	registry := Registry()
	for _, c := range []struct {
		raw, connector string
		mode           connectors.Mode
		link           string
	}{
		{"https://www.rdv-aide-numerique.fr/org/2981", "rdvsp", connectors.ByHandoff, "https://www.rdv-aide-numerique.fr/org/2981"},
		{" HTTP://WWW.RDV-aide-numerique.FR/org/2981/mediatheque ", "rdvsp", connectors.ByHandoff, "https://www.rdv-aide-numerique.fr/org/2981"},
		{"rdv.anct.gouv.fr/org/roFEEt/aidants", "rdvsp", connectors.ByHandoff, "https://rdv.anct.gouv.fr/org/roFEEt"},
		{"https://exemple.fr/ | https://www.rdv-solidarites.fr/prendre_rdv?departement=03&address=C%25C3%25A9rilly", "rdvsp", connectors.ByHandoff, "https://www.rdv-solidarites.fr/prendre_rdv?address=C%C3%A9rilly&departement=03"},
		{"https://www.rdv-solidarites.fr/", "rdvsp", connectors.ByHandoff, "https://www.rdv-solidarites.fr/"},
		{"https://www.rdv-solidarites.fr/admin/organisations/12", "rdvsp", connectors.ByContact, ""},
		{"https://aide.rdv-service-public.fr/", "link", connectors.ByHandoff, "https://aide.rdv-service-public.fr/"},
		{"webcal://exemple.fr/agenda", "ics", connectors.ByContact, "https://exemple.fr/agenda"},
		{"https://exemple.fr/agenda.ics", "ics", connectors.ByContact, "https://exemple.fr/agenda.ics"},
		{"https://courriel.exemple.fr/home/accueil/calendar.ifb?end=60d", "freebusy", connectors.ByContact, "https://courriel.exemple.fr/home/accueil/calendar.ifb?end=60d"},
		{"https://courriel.exemple.fr/home/accueil/?fmt=ifb", "freebusy", connectors.ByContact, "https://courriel.exemple.fr/home/accueil/?fmt=ifb"},
		{"webcal://exemple.fr/accueil.ifb", "freebusy", connectors.ByContact, "https://exemple.fr/accueil.ifb"},
		{"https://courriel.exemple.fr/home/accueil/?fmt=freebusy", "link", connectors.ByHandoff, "https://courriel.exemple.fr/home/accueil/?fmt=freebusy"},
		{"https://www.exemple.fr/numerique/permanences-num%25C3%25A9riques/", "link", connectors.ByHandoff, "https://www.exemple.fr/numerique/permanences-num%C3%A9riques/"},
		{"www.exemple.fr", "link", connectors.ByHandoff, "https://www.exemple.fr/"},
		{"accueil@exemple.fr", "", connectors.ByContact, "mailto:accueil@exemple.fr"},
		{"Non", "", connectors.ByContact, ""},
		{"http://192.168.0.10/rdv", "", connectors.ByContact, ""},
	} {
		got := registry.Resolve(c.raw)
		if got.Connector != c.connector || got.Mode != c.mode || got.Link != c.link || got.Secret || got.Reason == "" {
			t.Errorf("Resolve(%q) = %+v, want %s %s %q", c.raw, got, c.connector, c.mode, c.link)
		}
	}
}

const secret = "Zq7WxK9vB2mT4"

// personal are the shapes of personal link, with the secret in it.
var personal = map[string]string{
	"https://rdv.anct.gouv.fr/prdv?tkn=" + secret:                                          "rdvsp",
	"https://rdv.anct.gouv.fr/r/12/" + secret:                                              "rdvsp",
	"https://rdv.anct.gouv.fr/users/rdvs/" + secret:                                        "rdvsp",
	"https://rdv.anct.gouv.fr/i/r/" + secret:                                               "rdvsp",
	"https://rdv.anct.gouv.fr/prendre_rdv?departement=03&invitation_token=" + secret:       "rdvsp",
	"https://rdv.anct.gouv.fr/prendre_rdv?departement=03%26invitation_token%3D" + secret:   "rdvsp",
	"webcal://rdv.anct.gouv.fr/calendrier/jean-exemple-" + secret + ".ics":                 "rdvsp",
	"https://exemple.fr/agenda.ics?key=" + secret:                                          "ics",
	"https://calendar.google.com/calendar/ical/x/private-0123456789ab" + secret + "/b.ics": "ics",
	"https://exemple.fr/home/accueil/calendar.ifb?zauthtoken=" + secret:                    "freebusy",
	"https://exemple.fr/rdv?access_token=" + secret:                                        "link",
	"https://jean:" + secret + "@exemple.fr/rdv":                                           "",
}

func TestPersonalLinksAreRefusedAndNotTold(t *testing.T) {
	registry := Registry()
	for raw, connector := range personal {
		got := registry.Resolve(raw)
		if !got.Secret || got.Mode != connectors.ByContact || got.Link != "" || got.Reason == "" || got.Connector != connector {
			t.Errorf("Resolve(%q) = %+v, want a secret of %q", raw, got, connector)
		}
		if strings.Contains(fmt.Sprint(got), secret) {
			t.Errorf("Resolve(%q) = %+v tells the secret", raw, got)
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("https://www.rdv-aide-numerique.fr/org/2981 | ", "/x?a=b")
	f.Add("webcal://exemple.fr/a.ics;", "&invitation_token=a%26b")
	f.Add("oui", "%2525")
	f.Add("weBCAl/0.A0", "0")
	f.Add("0", "\xff")
	registry := Registry()
	f.Fuzz(func(t *testing.T, before, after string) {
		if len(before)+len(after) > 2000 {
			return
		}
		got := registry.Resolve(before)
		if got.Mode == "" || got.Reason == "" || got.Secret && (got.Link != "" || got.IDs != nil) {
			t.Fatalf("Resolve(%q) = %+v", before, got)
		}
		if got.Connector != "" && got.Link != "" {
			// Of a webcal address only the link comes back the same: over https it may look like any page.
			if again := registry.Resolve(got.Link); again.Link != got.Link || again.Connector == "" {
				t.Fatalf("Resolve(%q).Link = %q, which is read as %+v", before, got.Link, again)
			}
		}
		for raw := range personal {
			got := registry.Resolve(before + " " + raw + after)
			if !got.Secret || strings.Contains(fmt.Sprint(got), secret) {
				t.Fatalf("Resolve(%q) = %+v", before+" "+raw+after, got)
			}
		}
	})
}

// Every real value at hand leads to a page or says why not.
func TestResolvesTheValuesOfARealFile(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "lieux-paca-2023-05.csv"))
	if err != nil {
		t.Skip("the file of real places is not here")
	}
	counts := map[string]int{}
	registry := Registry()
	for value, n := range bookingURLs(t, data) {
		got := registry.Resolve(value)
		if got.Link == "" || got.Secret {
			t.Errorf("Resolve(%q) = %+v", value, got)
		}
		counts[got.Connector] += n
	}
	if counts["rdvsp"] != 38 || counts["rdvsp"]+counts["link"] != 47 {
		t.Errorf("places by connector = %v, want 38 rdvsp of 47", counts)
	}
}

func bookingURLs(t *testing.T, data []byte) map[string]int {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], "prise_rdv")
	values := map[string]int{}
	for _, row := range rows[1:] {
		if row[column] != "" {
			values[row[column]]++
		}
	}
	return values
}
