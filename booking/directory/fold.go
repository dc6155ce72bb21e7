package directory

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold is what two writings of one label have in common: lower case, without accents, and one space for whatever
// stands between letters and digits. "Étapes numériques(La Poste)" folds to "etapes numeriques la poste".
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	if !isASCII(s) {
		s = norm.NFKD.String(s)
	}
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z': // most are
		case r >= utf8.RuneSelf && unicode.Is(unicode.Mn, r): // an accent, taken off its letter by NFKD
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		switch r = unicode.ToLower(r); r {
		case 'œ':
			b.WriteString("oe")
		case 'æ':
			b.WriteString("ae")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// foldName folds a proper name, in which "St" and "Ste" are short for "Saint" and "Sainte".
func foldName(s string) string {
	folded := fold(s)
	if !strings.Contains(folded, "st") {
		return folded
	}
	words := strings.Fields(folded)
	for i, w := range words {
		switch w {
		case "st":
			words[i] = "saint"
		case "ste":
			words[i] = "sainte"
		}
	}
	return strings.Join(words, " ")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// nameKey is how ids and aliases are compared: exactly, but for the two ways Unicode has to write "é".
func nameKey(name string) string { return norm.NFC.String(strings.TrimSpace(name)) }
