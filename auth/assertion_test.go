package auth

import (
	"context"
	"crypto/elliptic"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The attacks are all made from these: were they refused, the attacks would prove nothing.
func TestAPartnerThatSignsNeedsNoSecret(t *testing.T) {
	for name, say := range map[string]func(*court) string{
		"Ed25519":             func(c *court) string { return c.say(nil) },
		"P-256":               func(c *court) string { return c.ec.signed(c.ec.header().text(), c.claim().text()) },
		"as libraries say it": func(c *court) string { return c.head(object{"typ": "JWT"}) },
		"without iat":         func(c *court) string { return c.say(object{"iat": nil}) },
		"a minute ahead":      func(c *court) string { return c.say(object{"exp": noon.Add(time.Minute).Unix()}) },
		"a clock a little ahead": func(c *court) string {
			return c.say(object{"iat": noon.Add(skew).Unix(), "nbf": noon.Add(skew).Unix()})
		},
		"claims of its own": func(c *court) string { return c.say(object{"session": "x"}) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCourt(t)
			token, err := c.ask(t, c.service, say(c))
			if err != nil || token.Partner != signs || token.Scopes.String() != "lieux:lire" {
				t.Fatalf("got %+v, %v", token, err)
			}
			if p, err := c.verifier(t).Verify(t.Context(), token.AccessToken); err != nil || p.Partner != signs {
				t.Errorf("the token says %+v, %v", p, err)
			}
		})
	}
}

func TestEveryForgedAssertionIsRefused(t *testing.T) {
	c := newCourt(t)
	list := assertionAttacks(t, c)
	if len(list) < 200 {
		t.Errorf("only %d attacks", len(list))
	}
	names := make(map[string]bool)
	for _, a := range list {
		if names[a.name] {
			t.Errorf("two attacks are called %q", a.name)
		}
		names[a.name] = true
		token, err := c.ask(t, c.service, a.token)
		refusal, ok := errors.AsType[*OAuthError](err)
		if !ok || refusal.Code != invalidClient || token.AccessToken != "" {
			t.Errorf("%s: got %+v, error %v", a.name, token, err)
			continue
		}
		if refusal.Description != "client_assertion refusee" || refusal.Status() != http.StatusUnauthorized {
			t.Errorf("%s: what is wrong is told: %q", a.name, refusal.Description)
		}
	}
	if len(c.uses.until) != 0 {
		t.Errorf("refused assertions used up %d ids", len(c.uses.until))
	}
	t.Logf("%d attacks", len(list))
}

// admitted lists the attacks that a service with a fault lets through.
func (c *court) admitted(t *testing.T, list []attack, s *TokenService) []string {
	t.Helper()
	var names []string
	for _, a := range list {
		c.uses.forget() // else the second one that passes would look used
		if _, err := c.ask(t, s, a.token); err == nil {
			names = append(names, a.name)
		}
	}
	return names
}

func TestEveryRuleOfAssertionsStopsAnAttackThatNothingElseStops(t *testing.T) {
	c := newCourt(t)
	list := assertionAttacks(t, c)
	s := c.service.settings
	for i, r := range assertionRules(s) {
		faulty := c.instance(t)
		faulty.assertions = newReader(s.Now, slices.Delete(assertionRules(s), i, i+1))
		through := c.admitted(t, list, faulty)
		if len(through) == 0 {
			t.Errorf("without the rule %q all attacks are refused still", r.name)
		}
		t.Logf("without %q: %q", r.name, through)
	}
}

func TestFaultsOutsideTheRulesOfAssertionsLetAttacksThrough(t *testing.T) {
	for _, f := range []struct {
		name    string
		without string // rule
		plant   func(*court, *TokenService)
		through string
	}{
		{"any size", "", func(_ *court, s *TokenService) { s.assertions.max = 1 << 30 }, "8 MB, rightly signed"},
		{"kid ignored", "", func(c *court, s *TokenService) {
			s.key = func(*Partner, *jwt.Token) (any, error) { return c.ed.public(t).public, nil }
		}, `kid "unknown"`},
		{"keys of all partners together", "", func(c *court, s *TokenService) {
			s.key = func(p *Partner, token *jwt.Token) (any, error) {
				if token.Header["kid"] == c.foreign.kid {
					p = &Partner{Keys: c.partners[other].Keys}
				}
				return keyOf(p, token)
			}
		}, "another partner's key under its own kid"},
		{"key of the assertion", "header names", func(_ *court, s *TokenService) {
			s.key = func(_ *Partner, token *jwt.Token) (any, error) {
				jwk, _ := token.Header["jwk"].(map[string]any)
				return keyIn(jwk), nil
			}
		}, "jwk of the attacker"},
		{"any algorithm and untyped key", "algorithm", func(c *court, s *TokenService) {
			s.key = func(*Partner, *jwt.Token) (any, error) { return []byte(c.ed.public(t).jwk.X), nil }
		}, "EdDSA key: HS256 with x"},
		{"any algorithm and no key", "algorithm", func(_ *court, s *TokenService) {
			s.key = func(*Partner, *jwt.Token) (any, error) { return jwt.UnsafeAllowNoneSignatureType, nil }
		}, "alg none"},
		{"revocation ignored", "", func(c *court, _ *TokenService) {
			p := c.partners[closed]
			p.RevokedAt = time.Time{}
			c.partners[closed] = p
		}, "a revoked partner"},
	} {
		t.Run(f.name, func(t *testing.T) {
			c := newCourt(t)
			s := c.instance(t)
			s.assertions = newReader(c.settings.Now, slices.DeleteFunc(assertionRules(s.settings), func(r rule) bool { return r.name == f.without }))
			f.plant(c, s)
			if through := c.admitted(t, assertionAttacks(t, c), s); !slices.Contains(through, f.through) {
				t.Errorf("%q does not pass, only %q", f.through, through)
			}
		})
	}
}

func TestAnAssertionIsForThePartnerThatAsks(t *testing.T) {
	c := newCourt(t)
	for id, accepted := range map[string]bool{other: false, "x": false, signs: true} {
		_, err := c.service.ClientCredentials(t.Context(), TokenRequest{ClientID: id, Assertion: c.say(object{"jti": id})})
		if (err == nil) != accepted {
			t.Errorf("client_id %s: %v", id, err)
		}
	}
}

// What one partner calls its assertions is nothing to another, which could otherwise use its ids up.
func TestPartnersMayUseTheSameID(t *testing.T) {
	c := newCourt(t)
	theirs := c.foreign.signed(c.foreign.header().text(), c.claim().with(object{"iss": other, "sub": other}).text())
	for _, assertion := range []string{theirs, c.say(nil)} {
		if _, err := c.ask(t, c.service, assertion); err != nil {
			t.Error(err)
		}
	}
}

// The instances' clocks are apart by all that is allowed; the assertion ends as late as it may.
func TestAnAssertionIsUsedOnceOnAllInstancesUntilItEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		once func(*uses) Replays
		want int
	}{
		{"as built", func(u *uses) Replays { return u }, 1},
		{"each instance by itself", func(u *uses) Replays { own := newUses(); own.now = u.now; return own }, 3},
		{"forgotten after half a minute", func(u *uses) Replays { return short{u} }, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newCourt(t)
			var instances []*TokenService
			for _, apart := range []time.Duration{-skew, 0, skew} {
				s := w.settings
				s.Now = func() time.Time { return w.now.Add(apart) }
				i, err := NewTokenService(s, c.once(w.uses))
				if err != nil {
					t.Fatal(err)
				}
				instances = append(instances, i)
			}
			last := noon.Add(skew + maxAhead)
			assertion := w.say(object{"exp": last.Unix()})
			accepted := 0
			for ; w.now.Before(last.Add(2 * skew)); w.now = w.now.Add(time.Second) {
				for _, i := range instances {
					if _, err := w.ask(t, i, assertion); err == nil {
						accepted++
					}
				}
			}
			if accepted < c.want || c.want == 1 && accepted != 1 {
				t.Errorf("accepted %d times", accepted)
			}
		})
	}
}

// negated is n - s, where n is the order of P-256.
func negated(s []byte) []byte {
	return new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(s)).FillBytes(make([]byte, 32))
}

// short forgets too soon.
type short struct{ *uses }

func (s short) Once(ctx context.Context, id string, _ time.Duration) (bool, error) {
	return s.uses.Once(ctx, id, 30*time.Second)
}

// The other spelling of an ECDSA signature is as right as the first, so that only the jti says that it was used.
func TestTheOtherSpellingOfASignatureIsAReplay(t *testing.T) {
	c := newCourt(t)
	good := c.ec.signed(c.ec.header().text(), c.claim().text())
	if _, err := c.ask(t, c.service, good); err != nil {
		t.Fatal(err)
	}
	cut := strings.LastIndex(good, ".")
	raw := decode(t, good[cut+1:])
	twin := good[:cut+1] + encode(string(raw[:32])+string(negated(raw[32:])))
	if _, err := c.ask(t, c.service, twin); err == nil {
		t.Error("accepted twice")
	}
	c.uses.forget()
	if _, err := c.ask(t, c.service, twin); err != nil {
		t.Errorf("it is refused for another reason: %v", err)
	}
}

func TestNoTokenWhileNobodyKnowsWhatWasUsed(t *testing.T) {
	c := newCourt(t)
	c.uses.failure = errors.New("the store is gone")
	token, err := c.ask(t, c.service, c.say(nil))
	refusal, ok := errors.AsType[*OAuthError](err)
	if !ok || refusal.Status() != http.StatusServiceUnavailable || !errors.Is(err, c.uses.failure) || token.AccessToken != "" {
		t.Errorf("got %+v, %v", token, err)
	}
	if !describable.MatchString(refusal.Description) {
		t.Errorf("description %q", refusal.Description)
	}
	c.uses.failure = nil
	if _, err := c.ask(t, c.service, c.say(nil)); err != nil {
		t.Errorf("the same assertion, once the store is back: %v", err)
	}
}

func TestAFailureOfTheLedgerIsNotTheAssertionsFault(t *testing.T) {
	c := newCourt(t)
	c.failure = errors.New("disk gone")
	_, err := c.ask(t, c.service, c.say(nil))
	if _, refused := errors.AsType[*OAuthError](err); refused || !errors.Is(err, c.failure) {
		t.Errorf("got %v", err)
	}
}

func TestAKeyThatIsRemovedSignsNoMore(t *testing.T) {
	c := newCourt(t)
	p := c.partners[signs]
	if err := p.RemoveKey(c.ed.kid); err != nil {
		t.Fatal(err)
	}
	c.partners[signs] = p
	if _, err := c.ask(t, c.service, c.say(nil)); err == nil {
		t.Error("the key that was removed still signs")
	}
	if _, err := c.ask(t, c.service, c.ec.signed(c.ec.header().text(), c.claim().text())); err != nil {
		t.Errorf("the key that stays: %v", err)
	}
}

func TestNoRefusalRepeatsAnAssertion(t *testing.T) {
	c := newCourt(t)
	for _, a := range assertionAttacks(t, c) {
		if len(a.token) > 2*maxToken {
			continue
		}
		_, err := c.ask(t, c.service, a.token)
		for part := range strings.SplitSeq(a.token, ".") {
			if len(part) > 16 && strings.Contains(fmt.Sprint(err), part) {
				t.Errorf("%s: %v", a.name, err)
			}
		}
	}
}

func FuzzAssertion(f *testing.F) {
	c := newCourt(f)
	good := c.say(nil)
	f.Add(good)
	for _, a := range assertionAttacks(f, c) {
		if len(a.token) <= maxToken {
			f.Add(a.token)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return
		}
		c.uses.forget()
		if _, err := c.ask(t, c.service, text); err == nil && text != good {
			t.Errorf("accepted %q", text)
		}
	})
}
