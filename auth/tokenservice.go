package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TokenService is the token endpoint without its HTTP: the client credentials grant (RFC 6749, section 4.4).
type TokenService struct {
	settings   Settings
	issuer     *Issuer
	replays    Replays
	assertions *reader
	key        func(*Partner, *jwt.Token) (any, error) // of an assertion
	nobody     Partner                                 // stands in for an unknown one
}

// Token is the answer of the token endpoint; its token_type is Bearer.
type Token struct {
	AccessToken string
	ExpiresIn   time.Duration // in whole seconds
	Scopes      Scopes        // as granted
	Partner     string        // Partner.ID: whose it is
}

// NewTokenService refuses settings that are not whole. Instances that share partners must share replays.
func NewTokenService(s Settings, replays Replays) (*TokenService, error) {
	s, err := s.complete()
	if err != nil {
		return nil, err
	}
	if replays == nil {
		return nil, errors.New("auth: nobody would know that an assertion was used")
	}
	issuer, err := NewIssuer(s)
	if err != nil {
		return nil, err
	}
	nobody := Partner{SecretHashes: [][]byte{s.Keyring.HashSecret(NewSecret(s.Random))}}
	return &TokenService{s, issuer, replays, newReader(s.Now, assertionRules(s)), keyOf, nobody}, nil
}

// Issuer is who gives the tokens, and the one audience of an assertion.
func (t *TokenService) Issuer() string { return t.settings.Issuer }

// JWKS is the JSON Web Key Set (RFC 7517, RFC 8037) of the public keys of our tokens: those that are still believed, and
// the one that will sign next.
func (t *TokenService) JWKS(ctx context.Context) ([]byte, error) {
	keys, err := t.issuer.keys.current(ctx)
	if err != nil {
		return nil, err
	}
	return keys.jwks(), nil
}

// ClientCredentials gives a token to the partner that shows its secret or signs, for the scopes asked; an empty scope
// asks for all that it has. A refusal is an *OAuthError; any other error is a failure of the store. An unknown partner,
// a revoked one and a wrong secret get one answer, after the same work.
func (t *TokenService) ClientCredentials(ctx context.Context, r TokenRequest) (Token, error) {
	identify := t.bySecret
	if r.Assertion != "" {
		identify = t.byAssertion
	}
	partner, err := identify(ctx, r)
	if err != nil {
		return Token{}, err
	}
	scopes, err := ParseScopes(r.Scope)
	if len(scopes) == 0 {
		scopes = partner.Scopes
	}
	if err != nil || len(scopes) == 0 || !scopes.within(partner.Scopes) {
		return Token{}, &OAuthError{Code: invalidScope, Description: "scope inconnu, ou que ce partenaire n'a pas", Err: err}
	}
	token, _, err := t.issuer.Issue(ctx, partner, scopes, r.Behalf)
	return Token{token, t.settings.Lifetime.Truncate(time.Second), scopes, partner.ID}, err
}

// bySecret finds the partner that knows its secret.
func (t *TokenService) bySecret(ctx context.Context, r TokenRequest) (Partner, error) {
	partner, err := t.settings.Partners.Partner(ctx, r.ClientID)
	switch {
	case errors.Is(err, ErrUnknownPartner):
		partner = t.nobody
	case err != nil:
		return Partner{}, fmt.Errorf("auth: partners: %w", err)
	}
	known := t.settings.Keyring.checkSecrets(partner.SecretHashes, r.Secret)
	if !known || err != nil || partner.Revoked(t.settings.Now()) {
		return Partner{}, &OAuthError{Code: invalidClient, Description: "client_id ou client_secret incorrect", Err: err}
	}
	return partner, nil
}
