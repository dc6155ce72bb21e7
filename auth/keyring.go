package auth

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// MinMaster is the least length of a master secret, in bytes.
const MinMaster = 32

const keyLength = 32

// Keyring is every key of the program, derived from a master secret and from those that it replaced: the current
// one signs and hashes, the previous ones still verify. It prints as [redacted].
type Keyring struct {
	keys []masterKeys // current first
}

// masterKeys is what one master secret gives.
type masterKeys struct {
	master []byte
	pepper []byte // of the partners' secrets
}

// signatureKey signs our tokens.
type signatureKey struct {
	kid     string // RFC 7638 thumbprint of the public key
	private ed25519.PrivateKey
	public  ed25519.PublicKey
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
		master = bytes.Clone(master)
		k.keys = append(k.keys, masterKeys{master, derive(master, "auth", "partner secret")})
	}
	return k, nil
}

// signatures derives the signature keys of a generation: that of the current master secret first.
func (k *Keyring) signatures(generation int) []signatureKey {
	label := "token signature"
	if generation > 0 {
		label += "/" + strconv.Itoa(generation)
	}
	derived := make([]signatureKey, len(k.keys))
	for i, key := range k.keys {
		private := ed25519.NewKeyFromSeed(derive(key.master, "auth", label))
		public := private.Public().(ed25519.PublicKey)
		derived[i] = signatureKey{thumbprint(public), private, public}
	}
	return derived
}

// KID names the key that signs in a generation.
func (k *Keyring) KID(generation int) string { return k.signatures(generation)[0].kid }

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

// Format keeps the keys out of whatever is printed.
func (k *Keyring) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[redacted]") }
