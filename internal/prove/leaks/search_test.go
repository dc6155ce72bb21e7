package leaks

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// disguises are the forms in which a text may lie somewhere.
func disguises(text string) map[string][]byte {
	out := map[string][]byte{
		"text": []byte(text), "capitals": []byte(strings.ToUpper(text)), "hex": []byte(hex.EncodeToString([]byte(text))),
		"HEX": []byte(strings.ToUpper(hex.EncodeToString([]byte(text)))), "URL": []byte(url.QueryEscape(text)), "path": []byte(url.PathEscape(text)),
		"UTF-16": utf16(text), "backwards": backwards(text),
	}
	quoted, _ := json.Marshal(text)
	out["JSON"] = bytes.Trim(quoted, `"`)
	for offset := range 3 { // what stands before it shifts base64
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			encoded := encoding.EncodeToString(append(make([]byte, offset), text...))
			from := (offset*8 + 5) / 6 // the first characters mix with what stands before, the last with what follows
			out[fmt.Sprintf("%s+%d", name, offset)] = []byte(encoded[from : len(encoded)-2])
		}
	}
	return out
}

func utf16(text string) (out []byte) {
	for _, c := range []byte(text) {
		out = append(out, c, 0)
	}
	return out
}

func backwards(text string) []byte {
	out := []byte(text)
	slices.Reverse(out)
	return out
}

// hits says where which of the texts lies, and how.
func hits(where map[string][]byte, texts []string) (found []string) {
	for name, content := range where {
		for _, text := range texts {
			for how, form := range disguises(text) {
				if bytes.Contains(content, form) {
					found = append(found, fmt.Sprintf("%q in %s, as %s", text, name, how))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// The search must be able to find: every disguise, whatever stands around it.
func TestTheSearchSeesThroughEveryDisguise(t *testing.T) {
	const secret = "zqxnom7731canari"
	for name, content := range map[string]string{
		"text": "a" + secret + "b", "hex": hex.EncodeToString([]byte("1" + secret + "2")), "url": url.QueryEscape("é " + secret),
		"base64 at 0": base64.StdEncoding.EncodeToString([]byte(secret + "suite")), "base64 at 1": base64.StdEncoding.EncodeToString([]byte("a" + secret + "suite")),
		"base64 at 2": base64.URLEncoding.EncodeToString([]byte("ab" + secret)), "base64 at 3": base64.StdEncoding.EncodeToString([]byte("abc" + secret + "s")),
		"capitals": strings.ToUpper(secret),
	} {
		if found := hits(map[string][]byte{"x": []byte(content)}, []string{secret}); len(found) == 0 {
			t.Errorf("%s: not found in %s", name, content)
		}
	}
	if found := hits(map[string][]byte{"x": []byte("rien de tel")}, []string{secret}); len(found) != 0 {
		t.Errorf("found where it is not: %v", found)
	}
}
