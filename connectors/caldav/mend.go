package caldav

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// reference is a character reference (XML 1.0 §4.1).
var reference = regexp.MustCompile(`&#(x[0-9A-Fa-f]{1,6}|[0-9]{1,7});`)

// mend makes XML of what is almost XML: a character that XML may not hold becomes U+FFFD, as it stands or by its number.
func mend(body []byte) []byte {
	body = reference.ReplaceAllFunc(body, func(found []byte) []byte {
		number, base := strings.TrimSuffix(string(found[2:]), ";"), 10
		if number[0] == 'x' {
			number, base = number[1:], 16
		}
		if n, err := strconv.ParseInt(number, base, 32); err != nil || legal(rune(n)) != rune(n) {
			return []byte("\uFFFD")
		}
		return found
	})
	return bytes.Map(legal, body)
}

// legal is a character that XML may hold (XML 1.0 §2.2).
func legal(c rune) rune {
	switch {
	case c == '\t', c == '\n', c == '\r', c >= ' ' && c < 0xD800, c > 0xDFFF && c < 0xFFFE, c >= 0x10000 && c <= 0x10FFFF:
		return c
	}
	return '\uFFFD'
}
