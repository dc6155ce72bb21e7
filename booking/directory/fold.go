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
	f := folder{}
	f.text.Grow(len(s))
	for i, r := range s {
		if r < utf8.RuneSelf {
			f.add(r)
			continue
		}
		apart := norm.NFKD.PropertiesString(s[i:]).Decomposition() // a letter and its accent; norm would make a text of them for each name
		if apart == nil {
			f.add(r)
		}
		for len(apart) > 0 {
			r, size := utf8.DecodeRune(apart)
			f.add(r)
			apart = apart[size:]
		}
	}
	return f.text.String()
}

// folder writes what fold answers.
type folder struct {
	text strings.Builder
	gap  bool
}

func (f *folder) add(r rune) {
	switch {
	case 'a' <= r && r <= 'z': // most are
	case r >= utf8.RuneSelf && unicode.Is(unicode.Mn, r): // an accent
		return
	case !unicode.IsLetter(r) && !unicode.IsDigit(r):
		f.gap = f.text.Len() > 0
		return
	}
	if f.gap {
		f.text.WriteByte(' ')
		f.gap = false
	}
	switch r = unicode.ToLower(r); r {
	case 'œ':
		f.text.WriteString("oe")
	case 'æ':
		f.text.WriteString("ae")
	default:
		f.text.WriteRune(r)
	}
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

// nameKey is how ids and aliases are compared: exactly, but for the two ways Unicode has to write "é".
func nameKey(name string) string { return norm.NFC.String(strings.TrimSpace(name)) }
