package auth

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"sync/atomic"
	"time"
)

// signingKeys is the keys of our tokens at each instant. It asks the store for the rotations once in ten seconds.
type signingKeys struct {
	settings Settings
	last     atomic.Pointer[aged[*keySet]]
}

// keySet is the generations that were not retired when it was made.
type keySet struct {
	terms []Term
	keys  [][]signatureKey // of each term; that of the current master secret first
}

func newSigningKeys(s Settings) *signingKeys { return &signingKeys{settings: s} }

// current is the set of now, or of ten seconds ago at most. Nobody waits for what another asks the store.
func (k *signingKeys) current(ctx context.Context) (*keySet, error) {
	now := k.settings.Now()
	if last := k.last.Load(); last != nil && last.fresh(now) {
		return last.value, nil
	}
	list, err := k.settings.Generations.Generations(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: generations: %w", err)
	}
	set := &keySet{}
	for _, t := range Terms(list) {
		if !t.Retired(now) {
			set.terms, set.keys = append(set.terms, t), append(set.keys, k.settings.Keyring.signatures(t.Number))
		}
	}
	k.last.Store(&aged[*keySet]{set, now})
	return set, nil
}

// signing is the key that signs at the instant now: of the last generation whose time has come.
func (s *keySet) signing(now time.Time) signatureKey {
	found := s.keys[0][0]
	for i, t := range s.terms {
		if t.Signs(now) {
			found = s.keys[i][0]
		}
	}
	return found
}

// public finds a verification key by its kid, exactly.
func (s *keySet) public(kid string) (ed25519.PublicKey, bool) {
	for _, generation := range s.keys {
		for _, key := range generation {
			if key.kid == kid {
				return key.public, true
			}
		}
	}
	return nil, false
}

// jwks publishes every key that is believed, and the one that will sign next.
func (s *keySet) jwks() []byte {
	var all []signatureKey
	for _, generation := range s.keys {
		all = append(all, generation...)
	}
	return publish(all)
}
