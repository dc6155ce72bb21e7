package availability

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// Seal encrypts and authenticates kept readings, for a file or another instance: when an agenda's people are busy is nobody
// else's matter, and nobody else says it.
type Seal struct{ keys []cipher.AEAD }

// NewSeal takes keys of 32 bytes; the first one writes, any of them reads.
func NewSeal(keys ...[]byte) (*Seal, error) {
	if len(keys) == 0 {
		return nil, errors.New("availability: no key for readings")
	}
	s := &Seal{}
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("availability: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("availability: %w", err)
		}
		s.keys = append(s.keys, aead)
	}
	return s, nil
}

// close appends bytes that are about something, sealed; they open as nothing else.
func (s *Seal) close(to []byte, about string, b []byte) []byte {
	return s.keys[0].Seal(to, nil, b, []byte(about)) // #nosec G407 -- it draws its nonce itself
}

func (s *Seal) open(about string, sealed []byte) ([]byte, error) {
	for _, key := range s.keys {
		if b, err := key.Open(nil, nil, sealed, []byte(about)); err == nil {
			return b, nil
		}
	}
	return nil, errors.New("availability: no key opens it")
}
