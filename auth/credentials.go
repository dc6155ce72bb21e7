package auth

import (
	"errors"
	"slices"
)

// How many a partner may have at a time: one to use and one to come; and a key more, for a platform that has two
// machines with a key each.
const (
	MaxSecrets = 2
	MaxKeys    = 3
)

// Why the credentials of a partner cannot be changed.
var (
	ErrTooMany     = errors.New("auth: the partner has as many as it may have")
	ErrKeyNameUsed = errors.New("auth: the partner has a key of that name")
	ErrNotFound    = errors.New("auth: the partner has no such secret or key")
	ErrLast        = errors.New("auth: the partner would be left without secret and key")
)

// AddSecret adds the hash of a secret.
func (p *Partner) AddSecret(hash []byte) error {
	if len(p.SecretHashes) >= MaxSecrets {
		return ErrTooMany
	}
	p.SecretHashes = append(slices.Clone(p.SecretHashes), hash)
	return nil
}

// RemoveSecret takes out the older secret, or the newer one.
func (p *Partner) RemoveSecret(newer bool) error {
	n := len(p.SecretHashes)
	switch {
	case n == 0:
		return ErrNotFound
	case n == 1 && len(p.Keys) == 0:
		return ErrLast
	case newer:
		p.SecretHashes = slices.Clone(p.SecretHashes[:n-1])
	default:
		p.SecretHashes = slices.Clone(p.SecretHashes[1:])
	}
	return nil
}

// AddKey adds a public key.
func (p *Partner) AddKey(k PartnerKey) error {
	switch _, used := p.key(k.KID); {
	case used:
		return ErrKeyNameUsed
	case len(p.Keys) >= MaxKeys:
		return ErrTooMany
	}
	p.Keys = append(slices.Clone(p.Keys), k)
	return nil
}

// RemoveKey takes out the key of that name.
func (p *Partner) RemoveKey(kid string) error {
	if _, found := p.key(kid); !found {
		return ErrNotFound
	}
	if len(p.Keys) == 1 && len(p.SecretHashes) == 0 {
		return ErrLast
	}
	p.Keys = slices.DeleteFunc(slices.Clone(p.Keys), func(k PartnerKey) bool { return k.KID == kid })
	return nil
}

func (p *Partner) key(kid string) (PartnerKey, bool) {
	i := slices.IndexFunc(p.Keys, func(k PartnerKey) bool { return k.KID == kid })
	if i < 0 {
		return PartnerKey{}, false
	}
	return p.Keys[i], true
}
