package auth

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// maxToken is the longest token or assertion that is looked at, in bytes; they have about 500.
const maxToken = 4 << 10

// reader applies rules to a signed text, to our tokens and to the assertions of partners alike.
type reader struct {
	max    int
	before []func(text string) error
	after  []func(header map[string]any, c *claims) error
	parser *jwt.Parser
}

func newReader(now func() time.Time, rules []rule) *reader {
	r := &reader{max: maxToken}
	options := []jwt.ParserOption{jwt.WithTimeFunc(now), jwt.WithLeeway(skew)}
	for _, rule := range rules {
		switch {
		case rule.option != nil:
			options = append(options, rule.option)
		case rule.before != nil:
			r.before = append(r.before, rule.before)
		case rule.after != nil:
			r.after = append(r.after, rule.after)
		}
	}
	r.parser = jwt.NewParser(options...)
	return r
}

// read gives what a text says once it satisfies every rule and its signature is right by the key that key finds. That
// key has a type of its own (ed25519.PublicKey, *ecdsa.PublicKey): it cannot be taken for the secret of an HMAC.
func (r *reader) read(text string, key jwt.Keyfunc) (*claims, error) {
	if len(text) > r.max {
		return nil, fmt.Errorf("%d bytes", len(text))
	}
	for _, check := range r.before {
		if err := check(text); err != nil {
			return nil, err
		}
	}
	var c claims
	t, err := r.parser.ParseWithClaims(text, &c, key)
	if err != nil {
		return nil, err
	}
	for _, check := range r.after {
		if err := check(t.Header, &c); err != nil {
			return nil, err
		}
	}
	return &c, nil
}
