package auth

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestVerifierAcceptsWhatTheIssuerGives(t *testing.T) {
	w := newWorld(t)
	p, err := w.verifier(t).Verify(t.Context(), w.issue(t, alpha, ReadPlaces, ReadSlots))
	if err != nil {
		t.Fatal(err)
	}
	if p.Partner != alpha || p.Scopes.String() != "lieux:lire creneaux:lire" {
		t.Errorf("got %+v", p)
	}
	if !p.Has(ReadSlots) || p.Has(WriteAppointments) {
		t.Error("the principal may not do what was granted, or may do more")
	}
}

// The attacks are all made from this token: were it refused, they would prove nothing.
func TestVerifierAcceptsTheForgersOwnGoodToken(t *testing.T) {
	w := newWorld(t)
	if _, err := w.verifier(t).Verify(t.Context(), w.signed(w.header().text(), w.payload().text())); err != nil {
		t.Fatal(err)
	}
}

func TestVerifierRefusesEveryAttack(t *testing.T) {
	w := newWorld(t)
	v := w.verifier(t)
	list := attacks(t, w)
	if len(list) < 80 {
		t.Errorf("only %d attacks", len(list))
	}
	names := make(map[string]bool)
	for _, a := range list {
		if names[a.name] {
			t.Errorf("two attacks are called %q", a.name)
		}
		names[a.name] = true
		p, err := v.Verify(t.Context(), a.token)
		if !errors.Is(err, ErrInvalidToken) {
			t.Errorf("%s: got %+v, error %v", a.name, p, err)
		}
		if p.Partner != "" || p.Scopes != nil {
			t.Errorf("%s: a refused token gave %+v", a.name, p)
		}
	}
	t.Logf("%d attacks", len(list))
}

// passing lists the attacks that a verifier with a fault lets through.
func passing(t *testing.T, list []attack, v *Verifier) []string {
	t.Helper()
	var names []string
	for _, a := range list {
		if _, err := v.Verify(t.Context(), a.token); err == nil {
			names = append(names, a.name)
		}
	}
	return names
}

func TestEveryRuleStopsAnAttackThatNothingElseStops(t *testing.T) {
	w := newWorld(t)
	s, err := w.settings.complete()
	if err != nil {
		t.Fatal(err)
	}
	list := attacks(t, w)
	for i, r := range rules(s) {
		if r.name == "algorithm" {
			continue // stopped twice: see below
		}
		through := passing(t, list, newVerifier(s, slices.Delete(rules(s), i, i+1)))
		if len(through) == 0 {
			t.Errorf("without the rule %q all attacks are refused still", r.name)
		}
		t.Logf("without %q: %q", r.name, through)
	}
}

func TestFaultsOutsideTheRulesLetAttacksThrough(t *testing.T) {
	untyped := func(w *world, v *Verifier) {
		v.key = func(*keySet, *jwt.Token) (any, error) { return []byte(w.key().public), nil }
	}
	cases := []struct {
		name    string
		without string // rule
		plant   func(*world, *Verifier)
		through string
	}{
		{"any size", "", func(_ *world, v *Verifier) { v.reader.max = 1 << 30 }, "over 4 kB, rightly signed"},
		{"kid ignored", "", func(w *world, v *Verifier) {
			v.key = func(*keySet, *jwt.Token) (any, error) { return w.key().public, nil }
		}, "kid \"unknown\""},
		{"key of the token", "header names", func(_ *world, v *Verifier) {
			v.key = func(_ *keySet, token *jwt.Token) (any, error) {
				jwk, _ := token.Header["jwk"].(map[string]any)
				return keyIn(jwk), nil
			}
		}, "jwk of the attacker"},
		{"any algorithm and untyped key", "algorithm", untyped, "HS256 with raw public key"},
		{"any algorithm and no key", "algorithm", func(_ *world, v *Verifier) {
			v.key = func(*keySet, *jwt.Token) (any, error) { return jwt.UnsafeAllowNoneSignatureType, nil }
		}, "alg none"},
		{"revocation ignored", "", func(w *world, _ *Verifier) {
			w.partners[revoked] = Partner{ID: revoked, Scopes: AllScopes()}
		}, fmt.Sprintf("partner %q", revoked)},
		{"NotBefore ignored", "", func(w *world, _ *Verifier) {
			w.partners[late] = Partner{ID: late, Scopes: AllScopes()}
		}, fmt.Sprintf("partner %q", late)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			s, err := w.settings.complete()
			if err != nil {
				t.Fatal(err)
			}
			v := newVerifier(s, slices.DeleteFunc(rules(s), func(r rule) bool { return r.name == c.without }))
			c.plant(w, v)
			if through := passing(t, attacks(t, w), v); !slices.Contains(through, c.through) {
				t.Errorf("%q does not pass, only %q", c.through, through)
			}
		})
	}
}

func keyIn(jwk map[string]any) ed25519.PublicKey {
	x, _ := jwk["x"].(string)
	key, _ := jwt.NewParser().DecodeSegment(x)
	return key
}

// The rule on algorithms and the typed key each stop the confusion of a public key with an HMAC secret.
func TestAlgorithmConfusionIsStoppedTwice(t *testing.T) {
	w := newWorld(t)
	s, _ := w.settings.complete()
	list := attacks(t, w)
	v := newVerifier(s, slices.DeleteFunc(rules(s), func(r rule) bool { return r.name == "algorithm" }))
	if through := passing(t, list, v); len(through) > 0 {
		t.Errorf("the typed key alone lets %q through", through)
	}
	v = w.verifier(t)
	v.key = func(*keySet, *jwt.Token) (any, error) { return []byte(w.key().public), nil }
	if through := passing(t, list, v); len(through) > 0 {
		t.Errorf("the rule alone lets %q through", through)
	}
}

func TestTokensOfAPreviousMasterSecretStayValid(t *testing.T) {
	w := newWorld(t)
	token := w.issue(t, alpha, ReadPlaces)
	w.settings.Keyring = mustKeyring(t, master(5), master(1), master(2))
	if _, err := w.verifier(t).Verify(t.Context(), token); err != nil {
		t.Error(err)
	}
	w.settings.Keyring = mustKeyring(t, master(5))
	if _, err := w.verifier(t).Verify(t.Context(), token); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("a master secret that is gone still verifies: %v", err)
	}
}

func TestClocksMayBeApartAtIssueButNotAtExpiry(t *testing.T) {
	for _, c := range []struct {
		after time.Duration // from issue to use
		valid bool
	}{
		{-skew - time.Second, false},
		{-skew, true},
		{0, true},
		{MaxLifetime - time.Second, true},
		{MaxLifetime, false},
		{MaxLifetime + time.Second, false},
	} {
		w := newWorld(t)
		token := w.issue(t, alpha, ReadPlaces)
		w.now = noon.Add(c.after)
		_, err := w.verifier(t).Verify(t.Context(), token)
		if (err == nil) != c.valid {
			t.Errorf("%s after issue: %v", c.after, err)
		}
	}
}

func TestARememberedTokenStillExpires(t *testing.T) {
	w := newWorld(t)
	v, token := w.verifier(t), w.issue(t, alpha, ReadPlaces)
	for ; w.now.Before(noon.Add(MaxLifetime)); w.now = w.now.Add(time.Minute) {
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatalf("at %s: %v", w.now, err)
		}
	}
	if _, err := v.Verify(t.Context(), token); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("at %s: %v", w.now, err)
	}
}

func TestChangesToAPartnerReachItsTokensWithinTenSeconds(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Partner)
		want   string // scopes; "" means refused
	}{
		{"revoked", func(p *Partner) { p.RevokedAt = noon.Add(time.Second) }, ""},
		{"not before", func(p *Partner) { p.NotBefore = noon.Add(time.Second) }, ""},
		{"a scope less", func(p *Partner) { p.Scopes = Scopes{ReadSlots} }, "creneaux:lire"},
		{"a scope more", func(p *Partner) { p.Scopes = AllScopes() }, "lieux:lire creneaux:lire"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			v, token := w.verifier(t), w.issue(t, alpha, ReadPlaces, ReadSlots)
			if _, err := v.Verify(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			p := w.partners[alpha]
			c.change(&p)
			w.partners[alpha] = p
			w.now = noon.Add(9 * time.Second)
			if _, err := v.Verify(t.Context(), token); err != nil || w.asked != 1 {
				t.Errorf("the partner was looked up %d times: %v", w.asked, err)
			}
			w.now = noon.Add(10 * time.Second)
			got, err := v.Verify(t.Context(), token)
			if c.want == "" && !errors.Is(err, ErrInvalidToken) || c.want != "" && err != nil || got.Scopes.String() != c.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestARevocationIsNotForgottenWhenTheClockGoesBack(t *testing.T) {
	w := newWorld(t)
	v, token := w.verifier(t), w.issue(t, alpha, ReadPlaces)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	w.partners[alpha] = Partner{ID: alpha, RevokedAt: noon.Add(-time.Hour)}
	w.now = noon.Add(-time.Second)
	if _, err := v.Verify(t.Context(), token); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("got %v", err)
	}
}

func TestAFailureOfTheStoreIsNotTheTokensFault(t *testing.T) {
	w := newWorld(t)
	token := w.issue(t, alpha, ReadPlaces)
	w.failure = errors.New("disk gone")
	_, err := w.verifier(t).Verify(t.Context(), token)
	if errors.Is(err, ErrInvalidToken) || !errors.Is(err, w.failure) {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	w := newWorld(t)
	v := w.verifier(t)
	issuer, err := NewIssuer(w.settings)
	if err != nil {
		t.Fatal(err)
	}
	for range maxSeen + 10 {
		token, _, err := issuer.Issue(t.Context(), w.partners[alpha], Scopes{ReadPlaces}, Behalf{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if len(v.seen.kept) != maxSeen {
		t.Errorf("%d tokens are remembered", len(v.seen.kept))
	}
	_, _ = v.Verify(t.Context(), "x.y.z")
	if len(v.seen.kept) != maxSeen {
		t.Error("a refused token is remembered")
	}
}

func TestWhatACallerDoesToItsScopesStaysWithIt(t *testing.T) {
	w := newWorld(t)
	v, token := w.verifier(t), w.issue(t, alpha, ReadPlaces)
	p, _ := v.Verify(t.Context(), token)
	p.Scopes[0] = WriteAppointments
	if p, _ = v.Verify(t.Context(), token); p.Has(WriteAppointments) {
		t.Error("a caller gave itself a scope")
	}
}

// steady is a store that many may ask at once.
type steady Partner

func (s steady) Partner(context.Context, string) (Partner, error) { return Partner(s), nil }

// What a request costs is told by how often a signature is verified, not by a clock.
func TestASignatureIsVerifiedOncePerToken(t *testing.T) {
	w := newWorld(t)
	v := w.verifier(t)
	signatures := 0
	v.key = func(keys *keySet, token *jwt.Token) (any, error) { signatures++; return ownKey(keys, token) }
	one, two := w.issue(t, alpha, ReadPlaces), w.issue(t, alpha, ReadSlots)
	for i := range 400 { // 200 s: the partner is looked at again and again
		w.now = noon.Add(time.Duration(i) * time.Second / 2)
		for _, token := range []string{one, two} {
			if _, err := v.Verify(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
	}
	if signatures != 2 {
		t.Errorf("%d signatures verified for two tokens and 800 requests", signatures)
	}
	if w.asked > 20+1 {
		t.Errorf("the partner was looked up %d times in 200 s", w.asked)
	}
	for range 3 {
		if _, err := v.Verify(t.Context(), one[:len(one)-4]+"AAAA"); !errors.Is(err, ErrInvalidToken) {
			t.Fatal(err)
		}
	}
	if signatures != 5 {
		t.Errorf("a bad token is remembered, for good or for bad: %d signatures", signatures)
	}
}

func TestPartnersRememberedAreBounded(t *testing.T) {
	w := newWorld(t)
	r := newRecentPartners(w.settings)
	for i := range maxPartners + 10 {
		id := fmt.Sprint("p", i)
		w.partners[id] = Partner{ID: id}
		if _, err := r.Partner(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Partner(t.Context(), "inconnu"); !errors.Is(err, ErrUnknownPartner) {
			t.Fatal(err)
		}
	}
	if len(r.known.kept) != maxPartners {
		t.Errorf("%d partners are remembered", len(r.known.kept))
	}
}

// The planted fault: who remembers for longer lets a revoked partner in for longer.
func TestARevocationIsEffectiveOnEveryInstanceWithinFifteenSeconds(t *testing.T) {
	w := newWorld(t)
	token := w.issue(t, alpha, ReadPlaces)
	instances := []*Verifier{w.verifier(t), w.verifier(t), w.verifier(t)}
	for i, v := range instances { // each began to remember at another time
		w.now = noon.Add(time.Duration(3*i) * time.Second)
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	at := w.now.Add(time.Second)
	p := w.partners[alpha]
	p.RevokedAt = at
	w.partners[alpha] = p
	refusedBy := func(v *Verifier) time.Duration {
		for after := time.Duration(0); ; after += time.Second {
			w.now = at.Add(after)
			if _, err := v.Verify(t.Context(), token); err != nil || after == time.Minute {
				return after
			}
		}
	}
	for i, v := range instances {
		if after := refusedBy(v); after > 15*time.Second {
			t.Errorf("instance %d lets it in for %s more", i, after)
		}
	}
	faulty := w.verifier(t)
	faulty.partners = steady(Partner{ID: alpha, Scopes: AllScopes()})
	if after := refusedBy(faulty); after != time.Minute {
		t.Errorf("an instance that never looks again refuses after %s", after)
	}
}

func TestATokenSaysForWhomItIs(t *testing.T) {
	for _, b := range []Behalf{{}, {Prescriber: "aidant-7"}, {Person: "u.42"}, {"aidant-7", "u.42"}} {
		w := newWorld(t)
		i, err := NewIssuer(w.settings)
		if err != nil {
			t.Fatal(err)
		}
		token, _, err := i.Issue(t.Context(), w.partners[alpha], Scopes{ReadPlaces}, b)
		if err != nil {
			t.Fatal(err)
		}
		v := w.verifier(t)
		for range 2 { // read, then remembered
			if p, err := v.Verify(t.Context(), token); err != nil || p.Partner != alpha || p.Behalf != b {
				t.Errorf("%+v: got %+v, %v", b, p, err)
			}
		}
		for _, wrong := range []Behalf{{Prescriber: "a@b"}, {Person: late}, {Person: "06 12"}} {
			if token, _, err := i.Issue(t.Context(), w.partners[alpha], Scopes{ReadPlaces}, wrong); err == nil {
				t.Errorf("%+v: got %s", wrong, token)
			}
		}
	}
}

func TestVerifierIsSafeForConcurrentUse(t *testing.T) {
	w := newWorld(t)
	w.settings.Partners = steady(w.partners[alpha])
	v := w.verifier(t)
	tokens := []string{w.issue(t, alpha, ReadPlaces), w.issue(t, alpha, ReadSlots), "x.y.z"}
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			for i := range 50 {
				_, err := v.Verify(t.Context(), tokens[(n+i)%3])
				if ((n+i)%3 == 2) != errors.Is(err, ErrInvalidToken) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestNoErrorRepeatsTheToken(t *testing.T) {
	w := newWorld(t)
	v := w.verifier(t)
	for _, a := range attacks(t, w) {
		if len(a.token) > 2*maxToken {
			continue
		}
		_, err := v.Verify(t.Context(), a.token)
		for part := range strings.SplitSeq(a.token, ".") {
			if len(part) > 16 && strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v", a.name, err)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	w := newWorld(f)
	good := w.issue(f, alpha, ReadPlaces)
	f.Add(good)
	for _, a := range attacks(f, w) {
		if len(a.token) <= maxToken {
			f.Add(a.token)
		}
	}
	v := w.verifier(f)
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := v.Verify(t.Context(), token); err == nil && token != good {
			t.Errorf("accepted %q", token)
		}
	})
}

// BenchmarkVerifyUnseen and BenchmarkVerifySeen: their ratio is what remembering a token spares.
func BenchmarkVerifyUnseen(b *testing.B) {
	w := newWorld(b)
	v, token := w.verifier(b), w.issue(b, alpha, ReadPlaces)
	for b.Loop() {
		clear(v.seen.kept)
		if _, err := v.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifySeen(b *testing.B) {
	w := newWorld(b)
	v, token := w.verifier(b), w.issue(b, alpha, ReadPlaces)
	for b.Loop() {
		if _, err := v.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
