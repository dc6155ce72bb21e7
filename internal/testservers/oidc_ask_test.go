package testservers

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// relyingParty does by hand what a client does.
type relyingParty struct {
	t         *testing.T
	server    *OIDCServer
	endpoints map[string]any     // what discovery says
	keys      map[string]oidcKey // by kid
	basic     bool               // it sends its secret in the header
}

// oidcKey is a public key as JSON (RFC 7517).
type oidcKey struct{ Kid, Kty, Alg, Crv, N, E, X, Y string }

func relyOn(t *testing.T, s *OIDCServer) *relyingParty {
	t.Helper()
	r := &relyingParty{t: t, server: s, keys: make(map[string]oidcKey)}
	get := func(address string, into any) {
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			t.Fatalf("%s: %v", address, err)
		}
	}
	get(s.Issuer+"/.well-known/openid-configuration", &r.endpoints)
	var set struct{ Keys []oidcKey }
	get(r.endpoint("jwks_uri"), &set)
	for _, k := range set.Keys {
		r.keys[k.Kid] = k
	}
	return r
}

func (r *relyingParty) endpoint(name string) string {
	address, _ := r.endpoints[name].(string)
	return address
}

func (r *relyingParty) request(more url.Values) string {
	ask := url.Values{
		"response_type": {"code"}, "client_id": {r.server.ClientID}, "redirect_uri": {oidcCallback},
		"scope": {"openid email profile"},
	}
	maps.Copy(ask, more)
	return r.endpoint("authorization_endpoint") + "?" + ask.Encode()
}

func (r *relyingParty) callback(address string) url.Values {
	r.t.Helper()
	to, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, oidcCallback+"?") {
		r.t.Fatalf("sent back to %s", address)
	}
	return to.Query()
}

func (r *relyingParty) exchange(code, verifier string) (status int, answer map[string]any) {
	r.t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {oidcCallback}}
	if verifier != "" {
		form.Set("code_verifier", verifier)
	}
	if !r.basic {
		form.Set("client_id", r.server.ClientID)
		form.Set("client_secret", r.server.ClientSecret)
	}
	ask, err := http.NewRequest(http.MethodPost, r.endpoint("token_endpoint"), strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if r.basic {
		ask.SetBasicAuth(url.QueryEscape(r.server.ClientID), url.QueryEscape(r.server.ClientSecret)) // RFC 6749, 2.3.1
	}
	status, _, text := r.do(ask)
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		r.t.Fatalf("%d %s", status, text)
	}
	return status, answer
}

// tokens exchanges a code that is good.
func (r *relyingParty) tokens(code, verifier string) (id, access string) {
	r.t.Helper()
	status, got := r.exchange(code, verifier)
	id, _ = got["id_token"].(string)
	access, _ = got["access_token"].(string)
	if status != http.StatusOK || id == "" || got["token_type"] != "Bearer" || got["expires_in"] != 60.0 {
		r.t.Fatalf("%d %v", status, got)
	}
	return id, access
}

func (r *relyingParty) userInfo(token string) (status int, kind, text string) {
	r.t.Helper()
	ask, err := http.NewRequest(http.MethodGet, r.endpoint("userinfo_endpoint"), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	ask.Header.Set("Authorization", "Bearer "+token)
	return r.do(ask)
}

func (r *relyingParty) do(ask *http.Request) (status int, kind, text string) {
	r.t.Helper()
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Content-Type"), string(body)
}

// isFor checks that a token is from the provider, for this client, and for a minute.
func (r *relyingParty) isFor(claims map[string]any, what string) {
	r.t.Helper()
	now := float64(time.Now().Unix())
	issued, _ := claims["iat"].(float64)
	until, _ := claims["exp"].(float64)
	if claims["iss"] != r.server.Issuer || claims["aud"] != r.server.ClientID || issued > now || until < now || until > now+60 {
		r.t.Errorf("%s has %v", what, claims)
	}
}

// open checks the signature of a token (RFC 7515) and returns its claims.
func (r *relyingParty) open(token, alg string) (claims map[string]any) {
	r.t.Helper()
	part := func(text string) []byte {
		data, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			r.t.Fatalf("%q: %v", token, err)
		}
		return data
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		r.t.Fatalf("%q is no token", token)
	}
	var header struct{ Kid, Alg string }
	if err := json.Unmarshal(part(parts[0]), &header); err != nil {
		r.t.Fatal(err)
	}
	key, signature := r.keys[header.Kid], part(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	number := func(b []byte) *big.Int { return new(big.Int).SetBytes(b) }
	var good bool
	switch {
	case header.Alg != alg || key.Alg != alg:
	case alg == "ES256" && len(signature) == 64:
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, part(key.X), part(key.Y)))
		good = err == nil && ecdsa.Verify(public, sum[:], number(signature[:32]), number(signature[32:]))
	case alg == "RS256":
		public := rsa.PublicKey{N: number(part(key.N)), E: int(number(part(key.E)).Int64())}
		good = rsa.VerifyPKCS1v15(&public, crypto.SHA256, sum[:], signature) == nil
	}
	if !good {
		r.t.Errorf("%+v does not sign with %s and %+v", header, alg, key)
	}
	if err := json.Unmarshal(part(parts[1]), &claims); err != nil {
		r.t.Fatal(err)
	}
	return claims
}
