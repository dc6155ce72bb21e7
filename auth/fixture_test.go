package auth

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// noon is the instant of most tests.
var noon = time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)

// world is everything that a token needs, with a clock that the test moves.
type world struct {
	now      time.Time
	partners map[string]Partner
	failure  error // of the store
	asked    int   // how often the store was asked
	settings Settings

	rotations []Generation
}

// Generations implements Generations.
func (w *world) Generations(context.Context) ([]Generation, error) { return w.rotations, w.failure }

// key is the first key of the current master secret, previousKey that of the one before.
func (w *world) key() signatureKey         { return w.settings.Keyring.signatures(0)[0] }
func (w *world) previousKey() signatureKey { return w.settings.Keyring.signatures(0)[1] }

func (w *world) Partner(_ context.Context, id string) (Partner, error) {
	w.asked++
	if w.failure != nil {
		return Partner{}, w.failure
	}
	p, ok := w.partners[id]
	if !ok {
		return Partner{}, ErrUnknownPartner
	}
	return p, nil
}

// The partners of the fixture.
const (
	alpha   = "partenaire_alpha"
	revoked = "partenaire_revoque"
	late    = "partenaire_tardif" // accepts nothing issued before noon and a minute
)

func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{now: noon, partners: map[string]Partner{
		alpha:   {ID: alpha, Scopes: AllScopes()},
		revoked: {ID: revoked, Scopes: AllScopes(), RevokedAt: noon.Add(-time.Hour)},
		late:    {ID: late, Scopes: AllScopes(), NotBefore: noon.Add(time.Minute)},
	}}
	w.settings = Settings{
		Keyring:     mustKeyring(tb, master(1), master(2)),
		Generations: w,
		Partners:    w,
		Issuer:      "https://passerelle.example",
		Audience:    "https://passerelle.example/v1",
		Now:         func() time.Time { return w.now },
		Random:      rand.NewChaCha8([32]byte{7}),
	}
	return w
}

func (w *world) verifier(tb testing.TB) *Verifier {
	tb.Helper()
	v, err := NewVerifier(w.settings)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func (w *world) issue(tb testing.TB, partner string, scopes ...Scope) string {
	tb.Helper()
	i, err := NewIssuer(w.settings)
	if err != nil {
		tb.Fatal(err)
	}
	token, _, err := i.Issue(tb.Context(), w.partners[partner], scopes, Behalf{})
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

func master(n byte) []byte { return []byte(strings.Repeat(string(rune('a'+n)), MinMaster)) }

func mustKeyring(tb testing.TB, current []byte, previous ...[]byte) *Keyring {
	tb.Helper()
	k, err := NewKeyring(current, previous...)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// object is a header or a payload; a nil value takes the member out.
type object map[string]any

func (o object) with(changes object) object {
	changed := maps.Clone(o)
	for name, value := range changes {
		if value == nil {
			delete(changed, name)
			continue
		}
		changed[name] = value
	}
	return changed
}

func (o object) text() string {
	text, err := json.Marshal(map[string]any(o))
	if err != nil {
		panic(err)
	}
	return string(text)
}

// header and payload are those of a good token at noon.
func (w *world) header() object {
	return object{"alg": algorithm, "typ": tokenType, "kid": w.key().kid}
}

func (w *world) payload() object {
	return object{
		"iss": w.settings.Issuer, "aud": w.settings.Audience, "sub": alpha, "client_id": alpha,
		"iat": noon.Unix(), "exp": noon.Add(5 * time.Minute).Unix(), "jti": "AAAA", "scope": "lieux:lire",
	}
}

// signed is a token with a right signature by our current key, whatever it says.
func (w *world) signed(header, payload string) string {
	return signedBy(w.key().private, header, payload)
}

func signedBy(key ed25519.PrivateKey, header, payload string) string {
	text := encode(header) + "." + encode(payload)
	return text + "." + encode(string(ed25519.Sign(key, []byte(text))))
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
