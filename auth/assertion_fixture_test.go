package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"
)

// The partners that sign.
const (
	signs  = "partenaire_signe"
	other  = "partenaire_autre"
	closed = "partenaire_ferme" // revoked; it has the keys of the first
)

// signatory is a key of a partner's, with its private part.
type signatory struct {
	kid, alg string
	curve    *ecdsa.PrivateKey
	edwards  ed25519.PrivateKey
}

func (s signatory) public(tb testing.TB) PartnerKey {
	tb.Helper()
	jwk := object{"kid": s.kid}
	if s.alg == EdDSA {
		jwk = jwk.with(object{"kty": "OKP", "crv": "Ed25519", "x": encode(string(s.edwards.Public().(ed25519.PublicKey)))})
	} else {
		point, err := s.curve.PublicKey.Bytes()
		if err != nil {
			tb.Fatal(err)
		}
		jwk = jwk.with(object{"kty": "EC", "crv": "P-256", "x": encode(string(point[1:33])), "y": encode(string(point[33:]))})
	}
	k, err := ParsePartnerKey([]byte(jwk.text()))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// signed is an assertion with a right signature, whatever it says.
func (s signatory) signed(header, payload string) string {
	text := encode(header) + "." + encode(payload)
	return text + "." + encode(s.signature(text))
}

func (s signatory) signature(text string) string {
	if s.alg == EdDSA {
		return string(ed25519.Sign(s.edwards, []byte(text)))
	}
	sum := sha256.Sum256([]byte(text))
	return halves(s.curve, sum[:], 32)
}

// halves is r and s, each in so many bytes (RFC 7518, section 3.4).
func halves(key *ecdsa.PrivateKey, sum []byte, size int) string {
	r, s, err := ecdsa.Sign(rand.Reader, key, sum)
	if err != nil {
		panic(err)
	}
	out := make([]byte, 2*size)
	r.FillBytes(out[:size])
	s.FillBytes(out[size:])
	return string(out)
}

func (s signatory) header() object {
	return object{"alg": s.alg, "typ": "client-authentication+jwt", "kid": s.kid}
}

func edwards(kid string, seed byte) signatory {
	return signatory{kid: kid, alg: EdDSA, edwards: ed25519.NewKeyFromSeed(master(seed))}
}

func nist(tb testing.TB, kid string) signatory {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return signatory{kid: kid, alg: ES256, curve: key}
}

// court is a token service whose partners sign.
type court struct {
	*world
	uses    *uses
	service *TokenService
	ed, ec  signatory // of the partner signs
	foreign signatory // of the partner other
}

func newCourt(tb testing.TB) *court {
	tb.Helper()
	c := &court{world: newWorld(tb), uses: newUses(), ed: edwards("ed-1", 20), ec: nist(tb, "ec-1"), foreign: edwards("autre-1", 21)}
	c.uses.now = c.settings.Now
	own := []PartnerKey{c.ed.public(tb), c.ec.public(tb)}
	c.partners[signs] = Partner{ID: signs, Scopes: AllScopes(), Keys: own}
	c.partners[closed] = Partner{ID: closed, Scopes: AllScopes(), Keys: own, RevokedAt: noon.Add(-time.Hour)}
	c.partners[other] = Partner{ID: other, Scopes: AllScopes(), Keys: []PartnerKey{c.foreign.public(tb)}}
	c.service = c.instance(tb)
	return c
}

func (c *court) instance(tb testing.TB) *TokenService {
	tb.Helper()
	s, err := NewTokenService(c.settings, c.uses)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// claim is the payload of a good assertion at noon.
func (c *court) claim() object {
	return object{
		"iss": signs, "sub": signs, "aud": c.settings.Issuer, "jti": "J1",
		"iat": noon.Unix(), "exp": noon.Add(45 * time.Second).Unix(),
	}
}

// ask shows an assertion.
func (c *court) ask(tb testing.TB, s *TokenService, assertion string) (Token, error) {
	return s.ClientCredentials(tb.Context(), TokenRequest{Assertion: assertion, Scope: "lieux:lire"})
}

func decode(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
