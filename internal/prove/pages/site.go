package pages

import (
	_ "embed"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

// The site has a place where one books (mediatheque), one that answers requests (mairie), and one without an agenda (cafe).
var (
	//go:embed site/lieux.csv
	places string
	//go:embed site/agendas.yaml
	agendas string
)

// Site is the program as it is shipped, with its mails and a browser.
type Site struct {
	URL    string          // http://127.0.0.1:port, which people open
	Caller *gateway.Caller // a partner's tool
	Mails  *testservers.PostOffice

	gateway *gateway.Site
	browser *Browser
}

// More is what a site has beside its own: lines of its file of places, another such file, agendas as they are declared, and
// environment.
type More struct {
	Places, PlacesFile, Agendas string
	Environment                 map[string]string
}

// Start starts the program, on a ledger of its own in SQLite, until the test ends.
func Start(t testing.TB, programs *gateway.Programs, more ...More) *Site {
	t.Helper()
	s := &Site{browser: StartBrowser(t), Mails: testservers.StartPostOffice(t)}
	folder := t.TempDir()
	address := testservers.FreeAddress(t)
	s.URL = "http://" + address
	environment := map[string]string{
		"PASSERELLE_LIEUX": filepath.Join(folder, "places.csv"), "PASSERELLE_CONFIG": filepath.Join(folder, "agendas.yaml"),
		"PASSERELLE_ECOUTE": address, "PASSERELLE_URL_PUBLIQUE": s.URL,
	}
	maps.Copy(environment, s.Mails.Environment())
	files := map[string]string{"PASSERELLE_LIEUX": places, "PASSERELLE_CONFIG": agendas}
	for _, m := range more {
		files["PASSERELLE_LIEUX"] += m.Places
		files["PASSERELLE_CONFIG"] += m.Agendas
		maps.Copy(environment, m.Environment)
	}
	for file, text := range files {
		if err := os.WriteFile(environment[file], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range more {
		environment["PASSERELLE_LIEUX"] += " " + m.PlacesFile
	}
	var err error
	if s.gateway, err = gateway.NewSite(gateway.Options{Program: programs.Build(t), Folder: folder, Environment: environment}); err != nil {
		t.Fatal(err)
	}
	partner, err := s.gateway.NewPartner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Caller = gateway.NewCaller(partner)
	t.Cleanup(s.Caller.Close)
	process, err := s.gateway.Serve(s.Caller, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := process.Kill(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the program wrote:\n%s", process.Log())
		}
	})
	return s
}

// Page opens an empty page for a person who has no cookie of the site yet. It may be another test's than the site.
func (s *Site) Page(t testing.TB) *Page { t.Helper(); return s.browser.Page(t, s.URL) }

// Run runs a command of the operator's: "account", "approve", "@example.org".
func (s *Site) Run(t testing.TB, words ...string) string {
	t.Helper()
	out, err := s.gateway.Run(t.Context(), words...)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Link waits for a mail to somebody with a link of the site that begins so, and gives the path of that link. Mails to her
// that have none are passed over.
func (s *Site) Link(t testing.TB, to, start string) string {
	t.Helper()
	link := regexp.MustCompile(regexp.QuoteMeta(s.URL+start) + `[A-Za-z0-9_-]+`)
	for {
		if found := link.FindString(s.Mails.Next(t, to)); found != "" {
			return strings.TrimPrefix(found, s.URL)
		}
	}
}
