package ledger

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
)

// sealer encrypts what must not be read off the disk: AES-256-GCM, the row's own name bound in, so that a value
// moved to another row does not open.
type sealer struct {
	aeads []cipher.AEAD // the first seals; all open
}

func newSealer(keys [][]byte) (*sealer, error) {
	if len(keys) == 0 {
		return nil, errors.New("ledger: no key to seal personal data with")
	}
	s := &sealer{}
	for _, k := range keys {
		if len(k) != 32 {
			return nil, errors.New("ledger: a key is not of 32 bytes")
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		s.aeads = append(s.aeads, aead)
	}
	return s, nil
}

func (s *sealer) seal(row string, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return s.aeads[0].Seal(nil, nil, text, []byte(row)), nil // #nosec G407 -- it draws its nonce itself
}

// current reports whether a value was sealed with the key that seals now.
func (s *sealer) current(row string, sealed []byte) bool {
	_, err := s.aeads[0].Open(nil, nil, sealed, []byte(row))
	return err == nil
}

// again seals with the current key what any of the keys has sealed.
func (s *sealer) again(row string, sealed []byte) ([]byte, error) {
	var text json.RawMessage
	if err := s.open(row, sealed, &text); err != nil {
		return nil, err
	}
	return s.seal(row, text)
}

func (s *sealer) open(row string, sealed []byte, into any) error {
	for _, aead := range s.aeads {
		if text, err := aead.Open(nil, nil, sealed, []byte(row)); err == nil {
			return json.Unmarshal(text, into)
		}
	}
	return fmt.Errorf("ledger: %s: no key opens it", row)
}
