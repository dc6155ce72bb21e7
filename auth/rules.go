package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
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
	return []rule{
		{name: "alphabet", before: checkAlphabet},
		{name: "header names", before: checkHeaderNames},
		{name: "claim names", before: checkClaimNames},

		{name: "algorithm", option: jwt.WithValidMethods([]string{algorithm})},
		{name: "strict base64", option: jwt.WithStrictDecoding()},
		{name: "expiry", option: jwt.WithExpirationRequired()},
		{name: "issue", option: jwt.WithIssuedAt()},
		{name: "issuer", option: jwt.WithIssuer(s.Issuer)},
		{name: "audience", option: jwt.WithAudience(s.Audience)},

		{name: "type", after: checkType},
		{name: "lifetime", after: checkLifetime},
		{name: "expiry without skew", after: func(_ map[string]any, c *claims) error {
			if c.Expires != nil && s.Now().Unix() >= *c.Expires {
				return errors.New("expired")
			}
			return nil
		}},
		{name: "subject", after: checkSubject},
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
	names, err := memberNames(text, 0)
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
	names, err := memberNames(text, 1)
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

func checkType(header map[string]any, _ *claims) error {
	if header["typ"] != tokenType {
		return errors.New("not an access token")
	}
	return nil
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

func checkSubject(_ map[string]any, c *claims) error {
	if c.Subject == "" || c.Subject != c.Client {
		return errors.New("sub and client_id are not one partner")
	}
	return nil
}

func checkIdentifier(_ map[string]any, c *claims) error {
	if c.ID == "" {
		return errors.New("no jti")
	}
	return nil
}

// memberNames lists the names of the JSON object in a segment of the token, in the order of the text, repeated
// ones too.
func memberNames(text string, segment int) ([]string, error) {
	segments := strings.SplitN(text, ".", segment+2)
	if len(segments) <= segment {
		return nil, errors.New("a segment is missing")
	}
	object, err := base64.RawURLEncoding.DecodeString(segments[segment])
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	var names []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, errors.New("not JSON")
		}
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return nil, errors.New("not JSON")
		}
		names = append(names, name.(string))
	}
	if _, err := d.Token(); err != nil {
		return nil, errors.New("not JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return names, nil
}
