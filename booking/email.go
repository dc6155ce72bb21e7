package booking

import (
	"net/mail"
	"strings"
)

// ParseEmail reads a bare address (RFC 5322 addr-spec) whose domain has a dot: what somebody was given to write to, not a
// name with an address behind it. False if it is none.
func ParseEmail(s string) (Email, bool) {
	a, err := mail.ParseAddress(s)
	ok := err == nil && a.Address == s && !strings.ContainsFunc(s, Hidden) && strings.Contains(s[strings.LastIndex(s, "@")+1:], ".")
	return Email(s), ok
}
