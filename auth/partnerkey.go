package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// The algorithms by which partners sign (RFC 8037, RFC 7518): each key has one.
const (
	EdDSA = "EdDSA" // a key of type OKP on Ed25519
	ES256 = "ES256" // a key of type EC on P-256
)

// PartnerKey is a public key of a partner's: it signs its assertions with the private one, which we never see.
type PartnerKey struct {
	KID string // names it among the keys of its partner
	Alg string // the one algorithm that it is for

	public any // ed25519.PublicKey or *ecdsa.PublicKey
	jwk    publicJWK
}

const (
	maxKeyFile = 4 << 10 // bytes
	maxKID     = 128     // bytes
)

// ErrPrivateKey: the file holds the private part of a key, which its partner must not show to anybody.
var ErrPrivateKey = errors.New("auth: a private key")

// privateMembers are the secrets of a JWK (RFC 7518, section 6).
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// ParsePartnerKey reads one JWK (RFC 7517): OKP on Ed25519 or EC on P-256, public, for signatures. Without kid it is
// named by its thumbprint (RFC 7638). A private key is ErrPrivateKey. The error repeats nothing of the key.
func ParsePartnerKey(text []byte) (PartnerKey, error) {
	if len(text) > maxKeyFile {
		return PartnerKey{}, fmt.Errorf("auth: a key of %d bytes", len(text))
	}
	found, err := members(bytes.TrimSpace(text))
	if err != nil {
		return PartnerKey{}, fmt.Errorf("auth: key: %w", err)
	}
	fields := make(map[string]string, len(found))
	for _, m := range found {
		if slices.Contains(privateMembers, m.name) {
			return PartnerKey{}, ErrPrivateKey
		}
		if _, twice := fields[m.name]; twice {
			return PartnerKey{}, errors.New("auth: a member of the key stands twice")
		}
		switch m.name {
		case "kty", "crv", "x", "y", "kid", "use", "alg":
			var value string
			if json.Unmarshal(m.value, &value) != nil || value == "" {
				return PartnerKey{}, fmt.Errorf("auth: %s of the key is no text", m.name)
			}
			fields[m.name] = value
		case "key_ops":
			if compact := bytes.Join(bytes.Fields(m.value), nil); string(compact) != `["verify"]` {
				return PartnerKey{}, errors.New("auth: the key is not for signatures")
			}
			fields[m.name] = ""
		default: // among them x5u and x5c, which would be another word on whose key it is
			return PartnerKey{}, errors.New("auth: a member that a public key does not need")
		}
	}
	return partnerKeyOf(fields)
}

func partnerKeyOf(f map[string]string) (PartnerKey, error) {
	k := PartnerKey{KID: f["kid"], jwk: publicJWK{Curve: f["crv"], Type: f["kty"], X: f["x"], Y: f["y"]}}
	var err error
	switch {
	case k.jwk.Type == "OKP" && k.jwk.Curve == "Ed25519" && k.jwk.Y == "":
		k.Alg = EdDSA
		k.public, err = k.jwk.ed25519()
	case k.jwk.Type == "EC" && k.jwk.Curve == "P-256":
		k.Alg = ES256
		k.public, err = k.jwk.p256()
	default:
		err = errors.New("auth: a key that is neither Ed25519 nor P-256")
	}
	switch use, alg := f["use"], f["alg"]; {
	case err != nil:
		return PartnerKey{}, err
	case use != "" && use != "sig":
		return PartnerKey{}, errors.New("auth: the key is not for signatures")
	case alg != "" && alg != k.Alg && (alg != "Ed25519" || k.Alg != EdDSA): // the name of RFC 9864
		return PartnerKey{}, errors.New("auth: the key is for another algorithm than its type")
	}
	if k.KID == "" {
		k.KID = k.jwk.thumbprint()
	}
	if len(k.KID) > maxKID {
		return PartnerKey{}, errors.New("auth: a kid that is too long")
	}
	return k, nil
}

func (j publicJWK) ed25519() (ed25519.PublicKey, error) {
	return coordinate(j.X, ed25519.PublicKeySize)
}

func (j publicJWK) p256() (*ecdsa.PublicKey, error) {
	x, errX := coordinate(j.X, 32)
	y, errY := coordinate(j.Y, 32)
	if err := errors.Join(errX, errY); err != nil {
		return nil, err
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, errors.New("auth: a key that is not on its curve")
	}
	return key, nil
}

func coordinate(text string, size int) ([]byte, error) {
	// Written again: even the strict decoder skips line ends, and a key has one thumbprint.
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != size || base64.RawURLEncoding.EncodeToString(b) != text {
		return nil, errors.New("auth: a coordinate of the key is not base64url of its size")
	}
	return b, nil
}

// keptKey is how a key is kept, and what ParsePartnerKey reads again.
type keptKey struct {
	publicJWK
	KID string `json:"kid"`
}

// MarshalJSON writes the key as a JWK.
func (k PartnerKey) MarshalJSON() ([]byte, error) { return json.Marshal(keptKey{k.jwk, k.KID}) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (k *PartnerKey) UnmarshalJSON(text []byte) error {
	var err error
	*k, err = ParsePartnerKey(text)
	return err
}
