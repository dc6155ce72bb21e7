package connectors

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// masked stands where a secret stood.
const masked = "[masqué]"

// deepest is how many layers of percent-encoding are looked through for a secret.
const deepest = 8

// Redact replaces what is secret in the text of an address by "[masqué]", so that it may be logged or shown. Secret
// are: user name and password, the values of parameters that are named like a secret (token, key, signature…), and
// the path segments that open somebody's own calendar or appointment. A secret that only decoding brings out is
// found too; the text is then returned decoded. The text need not be a valid URL, nor hold only one.
//
// It errs on the side of masking. Text without a secret is returned as it is.
func Redact(raw string) string {
	shown := raw
	for layer, depth := visible(raw), 0; depth < deepest; depth++ {
		covered := mask(layer)
		if covered != layer {
			shown = covered
		}
		layer = visible(unescape(covered))
		if layer == covered {
			break
		}
	}
	return shown
}

// secretShapes are what opens somebody's own data wherever it stands, and what is shown instead.
var secretShapes = []struct {
	pattern *regexp.Regexp
	shown   string
}{
	{ // user name and password, even where the password holds a slash; a port is neither
		regexp.MustCompile(`(?i)((?:https?|webcals?|ftps?):[/\\]*|//)(?:[^/?#\s|:@]*:\d*[^\s|/\d?#][^\s|]*|[^/?#\s|]+)@`),
		"${1}" + masked + "@",
	},
	{ // short links to an appointment (/r/{id}/{token}) and to an invitation (/i/r/{uuid})
		regexp.MustCompile(`(?i)(/r/\d+/|/i/r/)[^?#\s|]+`),
		"${1}" + masked,
	},
	{ // an agent's calendar: /calendrier/{name-uuid}.ics
		regexp.MustCompile(`(?i)(/calendrier/)[^/?#\s|]*[0-9a-f][0-9a-f-]{14}[^/?#\s|]*`),
		"${1}" + masked,
	},
	{ // a private calendar of Google: /private-{hex}/basic.ics
		regexp.MustCompile(`(?i)(/private-)[0-9a-f]{8}[^/?#\s|]*`),
		"${1}" + masked,
	},
}

func mask(text string) string {
	for _, shape := range secretShapes {
		text = shape.pattern.ReplaceAllString(text, shape.shown)
	}
	return maskParameters(text)
}

// parameter is the name of a parameter and its equals sign.
var parameter = regexp.MustCompile(`[^?&;#/\s|=]+=`)

// maskParameters masks up to the next "&", space or bar: more than the value rather than less.
func maskParameters(text string) string {
	var b strings.Builder
	for {
		at := parameter.FindStringIndex(text)
		if at == nil {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:at[1]])
		name := text[at[0] : at[1]-1]
		text = text[at[1]:]
		if !namesSecret(unescape(name)) {
			continue
		}
		end := strings.IndexAny(text, "& \t\r\n|")
		if end < 0 {
			end = len(text)
		}
		if end > 0 {
			b.WriteString(masked)
		}
		text = text[end:]
	}
}

// secretWords name a secret when they are a whole word of a parameter's name.
var secretWords = []string{
	"apikey", "auth", "authkey", "accesskey", "cle", "credential", "credentials", "hmac", "jeton", "jwt", "key", "mdp", "passwd",
	"password", "phpsessid", "pwd", "secret", "sessionid", "jsessionid", "sig", "signature", "tkn", "token",
}

// secretEndings name a secret wherever a name ends in one: accessToken, clientsecret.
var secretEndings = []string{"token", "tkn", "secret", "password", "signature", "apikey"}

func namesSecret(name string) bool {
	name = strings.ToLower(name)
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.Contains(secretWords, word) ||
			slices.ContainsFunc(secretEndings, func(end string) bool { return strings.HasSuffix(word, end) })
	})
}

// visible drops what no reader sees and what could cut a name in two: zero-width characters, soft hyphens, byte
// order marks, control characters other than blanks.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return r
		}
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// unescape decodes every %XX that is well formed and leaves the others alone.
func unescape(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && isEscape(text[i:]) {
			out = append(out, fromHex(text[i+1])<<4|fromHex(text[i+2]))
			i += 2
			continue
		}
		out = append(out, text[i])
	}
	return string(out)
}

// isEscape reports whether text starts with %XX.
func isEscape(text string) bool {
	return len(text) >= 3 && text[0] == '%' && isHex(text[1]) && isHex(text[2])
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

func fromHex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}
