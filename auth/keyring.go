package auth

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MinMaster is the least length of a master secret, in bytes.
const MinMaster = 32

const keyLength = 32

// Keyring is every key of the program, derived from a master secret and from those that it replaced: the current
// one signs and hashes, the previous ones still verify. It prints as [redacted].
type Keyring struct {
	keys []masterKeys // current first
	jwks []byte
}

// masterKeys is what one master secret gives.
type masterKeys struct {
	master  []byte
	kid     string // RFC 7638 thumbprint of the public key
	private ed25519.PrivateKey
	public  ed25519.PublicKey
	pepper  []byte // of the partners' secrets
}

// NewKeyring derives the keys. Every master secret has at least MinMaster bytes and stands once.
func NewKeyring(current []byte, previous ...[]byte) (*Keyring, error) {
	k := &Keyring{}
	for _, master := range append([][]byte{current}, previous...) {
		if len(master) < MinMaster {
			return nil, fmt.Errorf("auth: a master secret has %d bytes, at least %d are needed", len(master), MinMaster)
		}
		for _, other := range k.keys {
			if bytes.Equal(other.master, master) {
				return nil, errors.New("auth: the same master secret stands twice")
			}
		}
		k.keys = append(k.keys, deriveKeys(bytes.Clone(master)))
	}
	k.jwks = publish(k.keys)
	return k, nil
}

func deriveKeys(master []byte) masterKeys {
	private := ed25519.NewKeyFromSeed(derive(master, "auth", "token signature"))
	public := private.Public().(ed25519.PublicKey)
	return masterKeys{
		master:  master,
		kid:     thumbprint(public),
		private: private,
		public:  public,
		pepper:  derive(master, "auth", "partner secret"),
	}
}

// derive is HKDF-SHA-256 (RFC 5869). The owner keeps the labels of other rooms apart from those of this one.
func derive(master []byte, owner, label string) []byte {
	key, err := hkdf.Key(sha256.New, master, nil, "passerelle/1/"+owner+"/"+label, keyLength)
	if err != nil {
		panic(err) // only for a length that HKDF cannot give
	}
	return key
}

// Derive gives another room its own keys of 32 bytes for a purpose that label names: that of the current master
// secret first, to write with, then those of the previous ones, to read what was written before.
func (k *Keyring) Derive(label string) [][]byte {
	derived := make([][]byte, len(k.keys))
	for i, key := range k.keys {
		derived[i] = derive(key.master, "room", label)
	}
	return derived
}

// JWKS is the JSON Web Key Set (RFC 7517, RFC 8037) of all public keys, for /.well-known/jwks.json.
func (k *Keyring) JWKS() []byte { return bytes.Clone(k.jwks) }

// Format keeps the keys out of whatever is printed.
func (k *Keyring) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[redacted]") }

// signing is the key that signs.
func (k *Keyring) signing() masterKeys { return k.keys[0] }

// public finds a verification key by its kid, exactly.
func (k *Keyring) public(kid string) (ed25519.PublicKey, bool) {
	for _, key := range k.keys {
		if key.kid == kid {
			return key.public, true
		}
	}
	return nil, false
}

// publicJWK has its fields in the order that the thumbprint wants (RFC 7638, section 3.2).
type publicJWK struct {
	Curve string `json:"crv"`
	Type  string `json:"kty"`
	X     string `json:"x"`
}

func jwkOf(public ed25519.PublicKey) publicJWK {
	return publicJWK{Curve: "Ed25519", Type: "OKP", X: base64.RawURLEncoding.EncodeToString(public)}
}

func thumbprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256(mustMarshal(jwkOf(public)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func publish(keys []masterKeys) []byte {
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
