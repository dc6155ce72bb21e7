package auth

import (
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
}

// NewIssuer refuses settings that are not whole.
func NewIssuer(s Settings) (*Issuer, error) {
	s, err := s.complete()
	if err != nil {
		return nil, err
	}
	return &Issuer{s}, nil
}

// Issue makes a token that lets p use scopes until expires. Scopes that p does not have are ErrScope.
func (i *Issuer) Issue(p Partner, scopes Scopes) (token string, expires time.Time, err error) {
	if p.ID == "" {
		return "", time.Time{}, errors.New("auth: a partner without an ID")
	}
	if !scopes.within(p.Scopes) {
		return "", time.Time{}, fmt.Errorf("%w to %s", ErrScope, p.ID)
	}
	id := make([]byte, 16)
	if _, err := io.ReadFull(i.settings.Random, id); err != nil {
		return "", time.Time{}, fmt.Errorf("auth: no randomness: %w", err)
	}
	issued := i.settings.Now().Unix()
	end := issued + int64(i.settings.Lifetime/time.Second)
	key := i.settings.Keyring.signing()
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, &claims{
		Issuer:   i.settings.Issuer,
		Audience: i.settings.Audience,
		Subject:  p.ID,
		Client:   p.ID,
		IssuedAt: &issued,
		Expires:  &end,
		ID:       base64.RawURLEncoding.EncodeToString(id),
		Scope:    scopes.String(),
	})
	t.Header["typ"] = tokenType
	t.Header["kid"] = key.kid
	token, err = t.SignedString(key.private)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("auth: sign: %w", err)
	}
	return token, time.Unix(end, 0).UTC(), nil
}
