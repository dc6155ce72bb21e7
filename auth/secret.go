package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
)

// secretPrefix lets scanners of source code find a secret that leaked.
const secretPrefix = "prdv_"

// NewSecret makes a partner's secret of 256 random bits. It is shown once and only its hash is kept. It panics if
// random fails.
func NewSecret(random io.Reader) string {
	return secretPrefix + base64.RawURLEncoding.EncodeToString(mustRead(random, 32))
}

// HashSecret is what is kept of a secret: HMAC-SHA-256 with a pepper that the store does not hold. A slow hash
// would add nothing to 256 random bits, and would let anybody keep our processors busy.
func (k *Keyring) HashSecret(secret string) []byte {
	return hashSecret(k.keys[0].pepper, secret)
}

// checkSecrets reports whether one of the hashes is that of secret, under the current master secret or a previous one.
// It takes the same time whatever the answer.
func (k *Keyring) checkSecrets(hashes [][]byte, secret string) bool {
	found := false
	for _, key := range k.keys {
		candidate := hashSecret(key.pepper, secret)
		for _, hash := range hashes {
			if hmac.Equal(candidate, hash) {
				found = true // and go on: where it was found is nobody's business
			}
		}
	}
	return found
}

func hashSecret(pepper []byte, secret string) []byte {
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte(secret))
	return mac.Sum(nil)
}
