package testservers

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const (
	oidcCallback = "http://127.0.0.1:9/retour" // where nobody listens: no callback is opened
	afterLogout  = "http://127.0.0.1:9/au-revoir"

	askForAMR = `{"id_token":{"amr":{"essential":true}}}`
)

var jeanne = OIDCAccount{
	ID: "jeanne-1", Email: "jeanne@example.org", GivenName: "Jeanne", UsualName: "d’Arc", AMR: []string{"pwd", "otp"},
}

func TestOIDCAnswersAndIsGoneAfterTheTest(t *testing.T) {
	t.Parallel()
	var addr string
	var pid int
	t.Run("server", func(t *testing.T) {
		s := StartOIDC(t, oidcCallback)
		for name, want := range map[string]any{
			"issuer":                                s.Issuer,
			"authorization_endpoint":                s.Issuer + "/auth",
			"token_endpoint":                        s.Issuer + "/token",
			"userinfo_endpoint":                     s.Issuer + "/me",
			"end_session_endpoint":                  s.Issuer + "/session/end",
			"token_endpoint_auth_methods_supported": []any{"client_secret_post"},
			"code_challenge_methods_supported":      []any{"S256"},
			"claims_parameter_supported":            true,
		} {
			if got := relyOn(t, s).endpoints[name]; !reflect.DeepEqual(got, want) {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		before := slices.Sorted(maps.Keys(relyOn(t, s).keys))
		s.Stop(t)
		s.Stop(t) // of what is down already
		s.Start(t)
		if after := slices.Sorted(maps.Keys(relyOn(t, s).keys)); len(after) != 2 || slices.Equal(before, after) {
			t.Errorf("started again it has the keys %v, before %v", after, before)
		}
		addr, pid = strings.TrimPrefix(s.Issuer, "http://"), s.process.pid
	})
	gone(t, addr, pid)
}

func TestACodeIsWorthItsTokensOnce(t *testing.T) {
	t.Parallel()
	r := relyOn(t, StartOIDC(t, oidcCallback))
	verifier := strings.Repeat("v", 43)
	challenge := sha256.Sum256([]byte(verifier))
	ask := url.Values{
		"state": {"an état"}, "nonce": {"a nonce"}, "claims": {askForAMR},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	back := r.callback(r.server.SignIn(t, r.request(ask), jeanne))
	if back.Get("state") != "an état" || back.Get("iss") != r.server.Issuer {
		t.Errorf("the callback has %v", back)
	}
	for _, wrong := range []string{"", strings.Repeat("w", 43)} {
		if status, got := r.exchange(back.Get("code"), wrong); status != http.StatusBadRequest || got["error"] != "invalid_grant" {
			t.Errorf("with the verifier %q: %d %v", wrong, status, got)
		}
	}
	idToken, token := r.tokens(back.Get("code"), verifier)
	id := r.open(idToken, "ES256")
	r.isFor(id, "the ID token")
	for name, value := range map[string]any{
		"sub": "jeanne-1", "nonce": "a nonce", "amr": []any{"pwd", "otp"}, "email": nil, "auth_time": nil,
	} {
		if !reflect.DeepEqual(id[name], value) {
			t.Errorf("%s in the ID token is %v, want %v", name, id[name], value)
		}
	}
	status, kind, text := r.userInfo(token)
	if status != http.StatusOK || !strings.HasPrefix(kind, "application/jwt") {
		t.Fatalf("%d %s: %s", status, kind, text)
	}
	claims := r.open(text, "ES256")
	r.isFor(claims, "userinfo")
	for name, value := range map[string]any{
		"sub": "jeanne-1", "email": "jeanne@example.org", "email_verified": true, "given_name": "Jeanne", "usual_name": "d’Arc",
	} {
		if claims[name] != value {
			t.Errorf("%s is %v, want %v", name, claims[name], value)
		}
	}
	if status, got := r.exchange(back.Get("code"), verifier); status != http.StatusBadRequest || got["error"] != "invalid_grant" {
		t.Errorf("used twice: %d %v", status, got)
	}
	if status, _, _ := r.userInfo(token); status != http.StatusUnauthorized {
		t.Errorf("%d: the token of a code that was used twice is still good", status)
	}
}

func TestAnIDTokenSaysHowThePersonSignedInWhenAsked(t *testing.T) {
	t.Parallel()
	r := relyOn(t, StartOIDC(t, oidcCallback))
	unsaid := jeanne
	unsaid.AMR = nil
	for name, c := range map[string]struct {
		as     OIDCAccount
		claims string
		want   any
	}{
		"asked":         {jeanne, askForAMR, []any{"pwd", "otp"}},
		"not asked":     {jeanne, `{"id_token":{"nonce":null}}`, nil},
		"nothing known": {unsaid, askForAMR, nil},
	} {
		back := r.callback(r.server.SignIn(t, r.request(url.Values{"claims": {c.claims}}), c.as))
		idToken, _ := r.tokens(back.Get("code"), "")
		if amr := r.open(idToken, "ES256")["amr"]; !reflect.DeepEqual(amr, c.want) {
			t.Errorf("%s: %v, want %v", name, amr, c.want)
		}
	}
}

func TestWhoRefusesIsSentBackWithoutACode(t *testing.T) {
	t.Parallel()
	r := relyOn(t, StartOIDC(t, oidcCallback))
	back := r.callback(r.server.Refuse(t, r.request(url.Values{"state": {"s"}})))
	if back.Get("error") != "access_denied" || back.Get("state") != "s" || back.Get("iss") != r.server.Issuer || back.Has("code") {
		t.Errorf("the callback has %v", back)
	}
}

func TestABrowserIsSignedInUntilItSignsOut(t *testing.T) {
	t.Parallel()
	r := relyOn(t, StartOIDC(t, oidcCallback, OIDCLogoutTo(afterLogout)))
	silent := r.request(url.Values{"prompt": {"none"}})
	b := r.server.NewBrowser(t)
	if back := r.callback(b.SignIn(t, silent, jeanne)); back.Get("error") != "login_required" {
		t.Errorf("nobody is signed in, and the callback has %v", back)
	}
	jean := OIDCAccount{ID: "jean-2", Unverified: true, Email: "jean@example.org"}
	var hint string
	for _, step := range []struct {
		address string
		as      OIDCAccount
		want    string
	}{
		{r.request(nil), jeanne, jeanne.ID},
		{silent, jean, jeanne.ID},
		{r.request(url.Values{"prompt": {"login"}}), jean, jean.ID}, // which ends the session of the other first
	} {
		back := r.callback(b.SignIn(t, step.address, step.as))
		hint, _ = r.tokens(back.Get("code"), "")
		if sub := r.open(hint, "ES256")["sub"]; sub != step.want {
			t.Errorf("%v is signed in, want %s", sub, step.want)
		}
	}
	end := r.endpoint("end_session_endpoint") + "?" + url.Values{
		"id_token_hint": {hint}, "post_logout_redirect_uri": {afterLogout}, "state": {"s"},
	}.Encode()
	for _, browser := range []*OIDCBrowser{b, r.server.NewBrowser(t)} { // one that is not signed in is sent there too
		if to := browser.SignOut(t, end); to != afterLogout+"?state=s" {
			t.Errorf("who signs out is sent to %s", to)
		}
	}
	if back := r.callback(b.SignIn(t, silent, jean)); back.Get("error") != "login_required" {
		t.Errorf("after the sign-out the callback has %v", back)
	}
}

func TestTheOptionsOfAnOIDCServer(t *testing.T) {
	t.Parallel()
	jean := OIDCAccount{ID: "jean-2", Unverified: true, Email: "jean@example.org"}
	t.Run("basic", func(t *testing.T) {
		t.Parallel()
		r := relyOn(t, StartOIDC(t, oidcCallback, OIDCSecretBasic(), OIDCPlainUserInfo()))
		for _, c := range []struct {
			as   OIDCAccount
			want map[string]any
		}{
			{jean, map[string]any{"sub": "jean-2", "email": "jean@example.org", "email_verified": false}},
			{OIDCAccount{ID: "nobody-3"}, map[string]any{"sub": "nobody-3"}},
		} {
			code := r.callback(r.server.SignIn(t, r.request(nil), c.as)).Get("code")
			r.basic = false
			if status, got := r.exchange(code, ""); status != http.StatusUnauthorized || got["error"] != "invalid_client" {
				t.Errorf("the secret in the form: %d %v", status, got)
			}
			r.basic = true
			_, token := r.tokens(code, "")
			status, kind, text := r.userInfo(token)
			var claims map[string]any
			if err := json.Unmarshal([]byte(text), &claims); err != nil || status != http.StatusOK || !strings.HasPrefix(kind, "application/json") {
				t.Fatalf("%d %s: %s", status, kind, text)
			}
			if !maps.Equal(claims, c.want) {
				t.Errorf("userinfo is %v, want %v", claims, c.want)
			}
		}
	})
	t.Run("post", func(t *testing.T) {
		t.Parallel()
		r := relyOn(t, StartOIDC(t, oidcCallback, OIDCRequirePKCE(), OIDCSignRS256()))
		if back := r.callback(r.server.SignIn(t, r.request(nil), jean)); back.Get("error") != "invalid_request" {
			t.Errorf("without a challenge the callback has %v", back)
		}
		verifier := strings.Repeat("v", 43)
		challenge := sha256.Sum256([]byte(verifier))
		back := r.callback(r.server.SignIn(t, r.request(url.Values{
			"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
		}), jean))
		r.basic = true
		if status, got := r.exchange(back.Get("code"), verifier); status != http.StatusUnauthorized || got["error"] != "invalid_client" {
			t.Errorf("the secret in the header: %d %v", status, got)
		}
		r.basic = false
		idToken, token := r.tokens(back.Get("code"), verifier)
		r.isFor(r.open(idToken, "RS256"), "the ID token")
		_, _, text := r.userInfo(token)
		r.isFor(r.open(text, "RS256"), "userinfo")
	})
}
