package web

import (
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// theState is its design system in small.
func theState() DSFR {
	files := fstest.MapFS{
		"fonts/M.woff2":          {Data: []byte("letters")},
		"icons/system/seen.svg":  {Data: []byte("<svg/>")},
		"icons/system/other.svg": {Data: []byte("<svg/>")},
		"secret.txt":             {Data: []byte("secret")},
	}
	for _, style := range dsfrStyles {
		files[style] = &fstest.MapFile{Data: []byte(`.fr{background:url("data:image/svg+xml;a")}`)}
	}
	files["core/core.main.min.css"].Data = []byte(`@font-face{src:url("../fonts/M.woff2"),url(../fonts/absent.woff)} .fr{mask:url('../icons/system/seen.svg')} .no{mask:url("../../../secret.txt")}`)
	return DSFR{Files: files, Entity: []string{"Ministère", "de l'<exemple>"}}
}

func TestTheStatesSitesWearItsDesignSystem(t *testing.T) {
	b := newHouse(t, false, func(o *Options) { o.DSFR = theState() }).browser()
	page := b.get("/connexion")
	for _, want := range []string{
		`<html lang="fr" data-fr-scheme="system">`, `<p class="fr-logo">Ministère<br>de l&#39;&lt;exemple&gt;</p>`, `<button class="fr-btn"`,
		`<input class="fr-input" id="courriel"`, `<label class="fr-label" for="courriel"`,
	} {
		if !strings.Contains(page.raw, want) {
			t.Errorf("no %s in\n%s", want, page.raw)
		}
	}
	if want := strings.Replace(policy, "img-src 'self'", "font-src 'self'; img-src 'self' data:", 1); page.policy != want {
		t.Errorf("the policy is %s", page.policy)
	}
	root := regexp.MustCompile(`/dsfr/[0-9a-f]{12}/`).FindString(page.raw)
	for file, want := range map[string]int{
		"core/core.main.min.css": 200, "fonts/M.woff2": 200, "icons/system/seen.svg": 200,
		"icons/system/other.svg": 404, "secret.txt": 404, "fonts/absent.woff": 404,
	} {
		if got := b.get(root + file); got.status != want {
			t.Errorf("%s is answered with %d, want %d", file, got.status, want)
		}
	}
	other := theState()
	other.Files.(fstest.MapFS)["fonts/M.woff2"].Data = []byte("other letters")
	next := newHouse(t, false, func(o *Options) { o.DSFR = other }).browser()
	if got := next.get(root + "fonts/M.woff2"); got.status != http.StatusNotFound { // browsers keep it for ever
		t.Errorf("the address of another version's letters is answered with %d", got.status)
	}
}

func TestOtherSitesHaveNothingOfTheState(t *testing.T) {
	b := newHouse(t, false, nil).browser()
	page := b.get("/connexion")
	if strings.Contains(page.raw, "fr-") || strings.Contains(page.raw, "dsfr") {
		t.Errorf("the page has\n%s", page.raw)
	}
	if page.policy != policy {
		t.Errorf("the policy is %s", page.policy)
	}
	if got := b.get("/dsfr/000000000000/fonts/M.woff2"); got.status != http.StatusNotFound {
		t.Errorf("its letters are answered with %d", got.status)
	}
}

func TestAFolderWithoutTheDesignSystemIsSaid(t *testing.T) {
	if _, err := readDSFR(DSFR{Files: fstest.MapFS{}}); err == nil || !strings.Contains(err.Error(), "dsfr.dossier") {
		t.Errorf("%v", err)
	}
}

// An element that is forgotten would stand in the other style, and an attribute that comes twice is not read.
func TestEveryElementOfEveryPageIsDressed(t *testing.T) {
	files, err := fs.Glob(pageWords, "pages/*.html")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	element := regexp.MustCompile(`<(?:button|input|select|textarea|a|label)[ >](?:[^>{]|\{\{.*?\}\})*`)
	bare := regexp.MustCompile(`^<(?:button|select|textarea|label for|input(?: [^t]| type="(?:text|email|tel|url|password|date|time|number)))|class="(?:bouton|second|refuser)`)
	seen := 0
	for _, file := range files {
		text, err := pageWords.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dressed := (&dsfr{}).dressed(string(text))
		for _, tag := range element.FindAllString(dressed, -1) {
			if strings.Count(tag, ` class="`) > 1 || bare.MatchString(tag) && !strings.Contains(tag, `class="fr-`) {
				t.Errorf("%s: %s", file, tag)
			}
			seen++
		}
	}
	if seen < 150 {
		t.Errorf("%d elements were seen", seen)
	}
}
