package auth

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// claims is the payload of our access tokens (RFC 9068, section 2.2) and of the assertions of partners (RFC 7523,
// section 3), which have fewer. Types are narrow on purpose: an audience in a list, or a date with a fraction, is
// refused.
type claims struct {
	Issuer    string `json:"iss"`
	Audience  string `json:"aud"`
	Subject   string `json:"sub"`
	Actor     *actor `json:"act,omitempty"`
	Client    string `json:"client_id"`
	IssuedAt  *int64 `json:"iat"` // Unix seconds
	Expires   *int64 `json:"exp"` // Unix seconds
	NotBefore *int64 `json:"nbf,omitempty"`
	ID        string `json:"jti"`
	Scope     string `json:"scope"`
}

// actor is who acts (RFC 8693, section 4.1).
type actor struct {
	Subject string `json:"sub"`
}

// These six make it a jwt.Claims.

func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.Expires), nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return date(c.IssuedAt), nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return date(c.NotBefore), nil }
func (c *claims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return jwt.ClaimStrings{c.Audience}, nil }

// behalf is for whom a token was given.
func (c *claims) behalf() Behalf {
	var b Behalf
	if c.Subject != c.Client {
		b.Person = c.Subject
	}
	if c.Actor != nil {
		b.Prescriber = c.Actor.Subject
	}
	return b
}

func date(seconds *int64) *jwt.NumericDate {
	if seconds == nil {
		return nil
	}
	return &jwt.NumericDate{Time: time.Unix(*seconds, 0)}
}
