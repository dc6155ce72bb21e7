package events

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

const someAppointment = "80b57c92017cfa07c5451b7a6f6a11dc"

var linkEnds = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

func answers(t testing.TB, keys ...byte) *LinkSigner {
	t.Helper()
	var all [][]byte
	for _, k := range keys {
		all = append(all, bytes.Repeat([]byte{k}, 32))
	}
	s, err := NewLinkSigner("https://passerelle.example/", "/demandes/", all...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tokenOf(t testing.TB, link string) string {
	t.Helper()
	token, ok := strings.CutPrefix(link, "https://passerelle.example/demandes/")
	if !ok {
		t.Fatalf("the link is %q", link)
	}
	return token
}

func TestALinkCarriesItsAppointmentUntilItExpires(t *testing.T) {
	s := answers(t, 1)
	token := tokenOf(t, s.Link(someAppointment, linkEnds))
	if got, err := s.Read(token, linkEnds.Add(-time.Second)); err != nil || got != someAppointment {
		t.Errorf("before its end it reads as %q, %v", got, err)
	}
	for _, late := range []time.Time{linkEnds, linkEnds.Add(time.Hour)} {
		got, err := s.Read(token, late)
		if e, ok := err.(*booking.Error); !ok || got != "" || e.Code != "lien_expire" || e.Kind != connectors.Refused {
			t.Errorf("at %v it reads as %q, %v", late, got, err)
		}
	}
}

func TestAForgedLinkIsRefused(t *testing.T) {
	s := answers(t, 1)
	token := s.token(someAppointment, linkEnds)
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]string{
		"empty": "", "no base64": "é", "too long": strings.Repeat("A", 5000), "another key": answers(t, 2).token(someAppointment, linkEnds),
		"padded": token + "=", "broken into lines": token[:9] + "\n" + token[9:], "cut": token[:len(token)-4], "only a MAC": base64.RawURLEncoding.EncodeToString(raw[len(raw)-16:]),
		"a later end":            base64.RawURLEncoding.EncodeToString(append(encodeLink(someAppointment, linkEnds.Unix()+1), raw[len(raw)-16:]...)),
		"signed, but for nobody": s.sealed(encodeLink("", linkEnds.Unix())), "signed, and more": s.sealed(append(encodeLink("a", 9), 0)),
	}
	for i := range raw { // every byte counts
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		forged["byte "+string(rune('0'+i))] = base64.RawURLEncoding.EncodeToString(changed)
	}
	for name, f := range forged {
		got, err := s.Read(f, time.Time{})
		if e, ok := err.(*booking.Error); !ok || got != "" || e.Kind != connectors.NotFound || e.Code != "lien_inconnu" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestALinkOutlivesANewKey(t *testing.T) {
	token := answers(t, 1).token(someAppointment, linkEnds)
	if _, err := answers(t, 2, 1).Read(token, time.Time{}); err != nil {
		t.Errorf("signed with the previous key: %v", err)
	}
	if _, err := answers(t, 2).Read(token, time.Time{}); err == nil {
		t.Error("a key that is gone is still believed")
	}
}

func TestASignerOfLinksWithoutItsPartsIsRefused(t *testing.T) {
	key := make([]byte, 32)
	for name, make := range map[string]func() (*LinkSigner, error){
		"a short key":    func() (*LinkSigner, error) { return NewLinkSigner("https://a.example", "/demandes/", key[:16]) },
		"no key":         func() (*LinkSigner, error) { return NewLinkSigner("https://a.example", "/demandes/") },
		"no address":     func() (*LinkSigner, error) { return NewLinkSigner("", "/demandes/", key) },
		"a path only":    func() (*LinkSigner, error) { return NewLinkSigner("/ici", "/demandes/", key) },
		"another scheme": func() (*LinkSigner, error) { return NewLinkSigner("javascript://a", "/demandes/", key) },
		"a query":        func() (*LinkSigner, error) { return NewLinkSigner("https://a.example/?a=b", "/demandes/", key) },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// FuzzAnswer reads what is signed, whatever it is, and what is not.
func FuzzAnswer(f *testing.F) {
	s := answers(f, 1)
	f.Add(encodeLink(someAppointment, linkEnds.Unix()), "")
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, s.token("a", linkEnds))
	f.Add([]byte{}, "A\n"+s.token("a", linkEnds)[1:])
	f.Fuzz(func(t *testing.T, body []byte, token string) {
		if id, err := s.Read(token, time.Unix(0, 0)); err == nil && token != s.token("a", linkEnds) {
			t.Errorf("%q, which nobody signed, reads as %q", token, id)
		}
		id, err := s.Read(s.sealed(body), time.Unix(0, 0))
		if err != nil {
			return
		}
		if _, expires, ok := decodeLink(body); !ok || id == "" || expires <= 0 {
			t.Errorf("%x reads as %q until %d", body, id, expires)
		}
	})
}
