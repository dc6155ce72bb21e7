package signin

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// A state goes to the provider and comes back: base64url(MAC, 16 random bytes, end, page to go back to). The MAC is over
// the visit too, so that it is worth nothing in another browser. What else the flow needs, the nonce and the verifier,
// follows from both and is kept nowhere.

const (
	stateFor    = 10 * time.Minute // to sign in at the provider
	stateRandom = 16
	stateMAC    = 32
	stateMax    = 1024 // characters
)

// attempt is one way to the provider and back.
type attempt struct {
	state, nonce, verifier string
	back                   string // path of the page to go back to
}

func (d *Desk) attempt(visit, state string) attempt {
	secret := func(of string) string {
		return base64.RawURLEncoding.EncodeToString(keyed(d.Key, of, visit, state))
	}
	return attempt{state: state, nonce: secret("nonce"), verifier: secret("verifier")}
}

// begin makes an attempt.
func (d *Desk) begin(visit, back string) attempt {
	body := append(make([]byte, 0, stateRandom+8+len(back)), randomBytes(d.Random, stateRandom)...)
	body = binary.BigEndian.AppendUint64(body, uint64(d.Now().Add(stateFor).Unix())) // #nosec G115 -- after 1970
	body = append(body, back...)
	a := d.attempt(visit, base64.RawURLEncoding.EncodeToString(append(d.stateMAC(visit, body), body...)))
	a.back = back
	return a
}

// resume reads a state that came back: ErrState for one that was not given to this visit, or whose time is over.
func (d *Desk) resume(visit, state string) (attempt, error) {
	if len(state) > stateMax || !isToken(visit) {
		return attempt{}, ErrState
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(state)
	if err != nil || len(raw) < stateMAC+stateRandom+8 || base64.RawURLEncoding.EncodeToString(raw) != state {
		return attempt{}, ErrState
	}
	mac, body := raw[:stateMAC], raw[stateMAC:]
	if !hmac.Equal(mac, d.stateMAC(visit, body)) {
		return attempt{}, ErrState
	}
	ends := int64(binary.BigEndian.Uint64(body[stateRandom:])) // #nosec G115 -- as it was written
	if d.Now().Unix() >= ends {
		return attempt{}, ErrState
	}
	a := d.attempt(visit, state)
	a.back = string(body[stateRandom+8:])
	return a, nil
}

func (d *Desk) stateMAC(visit string, body []byte) []byte {
	return keyed(d.Key, "state", visit, string(body))
}
