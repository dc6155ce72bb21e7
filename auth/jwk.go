package auth

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// publicJWK has its fields in the order that the thumbprint wants (RFC 7638, section 3.2).
type publicJWK struct {
	Curve string `json:"crv"`
	Type  string `json:"kty"`
	X     string `json:"x"`
	Y     string `json:"y,omitempty"` // of a key on P-256
}

func jwkOf(public ed25519.PublicKey) publicJWK {
	return publicJWK{Curve: "Ed25519", Type: "OKP", X: base64.RawURLEncoding.EncodeToString(public)}
}

func (j publicJWK) thumbprint() string {
	sum := sha256.Sum256(mustMarshal(j))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func thumbprint(public ed25519.PublicKey) string { return jwkOf(public).thumbprint() }

// publish writes a JSON Web Key Set (RFC 7517, RFC 8037).
func publish(keys []signatureKey) []byte {
	type published struct {
		publicJWK
		KID string `json:"kid"`
		Use string `json:"use"`
		Alg string `json:"alg"`
	}
	set := struct {
		Keys []published `json:"keys"`
	}{}
	for _, key := range keys {
		set.Keys = append(set.Keys, published{jwkOf(key.public), key.kid, "sig", algorithm})
	}
	return mustMarshal(set)
}

// mustMarshal is for structs of strings, which always marshal.
func mustMarshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
