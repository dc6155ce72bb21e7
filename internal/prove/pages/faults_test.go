package pages

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// sound is a page in which there is nothing to find, up to where a fault is planted.
const sound = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Essai</title></head><body><main><h1>Essai</h1><p>Un <a href="/ailleurs">lien</a>.</p>
<form><label for="nom">Nom</label> <input id="nom" autocomplete="off"> <label><input type="radio" name="a"> Un</label>
<label><input type="radio" name="a" checked> Deux</label> <button>Envoyer</button></form>%s</main></body></html>`

const nothing = "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==" // an image of one pixel

// plant is a page with a fault.
type plant struct {
	fault, policy string
	view          View
	found         string // in what is found; empty is nothing
}

// planted serves each at the path of its name.
func planted(t *testing.T, plants map[string]plant) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, there := plants[strings.TrimPrefix(r.URL.Path, "/")]
		if c.policy != "" {
			w.Header().Set("Content-Security-Policy", c.policy)
		}
		if !there {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, sound, c.fault)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Whatever is asked of a page must be able to fail.
func TestPlantedFaultsAreSeen(t *testing.T) {
	t.Parallel()
	narrow, large, dark := View{Width: 360}, View{Zoom: true}, View{Width: 1440, Dark: true}
	plants := map[string]plant{
		"nothing":                       {"", "", View{Width: 1440}, ""},
		"nothing, on a telephone":       {"", "", narrow, ""},
		"nothing, enlarged":             {"", "", large, ""},
		"an image without words":        {`<img src="data:image/gif;base64,` + nothing + `">`, "", narrow, "image-alt"},
		"a field without a label":       {`<input id="b">`, "", narrow, "(label)"},
		"a button without a name":       {`<button></button>`, "", narrow, "button-name"},
		"a heading that leaves one out": {`<h3>Trop bas</h3>`, "", narrow, "heading-order"},
		"grey on white":                 {`<p style="color:#aaa">Pâle</p>`, "", narrow, "color-contrast"},
		"black on black, in the dark":   {`<style>@media (prefers-color-scheme:dark){body{background:#000}}</style>`, "", dark, "color-contrast"},
		"the same, in the light":        {`<style>@media (prefers-color-scheme:dark){body{background:#000}}</style>`, "", View{Width: 1440}, ""},
		"too wide for a telephone":      {`<p style="width:400px">Large</p>`, "", narrow, "408 pixels in 360"},
		"the same, on a tablet":         {`<p style="width:400px">Large</p>`, "", View{Width: 768}, ""},
		"too wide when it is enlarged":  {`<p style="width:330px">Large</p>`, "", large, "338 pixels in 320"},
		"the same, on a telephone":      {`<p style="width:330px">Large</p>`, "", narrow, ""},
		"a focus that is not seen":      {`<style>button:focus{outline:none}</style>`, "", narrow, "not to be seen on <button>"},
		"another order":                 {`<p><a href="/" tabindex="5">Premier</a></p>`, "", narrow, "Tab leads to"},
		"an image of another host":      {`<img alt="" src="http://192.0.2.1/a.gif">`, "", narrow, "asks for http://192.0.2.1/a.gif"},
		"that is not reached":           {`<img alt="" src="http://192.0.2.1/a.gif">`, "", narrow, "ERR_NAME_NOT_RESOLVED"},
		"a style of another host":       {`<link rel="stylesheet" href="https://example.org/a.css">`, "", narrow, "asks for https://example.org/a.css"},
		"what its policy forbids":       {`<script>1</script>`, "default-src 'none'", narrow, "Content Security Policy"},
		"a script that fails":           {`<script>document.none.none</script>`, "", narrow, "a script: Uncaught"},
		"a script that complains":       {`<script>console.error('grave')</script>`, "", narrow, "grave"},
		"a file that is not there":      {`<img alt="" src="/absent.gif">`, "", narrow, "404"},
	}
	browser := StartBrowser(t)
	p := browser.Page(t, planted(t, plants))
	for name, c := range plants {
		p.See(c.view)
		p.Open("/" + url.PathEscape(name))
		found := slices.Concat(p.barriers(), p.sideways(), p.unreached(), p.unasked())
		if c.found == "" && len(found) > 0 || !strings.Contains(strings.Join(found, "\n"), c.found) {
			t.Errorf("%s: found %q, want %q", name, found, c.found)
		}
	}
	t.Run("without scripts", func(t *testing.T) { offAndOn(t, browser) })
	t.Run("by Check", func(t *testing.T) { faultsCheckTells(t, browser) })
}

// Scripts that are off do not run, and what stands there for them is read.
func offAndOn(t *testing.T, browser *Browser) {
	t.Helper()
	fault := `<script>document.title = 'avec'</script><noscript><input id="b"></noscript>`
	p := browser.Page(t, planted(t, map[string]plant{"": {fault: fault}}))
	for _, scripts := range []bool{true, false, true} {
		p.Scripts(scripts)
		p.Open("/")
		if found := p.barriers(); (p.Title() == "avec") != scripts || (len(found) == 0) != scripts {
			t.Errorf("scripts are %t: %s, %q", scripts, p.Title(), found)
		}
	}
}

// failing notes what a test would have failed with.
type failing struct {
	testing.TB
	said []string
}

func (f *failing) Helper()                        {}
func (f *failing) Errorf(format string, a ...any) { f.said = append(f.said, fmt.Sprintf(format, a...)) }

// Check tells each fault with the page's name and the view.
func faultsCheckTells(t *testing.T, browser *Browser) {
	t.Helper()
	fault := `<div style="width:700px"><img src="data:image/gif;base64,` + nothing + `"></div><style>a:focus{outline:none}</style>`
	f := &failing{TB: t}
	p := browser.Page(f, planted(t, map[string]plant{"": {fault: fault}}))
	p.Open("/")
	p.Check("page fautive")
	said := strings.Join(f.said, "\n")
	for _, want := range []string{"page fautive, 360: Images must have", "page fautive, 360: it must be scrolled", "page fautive, zoom-sombre: it must be scrolled", "with the keyboard: the focus"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in %s", want, said)
		}
	}
	if strings.Contains(said, "1440: it must be scrolled") {
		t.Errorf("it is not too wide there: %s", said)
	}
}
