package auth

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The header of our tokens: this algorithm, this type (RFC 9068, section 2.1), and the kid of the key.
const (
	algorithm = "EdDSA"
	tokenType = "at+jwt"
)

// Issuer makes access tokens.
type Issuer struct {
	settings Settings
	keys     *signingKeys
}

// NewIssuer refuses settings that are not whole.
func NewIssuer(s Settings) (*Issuer, error) {
	s, err := s.complete()
	if err != nil {
		return nil, err
	}
	return &Issuer{s, newSigningKeys(s)}, nil
}

// Issue makes a token that lets p use scopes until expires, for whom b says. Scopes that p does not have are ErrScope.
func (i *Issuer) Issue(ctx context.Context, p Partner, scopes Scopes, b Behalf) (token string, expires time.Time, err error) {
	if p.ID == "" {
		return "", time.Time{}, errors.New("auth: a partner without an ID")
	}
	if !scopes.within(p.Scopes) {
		return "", time.Time{}, fmt.Errorf("%w to %s", ErrScope, p.ID)
	}
	if err := b.check(); err != nil {
		return "", time.Time{}, fmt.Errorf("auth: issue: %w", err)
	}
	keys, err := i.keys.current(ctx)
	if err != nil {
		return "", time.Time{}, err
	}
	id := make([]byte, 16)
	if _, err := io.ReadFull(i.settings.Random, id); err != nil {
		return "", time.Time{}, fmt.Errorf("auth: no randomness: %w", err)
	}
	now := i.settings.Now()
	issued := now.Unix()
	end := issued + int64(i.settings.Lifetime/time.Second)
	key := keys.signing(now)
	c := &claims{
		Issuer:   i.settings.Issuer,
		Audience: i.settings.Audience,
		Subject:  cmp.Or(b.Person, p.ID),
		Client:   p.ID,
		IssuedAt: &issued,
		Expires:  &end,
		ID:       base64.RawURLEncoding.EncodeToString(id),
		Scope:    scopes.String(),
	}
	if b.Prescriber != "" {
		c.Actor = &actor{b.Prescriber}
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	t.Header["typ"] = tokenType
	t.Header["kid"] = key.kid
	token, err = t.SignedString(key.private)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("auth: sign: %w", err)
	}
	return token, time.Unix(end, 0).UTC(), nil
}
