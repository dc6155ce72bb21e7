package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	maxToken   = 4 << 10          // bytes; ours have about 500
	maxSeen    = 4096             // tokens remembered
	recheckAge = 10 * time.Second // how long a partner that was found valid is taken to be so
)

// Principal is who calls, and what the token lets it do.
type Principal struct {
	Partner string // Partner.ID
	Scopes  Scopes
}

// Has reports whether the scope was granted.
func (p Principal) Has(scope Scope) bool { return p.Scopes.Has(scope) }

// Require returns ErrScope unless the scope was granted.
func (p Principal) Require(scope Scope) error {
	if !p.Has(scope) {
		return fmt.Errorf("%w: %s", ErrScope, scope)
	}
	return nil
}

// Verifier is the one place where a token is verified. It is safe for concurrent use.
type Verifier struct {
	settings Settings
	maxToken int
	before   []func(text string) error
	after    []func(header map[string]any, c *claims) error
	parser   *jwt.Parser
	key      jwt.Keyfunc

	mu   sync.Mutex
	seen map[[sha256.Size]byte]verified
}

// verified is a token whose text needs no second look. Its partner is looked at again and again.
type verified struct {
	partner   string
	scopes    Scopes // of the token
	issued    time.Time
	expires   time.Time
	checked   time.Time // when the partner was found valid
	principal Principal // as it was then
}

// NewVerifier refuses settings that are not whole.
func NewVerifier(s Settings) (*Verifier, error) {
	s, err := s.complete()
	if err != nil {
		return nil, err
	}
	return newVerifier(s, rules(s)), nil
}

func newVerifier(s Settings, rules []rule) *Verifier {
	v := &Verifier{settings: s, maxToken: maxToken, seen: make(map[[sha256.Size]byte]verified)}
	options := []jwt.ParserOption{jwt.WithTimeFunc(s.Now), jwt.WithLeeway(skew)}
	for _, r := range rules {
		switch {
		case r.option != nil:
			options = append(options, r.option)
		case r.before != nil:
			v.before = append(v.before, r.before)
		case r.after != nil:
			v.after = append(v.after, r.after)
		}
	}
	v.parser = jwt.NewParser(options...)
	v.key = func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		if public, ok := s.Keyring.public(kid); ok {
			return public, nil // typed: it cannot be taken for the secret of an HMAC
		}
		return nil, errors.New("unknown kid")
	}
	return v
}

// Verify says who calls with a token. What is wrong with it is ErrInvalidToken; any other error is a failure of
// Partners, and says nothing about the token. A partner that is revoked, or whose NotBefore moves, is refused ten
// seconds later at most.
func (v *Verifier) Verify(ctx context.Context, token string) (Principal, error) {
	if len(token) > v.maxToken {
		return Principal{}, fmt.Errorf("%w: %d bytes", ErrInvalidToken, len(token))
	}
	now, key := v.settings.Now(), sha256.Sum256([]byte(token))
	found, ok := v.recall(key)
	if !ok || !now.Before(found.expires) {
		var err error
		if found, err = v.read(token); err != nil {
			return Principal{}, fmt.Errorf("%w: %w", ErrInvalidToken, err)
		}
	}
	if age := now.Sub(found.checked); age < 0 || age >= recheckAge {
		var err error
		if found.principal, err = v.principal(ctx, found, now); err != nil {
			return Principal{}, err
		}
		found.checked = now
		v.remember(key, found)
	}
	return Principal{found.principal.Partner, slices.Clone(found.principal.Scopes)}, nil
}

// read applies every rule to a token that was not seen before.
func (v *Verifier) read(token string) (verified, error) {
	for _, check := range v.before {
		if err := check(token); err != nil {
			return verified{}, err
		}
	}
	var c claims
	t, err := v.parser.ParseWithClaims(token, &c, v.key)
	if err != nil {
		return verified{}, err
	}
	for _, check := range v.after {
		if err := check(t.Header, &c); err != nil {
			return verified{}, err
		}
	}
	scopes, err := ParseScopes(c.Scope)
	if err != nil {
		return verified{}, err
	}
	found := verified{partner: c.Client, scopes: scopes}
	if c.IssuedAt != nil {
		found.issued = time.Unix(*c.IssuedAt, 0)
	}
	if c.Expires != nil {
		found.expires = time.Unix(*c.Expires, 0)
	}
	return found, nil
}

// principal looks the partner up: a token is worth no more than its partner still is.
func (v *Verifier) principal(ctx context.Context, found verified, now time.Time) (Principal, error) {
	partner, err := v.settings.Partners.Partner(ctx, found.partner)
	switch {
	case errors.Is(err, ErrUnknownPartner):
		return Principal{}, fmt.Errorf("%w: %w", ErrInvalidToken, err)
	case err != nil:
		return Principal{}, fmt.Errorf("auth: partners: %w", err)
	case partner.Revoked(now):
		return Principal{}, fmt.Errorf("%w: partner %s is revoked", ErrInvalidToken, partner.ID)
	case found.issued.Before(partner.NotBefore):
		return Principal{}, fmt.Errorf("%w: issued before what partner %s accepts", ErrInvalidToken, partner.ID)
	}
	return Principal{partner.ID, found.scopes.common(partner.Scopes)}, nil
}

func (v *Verifier) recall(key [sha256.Size]byte) (verified, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	found, ok := v.seen[key]
	return found, ok
}

// remember makes room by forgetting one at random: only valid tokens come here, so that a flood of bad ones forgets
// nothing.
func (v *Verifier) remember(key [sha256.Size]byte, found verified) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, known := v.seen[key]; !known && len(v.seen) >= maxSeen {
		for old := range v.seen {
			delete(v.seen, old)
			break
		}
	}
	v.seen[key] = found
}
