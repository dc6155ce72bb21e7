package caldav

import (
	"testing"
)

func FuzzMultistatus(f *testing.F) {
	whole := `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>/a</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response><d:sync-token>t</d:sync-token></d:multistatus>`
	f.Add(whole)
	f.Add("<multistatus xmlns='DAV:'></multistatus><x/>")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := parseMultistatus([]byte(text)); err == nil && m.XMLName.Local != "multistatus" {
			t.Fatalf("%q is read as %+v", text, m)
		}
	})
}

func TestHalfAnAnswerIsNone(t *testing.T) {
	whole := `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>/a</d:href></d:response><d:sync-token>t</d:sync-token></d:multistatus>`
	for cut := range len(whole) {
		if m, err := parseMultistatus([]byte(whole[:cut])); err == nil {
			t.Errorf("%q is read as %+v", whole[:cut], m)
		}
	}
}

func TestCharactersThatXMLCannotHold(t *testing.T) {
	const head, tail = `<?xml version="1.0"?><multistatus xmlns="DAV:"><response><href>/a</href><propstat><prop><C:calendar-data xmlns:C="urn:ietf:params:xml:ns:caldav">`,
		`</C:calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`
	for text, want := range map[string]string{
		"SUMMARY:&#55357;&#56525; oui":       "SUMMARY:\uFFFD\uFFFD oui", // the two halves of an emoji
		"SUMMARY:a&#11;b&#x0;c":              "SUMMARY:a\uFFFDb\uFFFDc",
		"SUMMARY:a\x0bb":                     "SUMMARY:a\uFFFDb",
		"SUMMARY:a\xff":                      "SUMMARY:a\uFFFD",
		"SUMMARY:&#233;&#9;&amp;&#55357;fin": "SUMMARY:é\t&\uFFFDfin",
	} {
		m, err := parseMultistatus([]byte(head + text + tail))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if p, ok := m.Responses[0].found(); !ok || p.Data == nil || *p.Data != want {
			t.Errorf("%q is read as %+v", text, m)
		}
	}
}
