package auth

import (
	"errors"
	"strings"
)

// Behalf says for whom a partner calls, by pseudonyms of its own choice that mean nothing elsewhere: no name, no
// address, no telephone. Each may be empty. In a token they are act.sub and sub (RFC 8693, section 4.1); in a token
// request, prescripteur and usager.
type Behalf struct {
	Prescriber string // who acts: the aidant
	Person     string // whom it is for
}

const maxPseudonym = 64

// check refuses what is no pseudonym. The form keeps e-mail addresses and names with a space out; so many digits and
// nothing else would be a telephone or a social security number.
func (b Behalf) check() error {
	for _, p := range []string{b.Prescriber, b.Person} {
		if p != "" && !isPseudonym(p) {
			return errors.New("not a pseudonym")
		}
	}
	return nil
}

// isPseudonym refuses the ID of a partner too: in a token nobody may take one for the other.
func isPseudonym(p string) bool {
	letter := func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
	digit := func(r rune) bool { return '0' <= r && r <= '9' }
	foreign := func(r rune) bool { return !letter(r) && !digit(r) && !strings.ContainsRune("-_.", r) }
	personal := len(p) > 8 && !strings.ContainsFunc(p, letter)
	return p != "" && len(p) <= maxPseudonym && !strings.ContainsFunc(p, foreign) && !personal &&
		!strings.HasPrefix(strings.ToLower(p), partnerPrefix)
}
