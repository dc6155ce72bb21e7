package pages

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"passerelle/internal/prove"
	"passerelle/internal/testservers"
)

// scores are what Lighthouse gives a page, from 0 to 1, and what it would have it do better.
type scores struct {
	Accessibility, Performance float64
	Faults                     []string
}

// lighthouse asks the npm package of that name about a page, as who is signed in on p sees it: on a telephone of the middle
// class, on a slow 4G. Its requests go through the browser of the site, which reaches nothing else.
func (s *Site) lighthouse(p *Page, path string) (found scores) {
	p.t.Helper()
	at, err := url.Parse(s.browser.devTools)
	if err != nil {
		p.t.Fatal(err)
	}
	headers := map[string]string{}
	for _, c := range run(p, "the cookies", call(network.GetCookies, network.GetCookiesParams{URLs: []string{p.base}})).Cookies {
		headers["Cookie"] += c.Name + "=" + c.Value + "; "
	}
	extra, _ := json.Marshal(headers)
	cmd := exec.CommandContext(p.t.Context(), "node", testservers.Lighthouse(p.t), p.base+path, "--port="+at.Port(), "--output=json", "--quiet",
		"--only-categories=accessibility,performance", "--extra-headers="+string(extra), "--no-enable-error-reporting")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.t.TempDir(), "CI=1"}
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("lighthouse: %v %s", err, out)
	}
	var report struct {
		Final      string `json:"finalDisplayedUrl"`
		Categories map[string]struct {
			Score  float64
			Audits []struct {
				ID     string
				Weight float64
			} `json:"auditRefs"`
		}
		Audits map[string]struct{ Score *float64 }
	}
	if err := json.Unmarshal(out, &report); err != nil || report.Final != p.base+path {
		p.t.Fatalf("lighthouse: %v, at %s", err, report.Final)
	}
	for _, category := range report.Categories {
		for _, audit := range category.Audits {
			if score := report.Audits[audit.ID].Score; audit.Weight > 0 && score != nil && *score < 0.9 {
				found.Faults = append(found.Faults, audit.ID)
			}
		}
	}
	found.Accessibility, found.Performance = report.Categories["accessibility"].Score, report.Categories["performance"].Score
	return found
}

// realPlaces is a file of all places of a region, where there is one.
const realPlaces = "../../../../shared/data/lieux-paca-2023-05.csv"

// Lighthouse finds nothing that keeps people out, and a search that is there at once on a telephone: asked in a long run. An
// ordinary one has the search alone.
func TestWhatLighthouseSays(t *testing.T) {
	t.Parallel()
	var more More
	search := "/?ou=crest"
	if file, err := filepath.Abs(realPlaces); err == nil {
		if _, err := os.Stat(file); err == nil {
			more.PlacesFile, search = file, "/?ou=Marseille"
		}
	}
	s := Start(t, &programs, more)
	p := s.Page(t)
	fast(t, s, p, search)
	if !prove.Long() {
		return
	}
	s.Run(t, "account", "approve", "@mairie.example.org")
	s.signIn(p, "camille@mairie.example.org")
	held(p)
	accessible(t, s, p, p.Path())
	fillIn(p)
	p.Follow("button", "Prendre ce rendez-vous")
	for _, path := range []string{p.Path(), search, "/lieux/mediatheque"} {
		accessible(t, s, p, path)
	}
}

func accessible(t *testing.T, s *Site, p *Page, path string) {
	t.Helper()
	if found := s.lighthouse(p, path); found.Accessibility < 1 {
		t.Errorf("%s: %+v", path, found)
	}
}

// fast asks for a search, and in a long run what Lighthouse gives it, at best: others use the machine.
func fast(t *testing.T, s *Site, p *Page, search string) {
	t.Helper()
	begun := time.Now()
	p.Open(search)
	t.Logf("the first result of %s is there after %v", search, time.Since(begun).Round(time.Millisecond))
	if !p.Has("heading", "Médiathèque de la Tour") && len(p.All("heading", "")) < 5 {
		t.Errorf("nothing is found: %s", p.Text())
	}
	if !prove.Long() {
		return
	}
	var best scores
	for range 3 {
		if got := s.lighthouse(p, search); got.Performance > best.Performance {
			best = got
		}
	}
	t.Logf("%s: %+v", search, best)
	if best.Performance < 0.95 {
		t.Errorf("%s: %+v", search, best)
	}
}
