package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"
	"time"
)

// What holds a secret beside what the caller writes is not compressed: its length would tell of the secret (BREACH).
func TestWhatHoldsASecretIsNotCompressed(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	form, _ := b.held(0)
	week := "/lieux/lieu-1?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	for name, page := range map[string]struct {
		of     *browser
		path   string
		packed bool
	}{
		"the search": {b, "/?ou=crest", true}, "the slots of a place": {c.browser(), week, true}, "the same, with a form of the session's": {b, week, false},
		"the form": {b, form, false}, "the account": {b, "/compte", false}, "the list": {b, "/mes-rendez-vous", false}, "a link": {c.browser(), "/rv/lien-x", false},
		"signing in": {c.browser(), "/connexion", false},
	} {
		if got := page.of.packed(page.path, "br;q=1, GZIP"); (got != nil) != page.packed {
			t.Errorf("%s is compressed: %t", name, got != nil)
		}
	}
	for _, accepted := range []string{"", "br", "gzip;q=0", "gzip; q=0.0", "x-gzip", "*"} {
		if c.browser().packed("/", accepted) != nil {
			t.Errorf("compressed for who accepts %q", accepted)
		}
	}
	for name, a := range must(readAssets()) {
		if got := c.browser().packed(a.path, "gzip"); got != nil && !bytes.Equal(got, a.text) || len(a.text) > 1000 && got == nil {
			t.Errorf("%s is %d bytes compressed, of %d", name, len(got), len(a.text))
		}
	}
}

// packed is what was compressed of an answer; nil where it was not.
func (b *browser) packed(path, accepted string) []byte {
	b.h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.h.url+path, nil)
	if err != nil {
		b.h.t.Fatal(err)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	r.Header.Set("Accept-Encoding", accepted)
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.Header.Get("Content-Encoding") == "" {
		return nil
	}
	z, err := gzip.NewReader(answer.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || answer.Header.Get("Vary") != "Accept-Encoding" {
		b.h.t.Errorf("%s: %v, Vary: %q", path, err, answer.Header.Get("Vary"))
	}
	return text
}
