package auth

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// skew is how far the clocks of two instances may be apart: a token may seem to be issued that much in the
// future. It never lengthens the life of a token.
const skew = 5 * time.Second

// rule is one thing that a token must satisfy. It has one of the three: an option of the parser, a check of the
// text before anything is believed, or a check of the content once the signature is known to be right.
type rule struct {
	name   string
	option jwt.ParserOption
	before func(text string) error
	after  func(header map[string]any, c *claims) error
}

// rules lists what a token must satisfy besides its size and its key (RFC 8725, RFC 9068). None is there for
// show: the tests take out each in turn, and a forged token passes.
func rules(s Settings) []rule {
	return append(common(s), []rule{
		{name: "actor names", before: checkActorNames},
		{name: "algorithm", option: jwt.WithValidMethods([]string{algorithm})},
		{name: "issuer", option: jwt.WithIssuer(s.Issuer)},
		{name: "audience", option: jwt.WithAudience(s.Audience)},
		{name: "type", after: checkType(tokenType)},
		{name: "lifetime", after: checkLifetime},
		{name: "subject", after: checkSubject},
		{name: "pseudonym of the actor", after: checkActor},
	}...)
}

// assertionRules lists what the assertion of a partner must satisfy besides its size, its key and its only use (RFC
// 7523, section 3, with the audience of rfc7523bis: our issuer and nothing else, because an assertion made for another
// server that passes itself off as us must be worth nothing here).
func assertionRules(s Settings) []rule {
	return append(common(s), []rule{
		{name: "algorithm", option: jwt.WithValidMethods([]string{EdDSA, ES256})},
		{name: "audience", option: jwt.WithAudience(s.Issuer)},
		{name: "type", after: checkType("client-authentication+jwt", "JWT")},
		{name: "lifetime", after: func(_ map[string]any, c *claims) error {
			if c.Expires != nil && *c.Expires-s.Now().Unix() > int64(maxAhead/time.Second) {
				return errors.New("it lives too long")
			}
			return nil
		}},
		{name: "subject", after: func(_ map[string]any, c *claims) error {
			if c.Subject == "" || c.Subject != c.Issuer {
				return errors.New("iss and sub are not one partner")
			}
			return nil
		}},
	}...)
}

// common lists what every signed text must satisfy.
func common(s Settings) []rule {
	return []rule{
		{name: "alphabet", before: checkAlphabet},
		{name: "header names", before: checkHeaderNames},
		{name: "claim names", before: checkClaimNames},
		{name: "strict base64", option: jwt.WithStrictDecoding()},
		{name: "expiry", option: jwt.WithExpirationRequired()},
		{name: "issue", option: jwt.WithIssuedAt()},
		{name: "expiry without skew", after: func(_ map[string]any, c *claims) error {
			if c.Expires != nil && s.Now().Unix() >= *c.Expires {
				return errors.New("expired")
			}
			return nil
		}},
		{name: "identifier", after: checkIdentifier},
	}
}

// checkAlphabet: even the strict base64 decoder of the standard library skips line ends, so that a token would
// have many spellings.
func checkAlphabet(text string) error {
	foreign := func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && r != '-' && r != '_' && r != '.'
	}
	if strings.ContainsFunc(text, foreign) {
		return errors.New("a character that no token has")
	}
	return nil
}

// checkHeaderNames: our header has three members. That leaves no room for crit, b64, cty or zip, nor for a key
// that the token brings itself (jwk, jku, x5c, x5u).
func checkHeaderNames(text string) error {
	names, err := namesIn(text, 0)
	if err != nil {
		return err
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"alg", "kid", "typ"}) {
		return errors.New("the header has other members than alg, kid and typ")
	}
	return nil
}

// checkClaimNames: of two members with one name, one reader takes the first and another the last; and the JSON
// of the standard library takes EXP for exp.
func checkClaimNames(text string) error {
	names, err := namesIn(text, 1)
	if err != nil {
		return err
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(names) {
		return errors.New("a claim stands twice")
	}
	foreign := func(r rune) bool { return (r < 'a' || 'z' < r) && (r < '0' || '9' < r) && r != '_' }
	if slices.ContainsFunc(names, func(name string) bool { return strings.ContainsFunc(name, foreign) }) {
		return errors.New("a claim is not in small letters")
	}
	return nil
}

// checkActorNames: an act holds one sub and nothing else. A chain of actors would be history (RFC 8693, section 4.1),
// and we have none.
func checkActorNames(text string) error {
	payload, err := segment(text, 1)
	if err != nil {
		return err
	}
	claims, err := members(payload)
	if err != nil {
		return err
	}
	for _, c := range claims {
		if c.name != "act" {
			continue
		}
		inner, err := members(c.value)
		if err != nil {
			return err
		}
		if len(inner) != 1 || inner[0].name != "sub" {
			return errors.New("act has other members than sub")
		}
	}
	return nil
}

func checkType(types ...string) func(map[string]any, *claims) error {
	return func(header map[string]any, _ *claims) error {
		if typ, ok := header["typ"].(string); !ok || !slices.Contains(types, typ) {
			return errors.New("another type of token")
		}
		return nil
	}
}

// checkLifetime leaves a token without exp to the rule "expiry". The order of its tests keeps the subtraction
// from overflowing.
func checkLifetime(_ map[string]any, c *claims) error {
	switch {
	case c.IssuedAt == nil || *c.IssuedAt <= 0:
		return errors.New("no date of issue")
	case c.Expires == nil:
		return nil
	case *c.Expires <= *c.IssuedAt || *c.Expires-*c.IssuedAt > int64(MaxLifetime/time.Second):
		return errors.New("a lifetime that we never give")
	}
	return nil
}

// checkSubject: sub is the partner itself, or the pseudonym of a person, which no ID of a partner is.
func checkSubject(_ map[string]any, c *claims) error {
	if c.Client == "" || c.Subject != c.Client && !isPseudonym(c.Subject) {
		return errors.New("sub is neither the partner nor a pseudonym")
	}
	return nil
}

func checkActor(_ map[string]any, c *claims) error {
	if c.Actor != nil && !isPseudonym(c.Actor.Subject) {
		return errors.New("act names nobody by a pseudonym")
	}
	return nil
}

func checkIdentifier(_ map[string]any, c *claims) error {
	if c.ID == "" {
		return errors.New("no jti")
	}
	return nil
}
