package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// assertionType is the client_assertion_type of a signed assertion (RFC 7523, section 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

const (
	maxAhead      = time.Minute         // how far ahead exp may be
	rememberedFor = maxAhead + 2*skew   // an assertion ends by then on every instance
	replayPrefix  = "assertion/"        // of the ids in the store
	unavailable   = "reessayez bientot" // said when the store cannot tell
)

// Replays knows the ids that were seen, on every instance.
type Replays interface {
	// Once is true the first time that an id is seen within the ttl. An error says nothing.
	Once(ctx context.Context, id string, ttl time.Duration) (bool, error)
}

// byAssertion finds the partner that signed an assertion (RFC 7523). A refusal is an *OAuthError.
func (t *TokenService) byAssertion(ctx context.Context, r TokenRequest) (Partner, error) {
	var partner Partner
	var failure error // of the store: it says nothing about the assertion
	c, err := t.assertions.read(r.Assertion, func(token *jwt.Token) (any, error) {
		id, _ := token.Claims.GetSubject()
		partner, failure = t.settings.Partners.Partner(ctx, id)
		if failure != nil {
			return nil, failure
		}
		return t.key(&partner, token)
	})
	switch {
	case failure != nil && !errors.Is(failure, ErrUnknownPartner):
		return Partner{}, fmt.Errorf("auth: partners: %w", failure)
	case err == nil && r.ClientID != "" && r.ClientID != partner.ID:
		err = errors.New("client_id is another partner's")
	case err == nil && partner.Revoked(t.settings.Now()):
		err = errors.New("the partner is revoked")
	}
	if err != nil {
		return Partner{}, refusedAssertion(err)
	}
	return partner, t.useUp(ctx, partner.ID, c.ID)
}

// keyOf finds the key of a partner that an assertion names, among no other partner's.
func keyOf(p *Partner, t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	key, found := p.key(kid)
	if !found {
		return nil, errors.New("unknown kid")
	}
	return key.public, nil
}

// useUp lets a jti pass once. While the store cannot tell, nothing passes.
func (t *TokenService) useUp(ctx context.Context, partner, id string) error {
	sum := sha256.Sum256([]byte(partner + "\x00" + id))
	first, err := t.replays.Once(ctx, replayPrefix+base64.RawURLEncoding.EncodeToString(sum[:]), rememberedFor)
	switch {
	case err != nil:
		return &OAuthError{Code: temporarilyUnavailable, Description: unavailable, Err: err}
	case !first:
		return refusedAssertion(errors.New("its jti was used"))
	}
	return nil
}

func refusedAssertion(err error) *OAuthError {
	return &OAuthError{Code: invalidClient, Description: "client_assertion refusee", Err: err}
}
