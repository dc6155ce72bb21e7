package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// TokenService is the token endpoint without its HTTP: the client credentials grant (RFC 6749, section 4.4).
type TokenService struct {
	settings Settings
	issuer   *Issuer
	nobody   Partner // stands in for an unknown one
}

// Token is the answer of the token endpoint; its token_type is Bearer.
type Token struct {
	AccessToken string
	ExpiresIn   time.Duration // in whole seconds
	Scopes      Scopes        // as granted
}

// NewTokenService refuses settings that are not whole.
func NewTokenService(s Settings) (*TokenService, error) {
	s, err := s.complete()
	if err != nil {
		return nil, err
	}
	issuer, err := NewIssuer(s)
	if err != nil {
		return nil, err
	}
	nobody := Partner{SecretHashes: [][]byte{s.Keyring.HashSecret(NewSecret(s.Random))}}
	return &TokenService{settings: s, issuer: issuer, nobody: nobody}, nil
}

// ClientCredentials gives a token to the partner clientID that knows its secret, for the scopes asked; an empty
// scope asks for all that it has. A refusal is an *OAuthError: invalid_client or invalid_scope; any other error is
// a failure of Partners. An unknown partner, a revoked one and a wrong secret get one answer, after the same work.
func (t *TokenService) ClientCredentials(ctx context.Context, clientID, secret, scope string) (Token, error) {
	partner, err := t.settings.Partners.Partner(ctx, clientID)
	switch {
	case errors.Is(err, ErrUnknownPartner):
		partner = t.nobody
	case err != nil:
		return Token{}, fmt.Errorf("auth: partners: %w", err)
	}
	known := t.settings.Keyring.checkSecrets(partner.SecretHashes, secret)
	if !known || err != nil || partner.Revoked(t.settings.Now()) {
		return Token{}, &OAuthError{Code: invalidClient, Description: "client_id ou client_secret incorrect", Err: err}
	}
	scopes, err := ParseScopes(scope)
	if len(scopes) == 0 {
		scopes = partner.Scopes
	}
	if err != nil || len(scopes) == 0 || !scopes.within(partner.Scopes) {
		return Token{}, &OAuthError{Code: invalidScope, Description: "scope inconnu, ou que ce partenaire n'a pas", Err: err}
	}
	token, _, err := t.issuer.Issue(partner, scopes)
	return Token{AccessToken: token, ExpiresIn: t.settings.Lifetime.Truncate(time.Second), Scopes: scopes}, err
}
