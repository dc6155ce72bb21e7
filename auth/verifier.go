package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const maxSeen = 4096 // tokens remembered

// Principal is who calls, for whom, and what the token lets it do.
type Principal struct {
	Partner string // Partner.ID
	Scopes  Scopes
	Behalf
	Territory Territory // of the partner, as it is now
}

// Has reports whether the scope was granted.
func (p Principal) Has(scope Scope) bool { return p.Scopes.Has(scope) }

// Verifier is the one place where a token is verified. It is safe for concurrent use.
type Verifier struct {
	settings Settings
	reader   *reader
	key      func(*keySet, *jwt.Token) (any, error)
	keys     *signingKeys
	partners Partners
	seen     *bounded[[sha256.Size]byte, verified]
}

// verified is what a token says whose text needs no second look. Its partner is judged at each use.
type verified struct {
	principal Principal // scopes of the token
	issued    time.Time
	expires   time.Time
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
	return &Verifier{
		settings: s,
		reader:   newReader(s.Now, rules),
		key:      ownKey,
		keys:     newSigningKeys(s),
		partners: newRecentPartners(s),
		seen:     newBounded[[sha256.Size]byte, verified](maxSeen),
	}
}

func ownKey(keys *keySet, t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	if public, ok := keys.public(kid); ok {
		return public, nil
	}
	return nil, errors.New("unknown kid")
}

// Verify says who calls with a token. What is wrong with it is ErrInvalidToken; any other error is a failure of the
// store, and says nothing about the token. A partner that is revoked, or whose NotBefore moves, is refused ten
// seconds later at most. A token that is refused is not remembered: a flood of bad ones forgets nothing.
func (v *Verifier) Verify(ctx context.Context, token string) (Principal, error) {
	if len(token) > v.reader.max {
		return Principal{}, fmt.Errorf("%w: %d bytes", ErrInvalidToken, len(token))
	}
	hash := digest(token)
	found, known := v.seen.get(hash)
	if known = known && v.settings.Now().Before(found.expires); !known {
		var err error
		if found, err = v.read(ctx, token); err != nil {
			return Principal{}, err
		}
	}
	p, err := v.judge(ctx, found)
	if err == nil && !known {
		v.seen.set(hash, found)
	}
	return p, err
}

// digest is that of a token, mostly without a copy of it on the heap.
func digest(token string) [sha256.Size]byte {
	var short [1024]byte
	return sha256.Sum256(append(short[:0], token...))
}

// read applies every rule to a token that was not seen before.
func (v *Verifier) read(ctx context.Context, token string) (verified, error) {
	keys, err := v.keys.current(ctx)
	if err != nil {
		return verified{}, err
	}
	c, err := v.reader.read(token, func(t *jwt.Token) (any, error) { return v.key(keys, t) })
	if err != nil {
		return verified{}, fmt.Errorf("%w: %w", ErrInvalidToken, err)
	}
	scopes, err := ParseScopes(c.Scope)
	if err != nil {
		return verified{}, fmt.Errorf("%w: %w", ErrInvalidToken, err)
	}
	found := verified{principal: Principal{Partner: c.Client, Scopes: scopes, Behalf: c.behalf()}}
	if c.IssuedAt != nil {
		found.issued = time.Unix(*c.IssuedAt, 0)
	}
	if c.Expires != nil {
		found.expires = time.Unix(*c.Expires, 0)
	}
	return found, nil
}

// judge looks at the partner: a token is worth no more than its partner still is.
func (v *Verifier) judge(ctx context.Context, found verified) (Principal, error) {
	p := found.principal
	partner, err := v.partners.Partner(ctx, p.Partner)
	switch {
	case errors.Is(err, ErrUnknownPartner):
		return Principal{}, fmt.Errorf("%w: %w", ErrInvalidToken, err)
	case err != nil:
		return Principal{}, fmt.Errorf("auth: partners: %w", err)
	case partner.Revoked(v.settings.Now()):
		return Principal{}, fmt.Errorf("%w: partner %s is revoked", ErrInvalidToken, partner.ID)
	case found.issued.Before(partner.NotBefore):
		return Principal{}, fmt.Errorf("%w: issued before what partner %s accepts", ErrInvalidToken, partner.ID)
	}
	p.Scopes, p.Territory = p.Scopes.common(partner.Scopes), partner.Territory
	return p, nil
}
