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
