package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// The domain names fields and keys as programs know them; a page says what people read.
func TestARefusalIsSaidInWordsOfThePage(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	path, page := b.held(0)
	form := filled(page, "usager.contact", "courriel", "usager.courriel", "")
	got := b.do(http.MethodPost, path, form)
	c.want("a way without its address", got, 422, "Son courriel</a> : Obligatoire pour un contact par courriel.")
	c.want("a way without its address", got, 422, "une réponse ne va pas")
	for _, words := range []string{"Cette réponse", "usager.courriel.", "champ"} {
		if _, after, _ := strings.Cut(got.body, "<h1>"); strings.Contains(strings.SplitN(after, "<form", 2)[0], words) {
			t.Errorf("the page says %q:\n%s", words, got.body)
		}
	}

	sheet := b.taken(1)
	cancel := b.get(sheet).fields()
	cancel.Set("par", "usager")
	c.want("cancelled", b.do(http.MethodPost, sheet+"/annulation", cancel), http.StatusSeeOther, "")
	cancel.Set("par", "prescripteur")
	again := b.do(http.MethodPost, sheet+"/annulation", cancel)
	c.want("the same page, with another answer", again, 422, "Cette page a déjà servi")
	if strings.Contains(again.body, "Idempotency") {
		t.Errorf("a page names a header:\n%s", again.body)
	}
}

// A link of the summary leads to what can be filled in: a group of answers takes no focus, its first answer does.
func TestWhatIsToBeCorrectedCanBeReached(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	path, page := b.held(0)
	got := b.do(http.MethodPost, path, filled(page, "usager.contact", "", "usager.nom", "", "consentement.mode", ""))
	_, summary, _ := strings.Cut(got.raw, `class="erreurs"`)
	summary, _, _ = strings.Cut(summary, "</ul>")
	links := regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(summary, -1)
	if len(links) != 3 {
		t.Fatalf("%d links:\n%s", len(links), got.raw)
	}
	for _, link := range links {
		if n := len(regexp.MustCompile(`<(input|textarea|select)[^>]* id="`+regexp.QuoteMeta(link[1])+`"`).FindAllString(got.raw, -1)); n != 1 {
			t.Errorf("%d fields are %s", n, link[1])
		}
	}
}
