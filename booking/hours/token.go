package hours

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	end kind = iota
	number
	word    // letters, in lower case and without accents
	mark    // one punctuation sign, or "||"
	comment // between double quotes
)

// token is the smallest thing that has a meaning. French is already turned into OSM's words here, where a word can be
// read in one way only.
type token struct {
	kind     kind
	text     string // of a word or a mark
	number   int    // of a number; -1 if it is too long to be one of ours
	digits   int
	from, to int // bytes of the value
}

func (t token) is(text string) bool { return (t.kind == mark || t.kind == word) && t.text == text }

// touches reports whether nothing stands between t and the next token.
func (t token) touches(next token) bool { return t.to == next.from }

// scan cuts a value into tokens; the last one is of kind end. It tells whether some of it was French.
func scan(value string) (tokens []token, french bool) {
	for at := 0; at < len(value); {
		t := cut(value, at)
		at = t.to
		switch {
		case t.kind == end || t.is(".") && !betweenDigits(value, t): // "Lun. 9h-12h."
			continue
		case t.is("h"):
			french = true
		case t.kind == word:
			sense, known := frenchWords[t.text]
			if !known {
				break
			}
			french = true
			if sense.text == "" {
				continue
			}
			t.kind, t.text = sense.kind, sense.text
			if n := len(tokens); t.is("ph") && n > 0 && (tokens[n-1].is("jours") || tokens[n-1].is("jour")) {
				tokens = tokens[:n-1]
			}
		}
		tokens = append(tokens, t)
	}
	return append(tokens, token{from: len(value), to: len(value)}), french
}

// cut reads the token that begins at a byte; blanks are of kind end.
func cut(value string, at int) token {
	r, size := utf8.DecodeRuneInString(value[at:])
	t := token{from: at, to: at + size}
	switch {
	case unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff':
	case isDigit(r):
		t.kind = number
		t.to = at + run(value[at:], isDigit)
		t.number, t.digits = atoi(value[t.from:t.to]), t.to-t.from
	case (r == 'h' || r == 'H') && at > 0 && isDigit(rune(value[at-1])):
		t.kind, t.text = mark, "h" // "9h30", but also "12hVendredi"
	case unicode.IsLetter(r):
		t.kind = word
		t.to = at + run(value[at:], isLetter)
		t.text = fold(value[t.from:t.to])
	case r == '"' && strings.IndexByte(value[t.to:], '"') >= 0:
		t.kind = comment
		t.to += strings.IndexByte(value[t.to:], '"') + 1
	case strings.HasPrefix(value[at:], "||"):
		t.kind, t.text, t.to = mark, "||", at+2
	default:
		t.kind, t.text = mark, plain(r)
	}
	return t
}

func isDigit(r rune) bool  { return '0' <= r && r <= '9' }
func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) }

// run is the length in bytes of the longest prefix of s whose runes all satisfy f.
func run(s string, f func(rune) bool) int {
	if n := strings.IndexFunc(s, func(r rune) bool { return !f(r) }); n >= 0 {
		return n
	}
	return len(s)
}

func betweenDigits(value string, t token) bool {
	return t.from > 0 && isDigit(rune(value[t.from-1])) && t.to < len(value) && isDigit(rune(value[t.to]))
}

func atoi(digits string) int {
	if len(digits) > 4 {
		return -1
	}
	n := 0
	for _, d := range []byte(digits) {
		n = n*10 + int(d-'0')
	}
	return n
}

// plain gives every dash as "-", every other sign as itself.
func plain(r rune) string {
	switch r {
	case '‐', '‑', '‒', '–', '—', '−':
		return "-"
	case '&':
		return ","
	}
	return string(r)
}

// fold puts a word in lower case and takes its French accents away, whether composed or combining.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); r {
		case 'à', 'â', 'ä':
			return 'a'
		case 'é', 'è', 'ê', 'ë':
			return 'e'
		case 'î', 'ï':
			return 'i'
		case 'ô', 'ö':
			return 'o'
		case 'ù', 'û', 'ü':
			return 'u'
		case 'ç':
			return 'c'
		}
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}
