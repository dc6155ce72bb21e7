package auth

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// kidOf is the key that a token says it is signed by.
func kidOf(t *testing.T, token string) string {
	t.Helper()
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header["kid"].(string)
}

func publishedBy(t *testing.T, s *TokenService) []string {
	t.Helper()
	text, err := s.JWKS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Keys []struct{ KID string }
	}
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	var kids []string
	for _, k := range set.Keys {
		kids = append(kids, k.KID)
	}
	return kids
}

func (w *world) rotate(t *testing.T, delay time.Duration) Generation {
	t.Helper()
	next, err := NextGeneration(w.rotations, w.now, delay)
	if err != nil {
		t.Fatal(err)
	}
	w.rotations = append(w.rotations, next)
	return next
}

// A rotation as a partner sees it that keeps the JWKS: a key is there long before its first signature, and long after
// its last.
func TestAKeyIsPublishedBeforeItSignsAndAfterItHasSigned(t *testing.T) {
	w, s, secrets := service(t)
	old, next := w.settings.Keyring.KID(0), w.settings.Keyring.KID(1)
	token := func() string {
		t.Helper()
		token, err := s.ClientCredentials(t.Context(), TokenRequest{ClientID: alpha, Secret: secrets[0], Scope: "lieux:lire"})
		if err != nil {
			t.Fatal(err)
		}
		return token.AccessToken
	}
	if got := publishedBy(t, s); slices.Contains(got, next) || kidOf(t, token()) != old {
		t.Errorf("before the rotation: %v", got)
	}
	w.rotate(t, 24*time.Hour)
	for _, c := range []struct {
		after     time.Duration
		signer    string
		published []string
		withdrawn bool
	}{
		{maxAge, old, []string{old, next}, false},
		{24*time.Hour - time.Second, old, []string{old, next}, false},
		{24 * time.Hour, next, []string{old, next}, false},
		{24*time.Hour + 2*MaxLifetime, next, []string{old, next}, false},
		{24*time.Hour + overlap + maxAge, next, []string{next}, true},
	} {
		w.now = noon.Add(c.after)
		got := publishedBy(t, s)
		for _, kid := range c.published {
			if !slices.Contains(got, kid) {
				t.Errorf("%s after: %s is not published", c.after, kid)
			}
		}
		if slices.Contains(got, old) == c.withdrawn {
			t.Errorf("%s after: the old key is published: %v", c.after, !c.withdrawn)
		}
		if kid := kidOf(t, token()); kid != c.signer {
			t.Errorf("%s after: %s signs, not %s", c.after, kid, c.signer)
		}
	}
}

// Two instances, whose clocks are apart by as much as is allowed, pass the instant of a rotation with every token
// accepted by both.
func TestInstancesAgreeOnTheKeyThroughARotation(t *testing.T) {
	w := newWorld(t)
	ahead := w.settings
	ahead.Now = func() time.Time { return w.now.Add(skew) }
	var issuers []*Issuer
	var verifiers []*Verifier
	for _, s := range []Settings{w.settings, ahead} {
		i, err := NewIssuer(s)
		if err != nil {
			t.Fatal(err)
		}
		v, err := NewVerifier(s)
		if err != nil {
			t.Fatal(err)
		}
		issuers, verifiers = append(issuers, i), append(verifiers, v)
	}
	check := func() (kids []string) {
		t.Helper()
		for _, i := range issuers {
			token, _, err := i.Issue(t.Context(), w.partners[alpha], Scopes{ReadPlaces}, Behalf{})
			if err != nil {
				t.Fatal(err)
			}
			kids = append(kids, kidOf(t, token))
			for n, v := range verifiers {
				if _, err := v.Verify(t.Context(), token); err != nil {
					t.Errorf("%s: instance %d: %v", w.now, n, err)
				}
			}
		}
		return kids
	}
	check()
	at := w.rotate(t, MinDelay).SignsFrom
	apart := false
	for w.now = noon; w.now.Before(at.Add(time.Minute)); w.now = w.now.Add(time.Second) {
		kids := check()
		apart = apart || kids[0] != kids[1]
	}
	if !apart {
		t.Error("the two were never apart: nothing was tried")
	}
}

// The planted fault: without overlap, a token that was given just before the rotation is refused just after.
func TestTokensOfTheOldKeyLiveToTheirEnd(t *testing.T) {
	w := newWorld(t)
	at := w.rotate(t, time.Hour).SignsFrom
	w.now = at.Add(-time.Second)
	token := w.issue(t, alpha, ReadPlaces)
	for w.now = at; w.now.Before(at.Add(MaxLifetime - 2*time.Second)); w.now = w.now.Add(30 * time.Second) {
		if _, err := w.verifier(t).Verify(t.Context(), token); err != nil {
			t.Fatalf("at %s: %v", w.now, err)
		}
	}
	w.now = at
	v := w.verifier(t)
	keys, err := v.keys.current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys.keys = keys.keys[1:]
	if _, err := v.Verify(t.Context(), token); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("without the old key: %v", err)
	}
}

func TestARetiredKeyIsBelievedNoMore(t *testing.T) {
	w := newWorld(t)
	at := w.rotate(t, time.Hour).SignsFrom
	w.now = at.Add(overlap)
	late := w.now
	old := w.payload().with(object{"iat": late.Unix(), "exp": late.Add(MaxLifetime).Unix()}).text()
	if _, err := w.verifier(t).Verify(t.Context(), w.signed(w.header().text(), old)); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("the key of the generation 0 still signs: %v", err)
	}
	next := w.settings.Keyring.signatures(1)[0]
	if _, err := w.verifier(t).Verify(t.Context(), signedBy(next.private, w.header().with(object{"kid": next.kid}).text(), old)); err != nil {
		t.Error(err)
	}
	after := w.settings.Keyring.signatures(2)[0]
	if _, err := w.verifier(t).Verify(t.Context(), signedBy(after.private, w.header().with(object{"kid": after.kid}).text(), old)); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("a key of no generation signs: %v", err)
	}
}

func TestOneRotationAtATime(t *testing.T) {
	first, err := NextGeneration(nil, noon, DefaultDelay)
	if err != nil || first != (Generation{1, noon, noon.Add(24 * time.Hour)}) {
		t.Fatalf("got %+v, %v", first, err)
	}
	if _, err := NextGeneration([]Generation{first}, noon.Add(24*time.Hour-1), DefaultDelay); !errors.Is(err, ErrRotating) {
		t.Errorf("a second rotation begins before the first has taken effect: %v", err)
	}
	if second, err := NextGeneration([]Generation{first}, noon.Add(24*time.Hour), DefaultDelay); err != nil || second.Number != 2 {
		t.Errorf("got %+v, %v", second, err)
	}
	if _, err := NextGeneration(nil, noon, MinDelay-1); err == nil || !strings.Contains(err.Error(), "less than") {
		t.Errorf("a key signs before every instance knows it: %v", err)
	}
}

func TestTermsFollowEachOther(t *testing.T) {
	list := []Generation{{1, noon, noon.Add(time.Hour)}, {2, noon.Add(48 * time.Hour), noon.Add(72 * time.Hour)}}
	for after := time.Duration(0); after < 80*time.Hour; after += 10 * time.Minute {
		signing := 0
		for _, term := range Terms(list) {
			if term.Signs(noon.Add(after)) {
				signing++
				if term.Retired(noon.Add(after)) {
					t.Errorf("%s: generation %d signs and is retired", after, term.Number)
				}
			}
		}
		if signing != 1 {
			t.Errorf("%s: %d generations sign", after, signing)
		}
	}
}
