package linkcheck

import "time"

// Verdict is what is known of a link. Its value is its wire name.
type Verdict string

// The verdicts.
const (
	Good        Verdict = "bon"
	Dead        Verdict = "mort"     // 404, 410, a name that does not exist, a certificate that is not valid, a place's page that leads home
	Moved       Verdict = "redirige" // 301 or 308 to another address, which answers
	Personal    Verdict = "secret"   // it holds somebody's secret
	Home        Verdict = "accueil"  // the front page of a booking software, which leads to no place
	Unencrypted Verdict = "http"     // an http link: its https twin answers, or it has none that does
	Forbidden   Verdict = "interdit" // robots.txt forbids to look: it was not looked at
	Unknown     Verdict = "inconnu"  // no answer, or one that proves nothing
)

// Verdicts lists every verdict, those that most need somebody first.
func Verdicts() []Verdict {
	return []Verdict{Personal, Dead, Moved, Home, Unencrypted, Unknown, Forbidden, Good}
}

// ToMend reports whether somebody has to correct the link.
func (v Verdict) ToMend() bool {
	switch v {
	case Personal, Dead, Moved, Home, Unencrypted:
		return true
	}
	return false
}

// Result is the verdict on one link.
type Result struct {
	Link    string    `json:"lien"` // canonical; empty when Personal
	Verdict Verdict   `json:"verdict"`
	Detail  string    `json:"detail"`            // one or two sentences in French, without the address
	Better  string    `json:"adresse,omitempty"` // to publish instead, where one is known
	At      time.Time `json:"quand"`             // UTC
}
