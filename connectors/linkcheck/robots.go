package linkcheck

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Agent is the product token that robots.txt is read for: the first word of the User-Agent of package egress.
const Agent = "Passerelle-RDV"

const (
	longestRobots = 500 << 10        // bytes that are read of a robots.txt (RFC 9309 §2.5)
	longestPause  = 30 * time.Second // what Crawl-delay may ask for at most
)

// robots are the rules of a robots.txt (RFC 9309) that are for one agent. The zero value allows everything.
type robots struct {
	rules []rule
	pause time.Duration // Crawl-delay, which the RFC does not have; zero where there is none
}

// rule is a line Allow or Disallow. Its texts are in normal form; "*" stands for anything.
type rule struct {
	allow    bool
	pattern  string
	inQuery  string // the pattern with the delimiters of its query encoded (see encodeQuery)
	anchored bool   // it ended in "$"
}

// parseRobots reads the groups that are for agent, all of them together; those for "*" where none names the agent
// (§2.2.1). Lines that are no record, and records it does not know, are as if they were not there.
func parseRobots(text, agent string) robots {
	if len(text) > longestRobots {
		text = text[:longestRobots]
		text = text[:strings.LastIndexAny(text, "\r\n")+1] // half a rule is another rule
	}
	var ours, everybodys robots
	var named, forUs, forAll, ruled bool // ruled: the group has a rule, so that a user-agent line starts another
	for line := range strings.FieldsFuncSeq(strings.TrimPrefix(text, "\ufeff"), func(c rune) bool { return c == '\n' || c == '\r' }) {
		line, _, _ = strings.Cut(line, "#")
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.Trim(value, " \t")
		switch strings.ToLower(strings.Trim(key, " \t")) {
		case "user-agent":
			if ruled {
				forUs, forAll, ruled = false, false, false
			}
			forUs = forUs || strings.EqualFold(productToken(value), agent)
			forAll = forAll || value == "*" || strings.HasPrefix(value, "* ")
			named = named || forUs
		case "allow":
			ruled = true
			ours.add(forUs, true, value)
			everybodys.add(forAll, true, value)
		case "disallow":
			ruled = true
			ours.add(forUs, false, value)
			everybodys.add(forAll, false, value)
		case "crawl-delay":
			ours.slow(forUs, value)
			everybodys.slow(forAll, value)
		}
	}
	if named {
		return ours
	}
	return everybodys
}

// productToken is the start of a value that can be a product token.
func productToken(value string) string {
	end := strings.IndexFunc(value, func(c rune) bool { return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_') })
	if end < 0 {
		return value
	}
	return value[:end]
}

// add adds a rule if it is meant; an empty one means nothing.
func (r *robots) add(meant, allow bool, value string) {
	if !meant || value == "" {
		return
	}
	value, anchored := strings.CutSuffix(value, "$")
	pattern := normal(value, true)
	r.rules = append(r.rules, rule{allow: allow, pattern: pattern, inQuery: encodeQuery(pattern), anchored: anchored})
}

func (r *robots) slow(meant bool, value string) {
	seconds, err := strconv.ParseFloat(value, 64)
	if meant && err == nil && seconds > 0 {
		r.pause = max(r.pause, time.Duration(min(seconds, longestPause.Seconds())*float64(time.Second)))
	}
}

// allowed reports whether u may be asked for: the longest rule that matches decides, Allow wins a tie, no rule
// allows (§2.2.2). The robots.txt itself always may.
func (r robots) allowed(u *url.URL) bool {
	raw := u.EscapedPath()
	if raw == "" {
		raw = "/"
	}
	if u.RawQuery != "" || u.ForceQuery {
		raw += "?" + u.RawQuery
	}
	if raw == "/robots.txt" {
		return true
	}
	path := normal(raw, false)
	inQuery := encodeQuery(path)
	allow, longest := true, -1
	for _, rule := range r.rules {
		length := rule.octets()
		if length < longest || length == longest && !rule.allow {
			continue
		}
		if rule.matches(rule.pattern, path) || rule.matches(rule.inQuery, inQuery) {
			allow, longest = rule.allow, length
		}
	}
	return allow
}

// octets is how particular a rule is.
func (r rule) octets() int {
	if r.anchored {
		return len(r.pattern) + 1
	}
	return len(r.pattern)
}

// matches looks for the pieces between the stars, each as early as it can be; the last one of an anchored pattern is
// the end.
func (r rule) matches(pattern, path string) bool {
	first, others, starred := strings.Cut(pattern, "*")
	rest, ok := strings.CutPrefix(path, first)
	if !starred {
		return ok && (rest == "" || !r.anchored)
	}
	for ok {
		var piece string
		if piece, others, starred = strings.Cut(others, "*"); !starred && r.anchored {
			return strings.HasSuffix(rest, piece)
		}
		at := strings.Index(rest, piece)
		if at < 0 {
			return false
		}
		if rest = rest[at+len(piece):]; !starred {
			return true
		}
	}
	return false
}

const upperHex = "0123456789ABCDEF"

// normal is the one spelling of a path or of a pattern (§2.2.2): escapes in upper case, none around a character that
// needs none, one around every octet that may not stand bare. A bare star is left in a pattern only, and no dollar.
func normal(text string, pattern bool) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c, escaped := text[i], false
		if c == '%' && i+2 < len(text) {
			if octet, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				c, escaped, i = byte(octet), true, i+2
			}
		}
		switch {
		case unreserved(c), !escaped && strings.IndexByte(":/?#[]@!&'()+,;=", c) >= 0, !escaped && c == '*' && pattern:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', upperHex[c>>4], upperHex[c&15]})
		}
	}
	return b.String()
}

// encodeQuery encodes the delimiters after the first question mark: inside a query ":" and "%3A" are one (§2.2.2).
func encodeQuery(text string) string {
	path, query, ok := strings.Cut(text, "?")
	if !ok {
		return text
	}
	return path + "?" + queryDelimiters.Replace(query)
}

var queryDelimiters = strings.NewReplacer(":", "%3A", "/", "%2F", "?", "%3F", "#", "%23", "[", "%5B", "]", "%5D", "@", "%40")

// unreserved are the characters of RFC 3986 §2.3.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
