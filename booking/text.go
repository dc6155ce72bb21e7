package booking

import (
	"strings"
	"unicode"
)

// Hidden reports whether a character has no business in a line of text from outside: it could break a message, or show
// another one than it holds.
func Hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ")

// Printable is a text of several lines without what is hidden: line ends become LF, and bytes that are no UTF-8 U+FFFD.
func Printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && Hidden(r) {
			return -1
		}
		return r
	}, lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD"))))
}

// OneLine is a text that cannot bring lines of its own. What people type was checked where it came in; this is where it
// would do harm.
func OneLine(s string) string { return strings.Join(strings.Fields(Printable(s)), " ") }

// Lines are the texts that say something, a line each.
func Lines(text ...string) []string {
	var out []string
	for _, s := range text {
		if s = OneLine(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// LinesOf are the lines of a text that say something.
func LinesOf(text string) []string { return Lines(strings.Split(Printable(text), "\n")...) }
