package auth

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// MaxLifetime is how long a token lives at most.
const MaxLifetime = 5 * time.Minute

// Settings is what giving tokens and verifying them must agree on. Every field but Lifetime is required: an empty
// issuer or audience would mean that anybody's token will do.
type Settings struct {
	Keyring     *Keyring
	Generations Generations // of the key that signs
	Partners    Partners
	Issuer      string        // iss: the public address of the gateway
	Audience    string        // aud: the API that the tokens open
	Lifetime    time.Duration // of a token, in whole seconds; zero means MaxLifetime
	Now         func() time.Time
	Random      io.Reader
}

// complete checks the settings and fills in the lifetime.
func (s Settings) complete() (Settings, error) {
	if s.Lifetime == 0 {
		s.Lifetime = MaxLifetime
	}
	switch {
	case s.Keyring == nil, s.Generations == nil, s.Partners == nil, s.Now == nil, s.Random == nil:
		return s, errors.New("auth: keyring, generations, partners, clock and randomness are all required")
	case s.Issuer == "":
		return s, errors.New("auth: the issuer is empty")
	case s.Audience == "":
		return s, errors.New("auth: the audience is empty")
	case s.Lifetime < time.Second || s.Lifetime > MaxLifetime:
		return s, fmt.Errorf("auth: a lifetime of %s is not between 1s and %s", s.Lifetime, MaxLifetime)
	}
	return s, nil
}
