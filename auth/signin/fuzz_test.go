package signin

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"
)

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/lieux/a?creneau=x", "//autre.example", "/\\autre.example", "/%2F%2Fautre.example", "/a\nb", "javascript:x"} {
		f.Add(s)
	}
	here := &url.URL{Scheme: "https", Host: "rdv.example"}
	f.Fuzz(func(t *testing.T, text string) {
		path := LocalPath(text)
		if path == "" {
			return
		}
		to, err := here.Parse(path)
		if err == nil && (to.Host != here.Host || to.Scheme != here.Scheme || to.User != nil) {
			t.Errorf("%q leads to %s", text, to)
		}
		if strings.ContainsAny(path, "\\\r\n\t ") || !strings.HasPrefix(path, "/") {
			t.Errorf("%q is left as it is", path)
		}
	})
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{" Camille@Example.org", "a@b@example.org", `"a@b"@example.org`, "a@b", "é@example.org"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		address, err := ParseAddress(text)
		if err != nil {
			return
		}
		if again, err := ParseAddress(address); err != nil || again != address {
			t.Errorf("%q is %q, and that is %q, %v", text, address, again, err)
		}
		if strings.Count(address, "@") != 1 || strings.ContainsAny(address, " \r\n\"<>,;") {
			t.Errorf("%q is the address %q", text, address)
		}
	})
}

// No state that this gateway did not give to this visit is believed.
func FuzzState(f *testing.F) {
	d := &Desk{Options{Key: make([]byte, 32), Now: func() time.Time { return time.Unix(1_800_000_000, 0) }, Random: bytes.NewReader(make([]byte, 1<<20))}}
	visit := strings.Repeat("A", 43)
	own := d.begin(visit, "/compte")
	f.Add(visit, own.state)
	f.Add(strings.Repeat("B", 42)+"A", own.state)
	f.Add(visit, own.state[:len(own.state)-4])
	f.Fuzz(func(t *testing.T, by, state string) {
		got, err := d.resume(by, state)
		if given := by == visit && state == own.state; given != (err == nil) {
			t.Errorf("%q with %q: %v", state, by, err)
		}
		if err == nil && got != own {
			t.Errorf("%+v", got)
		}
	})
}
