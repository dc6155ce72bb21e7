package auth

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// service has a partner "alpha" with two secrets, and one "etroit" that may only read places.
func service(t *testing.T) (w *world, s *TokenService, secrets [2]string) {
	t.Helper()
	w = newWorld(t)
	secrets = [2]string{NewSecret(w.settings.Random), NewSecret(w.settings.Random)}
	hashes := [][]byte{w.settings.Keyring.HashSecret(secrets[0]), w.settings.Keyring.HashSecret(secrets[1])}
	w.partners[alpha] = Partner{ID: alpha, Scopes: AllScopes(), SecretHashes: hashes}
	w.partners["etroit"] = Partner{ID: "etroit", Scopes: Scopes{ReadPlaces}, SecretHashes: hashes}
	w.partners["nul"] = Partner{ID: "nul", SecretHashes: hashes}
	w.partners["muet"] = Partner{ID: "muet", Scopes: AllScopes()}
	w.partners[revoked] = Partner{ID: revoked, Scopes: AllScopes(), SecretHashes: hashes, RevokedAt: noon}
	s, err := NewTokenService(w.settings, newUses())
	if err != nil {
		t.Fatal(err)
	}
	return w, s, secrets
}

func TestClientCredentials(t *testing.T) {
	_, s, secrets := service(t)
	for _, c := range []struct {
		name, id, secret, scope string
		want                    string // scopes granted
		code                    string // of the refusal
	}{
		{"first secret", alpha, secrets[0], "lieux:lire", "lieux:lire", ""},
		{"second secret", alpha, secrets[1], "lieux:lire", "lieux:lire", ""},
		{"no scope asked", alpha, secrets[0], "", AllScopes().String(), ""},
		{"no scope asked, few granted", "etroit", secrets[0], "", "lieux:lire", ""},
		{"a scope it does not have", "etroit", secrets[0], "lieux:lire creneaux:lire", "", invalidScope},
		{"an unknown scope", alpha, secrets[0], "admin", "", invalidScope},
		{"no scope at all", "nul", secrets[0], "", "", invalidScope},
		{"a wrong secret", alpha, "prdv_x", "", "", invalidClient},
		{"an empty secret", alpha, "", "", "", invalidClient},
		{"no secret yet", "muet", secrets[0], "", "", invalidClient},
		{"revoked", revoked, secrets[0], "", "", invalidClient},
		{"unknown", "inconnu", secrets[0], "", "", invalidClient},
		{"empty id", "", "", "", "", invalidClient},
		{"a wrong secret tells nothing of scopes", "etroit", "prdv_x", "admin", "", invalidClient},
	} {
		t.Run(c.name, func(t *testing.T) {
			token, err := s.ClientCredentials(t.Context(), TokenRequest{ClientID: c.id, Secret: c.secret, Scope: c.scope})
			if c.code != "" {
				refusal, ok := errors.AsType[*OAuthError](err)
				if !ok || refusal.Code != c.code || token.AccessToken != "" {
					t.Fatalf("got %+v, %v", token, err)
				}
				return
			}
			if err != nil || token.Scopes.String() != c.want || token.ExpiresIn != MaxLifetime {
				t.Fatalf("got %+v, %v", token, err)
			}
			v, err := NewVerifier(s.settings)
			if err != nil {
				t.Fatal(err)
			}
			if p, err := v.Verify(t.Context(), token.AccessToken); err != nil || p.Partner != c.id || p.Scopes.String() != c.want {
				t.Errorf("the token says %+v, %v", p, err)
			}
		})
	}
}

// Nobody learns from the answer, nor from the work done for it, whether a client_id exists.
func TestUnknownAndRevokedPartnersLookLikeAWrongSecret(t *testing.T) {
	_, s, secrets := service(t)
	if _, err := s.ClientCredentials(t.Context(), TokenRequest{ClientID: revoked, Secret: secrets[0]}); err == nil {
		t.Error("a revoked partner gets a token")
	}
	ask := func(id, secret string) (text string, steps float64) {
		var refusal *OAuthError
		steps = testing.AllocsPerRun(20, func() {
			_, err := s.ClientCredentials(t.Context(), TokenRequest{ClientID: id, Secret: secret})
			refusal, _ = errors.AsType[*OAuthError](err)
		})
		return refusal.Code + refusal.Description, steps
	}
	wrong, work := ask(alpha, "prdv_x")
	for _, id := range []string{"inconnu", revoked, ""} {
		if text, steps := ask(id, "prdv_x"); text != wrong || steps != work {
			t.Errorf("%s: %q after %v allocations, not %q after %v", id, text, steps, wrong, work)
		}
	}
}

func TestTokenServiceReportsAFailureOfTheStore(t *testing.T) {
	w, s, secrets := service(t)
	w.failure = errors.New("disk gone")
	_, err := s.ClientCredentials(t.Context(), TokenRequest{ClientID: alpha, Secret: secrets[0]})
	if _, refused := errors.AsType[*OAuthError](err); refused || !errors.Is(err, w.failure) {
		t.Errorf("got %v", err)
	}
}

func TestSettingsMustBeWhole(t *testing.T) {
	for name, spoil := range map[string]func(*Settings){
		"no keyring":    func(s *Settings) { s.Keyring = nil },
		"no partners":   func(s *Settings) { s.Partners = nil },
		"no rotations":  func(s *Settings) { s.Generations = nil },
		"no issuer":     func(s *Settings) { s.Issuer = "" },
		"no audience":   func(s *Settings) { s.Audience = "" },
		"no clock":      func(s *Settings) { s.Now = nil },
		"no randomness": func(s *Settings) { s.Random = nil },
		"too long":      func(s *Settings) { s.Lifetime = MaxLifetime + time.Second },
		"too short":     func(s *Settings) { s.Lifetime = time.Millisecond },
		"negative":      func(s *Settings) { s.Lifetime = -time.Minute },
	} {
		s := newWorld(t).settings
		spoil(&s)
		if i, err := NewIssuer(s); err == nil || i != nil {
			t.Errorf("%s: an issuer is made", name)
		}
		if v, err := NewVerifier(s); err == nil || v != nil {
			t.Errorf("%s: a verifier is made", name)
		}
		if ts, err := NewTokenService(s, newUses()); err == nil || ts != nil {
			t.Errorf("%s: a token service is made", name)
		}
	}
}

func TestIssuerGivesNoMoreThanThePartnerHas(t *testing.T) {
	w := newWorld(t)
	i, err := NewIssuer(w.settings)
	if err != nil {
		t.Fatal(err)
	}
	if token, _, err := i.Issue(t.Context(), Partner{ID: "p", Scopes: Scopes{ReadPlaces}}, Scopes{ReadSlots}, Behalf{}); !errors.Is(err, ErrScope) || token != "" {
		t.Errorf("got %q, %v", token, err)
	}
	if token, _, err := i.Issue(t.Context(), Partner{Scopes: AllScopes()}, AllScopes(), Behalf{}); err == nil || token != "" {
		t.Errorf("a partner without an ID got %q", token)
	}
	w.settings.Random = strings.NewReader("")
	if i, err = NewIssuer(w.settings); err != nil {
		t.Fatal(err)
	}
	if token, _, err := i.Issue(t.Context(), w.partners[alpha], nil, Behalf{}); !errors.Is(err, io.EOF) || token != "" {
		t.Errorf("without randomness: %q, %v", token, err)
	}
}

func TestTokensDifferAndEndWhenTheIssuerSays(t *testing.T) {
	w := newWorld(t)
	w.settings.Lifetime = 90 * time.Second
	i, err := NewIssuer(w.settings)
	if err != nil {
		t.Fatal(err)
	}
	one, end, _ := i.Issue(t.Context(), w.partners[alpha], Scopes{ReadPlaces}, Behalf{})
	two, _, _ := i.Issue(t.Context(), w.partners[alpha], Scopes{ReadPlaces}, Behalf{})
	if one == two || !end.Equal(noon.Add(90*time.Second)) {
		t.Errorf("end %s; tokens differ: %v", end, one != two)
	}
	if len(one) > 1024 {
		t.Errorf("a token has %d bytes", len(one))
	}
}
