package connectors

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	// webScheme is one or several schemes at the start, written well or badly: "https://", "http://https//", "http:/".
	webScheme = regexp.MustCompile(`(?i)^(?:(https?|webcal)s?[:/\\]+)+`)
	// bareHost is an address that lacks its scheme: a name in www, or one under a domain that French places use.
	// Any dot would not do: "formulaire.pdf" and "rdv.Appeler" are no hosts.
	bareHost = regexp.MustCompile(`(?i)^(?:www\.(?:[\pL\pN-]+\.)+\pL{2,}|(?:[\pL\pN][\pL\pN-]*\.)+` +
		`(?:fr|com|org|net|eu|info|re|nc|pf|yt|gp|mq|gf|pm|wf|bzh|corsica|alsace|paris|coop|asso|pro|io|app|me|be|ch|lu|gl|ly|page|site|online|tech|social|link|tel))` +
		`(?::\d+)?(?:[/?#]|$)`)
	// hostName is a name that the public DNS can hold: labels, and a top-level domain that is not a number.
	hostName     = regexp.MustCompile(`^(?:[\pL\pN](?:[\pL\pN_-]*[\pL\pN])?\.)+\pL(?:[\pL\pN-]*[\pL\pN])$`)
	doubleEscape = regexp.MustCompile(`%25([0-9A-Fa-f]{2})`)
	defaultPorts = map[string]string{"http": "80", "https": "443"}
)

// longestHost is the limit of RFC 1035 §2.3.4, as text.
const longestHost = 253

// webAddress reads one word as the address of a page or of a feed (http, https, webcal) and brings it to one form:
// scheme and host in lower case, no default port, a path, no empty query or fragment. The case of the path is kept:
// it may be an identifier.
func webAddress(word string) (*url.URL, bool) {
	scheme, rest := "https", strings.TrimPrefix(word, "//")
	if m := webScheme.FindStringSubmatch(word); m != nil {
		scheme, rest = strings.ToLower(m[1]), word[len(m[0]):]
	} else if !bareHost.MatchString(rest) {
		return nil, false
	}
	u, err := url.Parse(scheme + "://" + repairEscapes(rest))
	if err != nil {
		return nil, false
	}
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if len(host) > longestHost || !hostName.MatchString(host) {
		return nil, false
	}
	u.Host = host
	if port != "" && port != defaultPorts[scheme] {
		u.Host += ":" + port
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.ForceQuery = false
	return u, true
}

// repairEscapes undoes double encoding (%25C3 → %C3), and encodes a percent sign that escapes nothing. Path and
// query are judged apart, and only where every escape is double: one that is not shows that the rest is meant.
func repairEscapes(rest string) string {
	cut := strings.IndexAny(rest, "?#")
	if cut < 0 {
		cut = len(rest)
	}
	return repairPart(rest[:cut]) + repairPart(rest[cut:])
}

func repairPart(part string) string {
	for n := strings.Count(part, "%"); n > 0 && len(doubleEscape.FindAllStringIndex(part, -1)) == n; {
		part = doubleEscape.ReplaceAllString(part, "%$1")
	}
	var b strings.Builder
	for i := range len(part) {
		b.WriteByte(part[i])
		if part[i] == '%' && !isEscape(part[i:]) {
			b.WriteString("25")
		}
	}
	return b.String()
}
