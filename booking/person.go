package booking

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"unicode"
)

// person is by what somebody is recognised within a partner.
func (s *Service) person(partner string, b Beneficiary, again bool) Person {
	return Person{Digest: s.personDigest(partner, b), Subject: s.subject(partner, b.Reference), Again: again}
}

// subject is by what all that is kept of a person is found: the partner's own name of her. Nil when it gave none.
func (s *Service) subject(partner, reference string) []byte {
	if reference == "" {
		return nil
	}
	mac := hmac.New(sha256.New, s.PersonKey)
	mac.Write([]byte(partner + "\x00subject\x00" + reference))
	return mac.Sum(nil)
}

// personDigest is by what two appointments of one partner are seen to be the same person's: the partner's own name of
// her, or else name and telephone. Nil when neither is given: a name alone is too many people's. It is keyed and holds
// the partner, so that it says nothing outside of the ledger and is never the same for two partners.
func (s *Service) personDigest(partner string, b Beneficiary) []byte {
	text := "reference\x00" + b.Reference
	if b.Reference == "" {
		if b.Phone == "" {
			return nil
		}
		text = "nom\x00" + folded(b.FirstName) + "\x00" + folded(b.LastName) + "\x00" + string(b.Phone)
	}
	mac := hmac.New(sha256.New, s.PersonKey)
	mac.Write([]byte(partner + "\x00" + text))
	return mac.Sum(nil)
}

// folded is a name without what people write now and then: capitals, blanks, hyphens, apostrophes.
func folded(name Name) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, string(name))
}

// FullName is a person's name in one line.
func FullName(first, last Name) string { return OneLine(string(first) + " " + string(last)) }

// Called is how a person is called: by her name, or, where the partner keeps that to itself, by its reference of her. It is
// empty where nobody has said who she is: a place's own page asks her.
func (b Beneficiary) Called() string {
	if name := FullName(b.FirstName, b.LastName); name != "" || b.Reference == "" {
		return name
	}
	return "la personne de référence " + OneLine(b.Reference)
}
