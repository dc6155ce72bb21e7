package arch

import (
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// linked is a link of Markdown to a file of ours, without its anchor; cited is a file of the code between backquotes.
	linked = regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)]*)?\)`)
	cited  = regexp.MustCompile("`((?:auth|booking|cmd|config|connectors|internal)/[\\w./-]+)`")
)

// TestWhatDocumentsCiteExists follows what the documents say of the tree: people judge by it what becomes of data.
func TestWhatDocumentsCiteExists(t *testing.T) {
	citations := 0
	eachText(t, func(name, text string) {
		if filepath.Ext(name) != ".md" {
			return
		}
		for _, c := range citedBy(name, text) {
			citations++
			if !exists(c) {
				t.Errorf("%s cites %s, which is not there", name, c)
			}
		}
	})
	if citations < 50 {
		t.Errorf("only %d citations were followed", citations)
	}
}

func TestCitationsAreFound(t *testing.T) {
	text := "[a](b.md), [c](../x/d.md#e), `booking/none.go` and [outside](https://example.org/) and `GET /v1/none`"
	got := strings.Join(citedBy("docs/page.md", text), " ")
	if want := "docs/b.md x/d.md booking/none.go"; got != want || exists("docs/b.md") || !exists("docs/operations.md") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// citedBy lists the files that a document names, from the root.
func citedBy(name, text string) []string {
	var list []string
	for _, l := range linked.FindAllStringSubmatch(text, -1) {
		list = append(list, path.Join(path.Dir(name), l[1]))
	}
	for _, c := range cited.FindAllStringSubmatch(text, -1) {
		list = append(list, c[1])
	}
	return list
}

// setting is a key of the configuration between backquotes, as the page about data cites them.
var setting = regexp.MustCompile("`((?:conservation|courriel|limites|journal|agendas\\[\\](?:\\.motifs\\[\\])?)\\.[a-z_]+)`")

// TestThePageAboutDataCitesSettingsThatExist compares it with the page that config holds against its own keys.
func TestThePageAboutDataCitesSettingsThatExist(t *testing.T) {
	keys := read(t, "docs/configuration.md")
	found := setting.FindAllStringSubmatch(read(t, "docs/protection-des-donnees.md"), -1)
	for _, s := range found {
		if !strings.Contains(keys, "\n| `"+s[1]+"` |") {
			t.Errorf("%s is no setting", s[1])
		}
	}
	if len(found) < 5 {
		t.Errorf("only %d settings were found", len(found))
	}
}
