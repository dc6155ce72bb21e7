package auth

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// claims is the payload of our access tokens (RFC 9068, section 2.2). Types are narrow on purpose: an audience in
// a list, or a date with a fraction, is not ours.
type claims struct {
	Issuer    string `json:"iss"`
	Audience  string `json:"aud"`
	Subject   string `json:"sub"`
	Client    string `json:"client_id"`
	IssuedAt  *int64 `json:"iat"` // Unix seconds
	Expires   *int64 `json:"exp"` // Unix seconds
	NotBefore *int64 `json:"nbf,omitempty"`
	ID        string `json:"jti"`
	Scope     string `json:"scope"`
}

// These six make it a jwt.Claims.

func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.Expires), nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return date(c.IssuedAt), nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return date(c.NotBefore), nil }
func (c *claims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return jwt.ClaimStrings{c.Audience}, nil }

func date(seconds *int64) *jwt.NumericDate {
	if seconds == nil {
		return nil
	}
	return &jwt.NumericDate{Time: time.Unix(*seconds, 0)}
}
