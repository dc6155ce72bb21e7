package pages

import (
	"net/http"
	"strings"
	"testing"
)

// heaviest is how many bytes a page may be with all that it needs, compressed where the program compresses: what a telephone
// on the slowest networks that are left takes in a few seconds.
const heaviest = 150_000

// public are the pages that anybody may open, by a link or by typing.
var public = map[string]string{
	"search": "/", "results": "/?ou=crest", "no commune": "/?ou=Zzz", "place": "/lieux/mediatheque", "place without an agenda": "/lieux/cafe", "no place": "/lieux/x",
	"no link": "/rv/x", "no request": "/demandes/x", "no consent": "/consentement/x", "no page": "/connexion/x",
}

// A page that anybody may open sets no cookie, keeps nothing in the browser, asks no other host for anything (Page fails of
// itself where it does) and runs nothing that does not come from a file of the program's. No page is heavy.
func TestPublicPagesKeepNothingAndAreLight(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs)
	p := s.Page(t)
	for name, path := range public {
		answer, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if len(answer.Header["Set-Cookie"]) > 0 {
			t.Errorf("%s: %q", name, answer.Header["Set-Cookie"])
		}
		strict(t, name, answer.Header.Get("Content-Security-Policy"))
		light(t, p, name, path)
		if kept := ask[int](p, "localStorage.length + sessionStorage.length"); kept > 0 || len(p.Cookies()) > 0 {
			t.Errorf("%s: the browser keeps %d values and the cookies %q", name, kept, p.Cookies())
		}
	}
	s.Run(t, "account", "approve", "@mairie.example.org")
	s.answers(t, p, "camille@mairie.example.org", "mediatheque")
	held(p)
	for name, path := range map[string]string{
		"form": p.Path(), "place, signed in": "/lieux/mediatheque", "account": "/compte", "list": "/mes-rendez-vous", "places": "/structure", "day": "/structure/lieux/mediatheque",
	} {
		light(t, p, name, path)
	}
}

// strict fails the test where a policy lets anything but files of the program's run or come in.
func strict(t *testing.T, name, policy string) {
	t.Helper()
	allowed := map[string]string{"default-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'"}
	for directive := range strings.SplitSeq(policy, ";") {
		what, sources, _ := strings.Cut(strings.TrimSpace(directive), " ")
		if want, ok := allowed[what]; sources != want && (ok || sources != "'self'") {
			t.Errorf("%s: its policy has %s %s", name, what, sources)
		}
		delete(allowed, what)
	}
	if len(allowed) > 0 {
		t.Errorf("%s: its policy says nothing of %v: %s", name, allowed, policy)
	}
}

// light fails the test where a page is too heavy.
func light(t *testing.T, p *Page, name, path string) {
	t.Helper()
	bytes := p.Weigh(path)
	t.Logf("%s: %d bytes", name, bytes)
	if bytes > heaviest || bytes < 1000 {
		t.Errorf("%s: %s is %d bytes with what it needs, of at most %d", name, path, bytes, heaviest)
	}
}
