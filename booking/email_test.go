package booking

import "testing"

func TestEmails(t *testing.T) {
	for raw, want := range map[string]bool{
		"aidant@example.org": true, "prénom@example.org": true, "a.b+c@mairie.example.org": true, "": false, "aidant": false, "aidant@": false, "aidant@mairie": false,
		"Aidant <aidant@example.org>": false, " aidant@example.org": false, "a@example.org, b@example.org": false, "a\u202e@example.org": false, "a@example.org\r\nBcc: b@example.org": false,
	} {
		if _, ok := ParseEmail(raw); ok != want {
			t.Errorf("ParseEmail(%q): %v", raw, ok)
		}
	}
}
