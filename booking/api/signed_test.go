package api

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/auth"
	"passerelle/booking/volatile"
	"passerelle/internal/testservers"
)

const form = "application/x-www-form-urlencoded"

// signing is a partner that signs: with both kinds of key, named by their algorithm.
type signing struct {
	id      string
	edwards ed25519.PrivateKey
	curve   *ecdsa.PrivateKey
	made    int
}

func (d *door) newSigning(name string, scopes auth.Scopes) *signing {
	d.t.Helper()
	s := &signing{id: "partenaire_" + name}
	var public ed25519.PublicKey
	var err error
	if public, s.edwards, err = ed25519.GenerateKey(rand.Reader); err != nil {
		d.t.Fatal(err)
	}
	if s.curve, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		d.t.Fatal(err)
	}
	point := must[[]byte](d.t)(s.curve.PublicKey.Bytes())
	p := auth.Partner{ID: s.id, Name: name, Scopes: scopes, CreatedAt: d.now()}
	for _, jwk := range []string{
		`{"kty":"OKP","crv":"Ed25519","kid":"EdDSA","x":"` + base64url(public) + `"}`,
		`{"kty":"EC","crv":"P-256","kid":"ES256","x":"` + base64url(point[1:33]) + `","y":"` + base64url(point[33:]) + `"}`,
	} {
		if err := p.AddKey(must[auth.PartnerKey](d.t)(auth.ParsePartnerKey([]byte(jwk)))); err != nil {
			d.t.Fatal(err)
		}
	}
	if err := d.ledger.AddPartner(d.t.Context(), p); err != nil {
		d.t.Fatal(err)
	}
	return s
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// assertion is one that was never used, for the audience.
func (s *signing) assertion(t *testing.T, alg, audience string, now time.Time) string {
	t.Helper()
	s.made++
	claims := must[[]byte](t)(json.Marshal(map[string]any{
		"iss": s.id, "sub": s.id, "aud": audience, "jti": fmt.Sprint(s.made), "exp": now.Add(30 * time.Second).Unix(),
	}))
	text := base64url([]byte(`{"alg":"`+alg+`","typ":"client-authentication+jwt","kid":"`+alg+`"}`)) + "." + base64url(claims)
	signature := ed25519.Sign(s.edwards, []byte(text))
	if alg == auth.ES256 {
		sum := sha256.Sum256([]byte(text))
		r, v, err := ecdsa.Sign(rand.Reader, s.curve, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		signature = slices.Concat(r.FillBytes(make([]byte, 32)), v.FillBytes(make([]byte, 32)))
	}
	return text + "." + base64url(signature)
}

// show asks for a token with an assertion.
func (d *door) show(assertion string, more ...string) answer {
	d.t.Helper()
	body := url.Values{
		"grant_type": {"client_credentials"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	for i := 0; i < len(more); i += 2 {
		body.Set(more[i], more[i+1])
	}
	return d.do(ask{method: "POST", path: "/oauth/token", token: "-", body: body.Encode(), contentType: form})
}

const issuer = "https://rdv.example.org"

// What the metadata says is tried: each way of asking, each algorithm, each scope, each address, and one more of each.
func TestTheMetadataIsTrue(t *testing.T) {
	d := newDoor(t)
	s := d.newSigning("signe", auth.AllScopes())
	var said struct {
		Issuer        string   `json:"issuer"`
		TokenEndpoint string   `json:"token_endpoint"`
		JWKS          string   `json:"jwks_uri"`
		Documentation string   `json:"service_documentation"`
		Scopes        []string `json:"scopes_supported"`
		Responses     []string `json:"response_types_supported"`
		Grants        []string `json:"grant_types_supported"`
		Methods       []string `json:"token_endpoint_auth_methods_supported"`
		Algorithms    []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	}
	got := d.do(ask{path: "/.well-known/oauth-authorization-server", token: "-"})
	if err := json.Unmarshal(got.body, &said); err != nil || got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	path := func(address string) string {
		p, ok := strings.CutPrefix(address, said.Issuer)
		if !ok {
			t.Fatalf("%s is not ours", address)
		}
		return p
	}
	if said.Responses == nil || len(said.Responses) != 0 || d.do(ask{path: path(said.Documentation), token: "-"}).status != 200 {
		t.Errorf("got %+v", said)
	}
	for _, alg := range said.Algorithms {
		if got := d.show(s.assertion(t, alg, said.Issuer, d.now())); got.status != 200 {
			t.Errorf("%s: %d %s", alg, got.status, got.body)
		}
	}
	ways := map[string]func(grant string) ask{
		"private_key_jwt": func(grant string) ask {
			return ask{body: url.Values{
				"grant_type": {grant}, "client_assertion": {s.assertion(t, said.Algorithms[0], said.Issuer, d.now())},
				"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			}.Encode()}
		},
		"client_secret_post": func(grant string) ask {
			return ask{body: url.Values{"grant_type": {grant}, "client_id": {d.partner.ID}, "client_secret": {"secret-un"}}.Encode()}
		},
		"client_secret_basic": func(grant string) ask {
			return ask{body: "grant_type=" + grant, header: http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(d.partner.ID+":secret-un"))}}}
		},
	}
	if len(said.Methods) != len(ways) {
		t.Errorf("methods: %v", said.Methods)
	}
	for _, method := range said.Methods {
		for _, grant := range append(said.Grants, "authorization_code", "refresh_token", "password") {
			a := ways[method](grant)
			a.method, a.path, a.token, a.contentType = "POST", path(said.TokenEndpoint), "-", form
			if got := d.do(a); (got.status == 200) != slices.Contains(said.Grants, grant) {
				t.Errorf("%s, %s: %d %s", method, grant, got.status, got.body)
			}
		}
	}
	scopes := d.show(s.assertion(t, auth.EdDSA, said.Issuer, d.now()), "scope", strings.Join(said.Scopes, " ")).json(t)
	if scopes["scope"] != strings.Join(said.Scopes, " ") || len(said.Scopes) != len(auth.AllScopes()) {
		t.Errorf("scopes: %v", scopes)
	}
	token := scopes["access_token"].(string)
	header, _, _ := strings.Cut(token, ".")
	var kid struct{ Kid string }
	if err := json.Unmarshal(must[[]byte](t)(base64.RawURLEncoding.DecodeString(header)), &kid); err != nil {
		t.Fatal(err)
	}
	if keys := d.do(ask{path: path(said.JWKS), token: "-"}); !strings.Contains(string(keys.body), `"kid":"`+kid.Kid+`"`) {
		t.Errorf("the key of a token is not in %s", keys.body)
	}
	if got := d.do(ask{path: "/v1/lieux", token: token}); got.status != 200 {
		t.Errorf("the token opens nothing: %d", got.status)
	}
}

func TestAnAssertionForAnotherAudienceIsRefused(t *testing.T) {
	d := newDoor(t)
	s := d.newSigning("signe", auth.AllScopes())
	for audience, status := range map[string]int{issuer: 200, issuer + "/oauth/token": 401, issuer + "/v1": 401, issuer + "/": 401, "https://attaquant.example": 401} {
		if got := d.show(s.assertion(t, auth.EdDSA, audience, d.now())); got.status != status {
			t.Errorf("%s: %d %s", audience, got.status, got.body)
		}
	}
}

// An assertion shown to two instances passes one of them, when they share a store; to each its own store is the planted
// fault, and it passes both.
func TestAnAssertionPassesOneInstanceOnly(t *testing.T) {
	server := testservers.StartRedis(t)
	redis := func(*door) volatile.Store {
		client, err := volatile.Connect("redis://" + server.Addr)
		if err != nil {
			t.Fatal(err)
		}
		store := must[*volatile.Redis](t)(volatile.NewRedis(client, "essai"))
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	shared := volatile.NewMemory(time.Now, volatile.Limits{})
	for _, c := range []struct {
		name  string
		store func(*door) volatile.Store
		want  int
	}{
		{"Redis", redis, 1},
		{"one memory", func(*door) volatile.Store { return shared }, 1},
		{"a memory each", func(d *door) volatile.Store { return volatile.NewMemory(d.now, volatile.Limits{}) }, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t)
			s := d.newSigning("signe", auth.AllScopes())
			var instances []http.Handler
			for range 2 {
				parts := d.parts
				parts.Tokens = must[*auth.TokenService](t)(auth.NewTokenService(d.settings, c.store(d)))
				instances = append(instances, must[http.Handler](t)(New(parts)))
			}
			for _, alg := range []string{auth.EdDSA, auth.ES256} {
				assertion, accepted := s.assertion(t, alg, issuer, d.now()), 0
				for i := range 6 {
					d.handler = instances[i%2]
					if d.show(assertion).status == 200 {
						accepted++
					}
				}
				if accepted != c.want {
					t.Errorf("%s: accepted %d times, want %d", alg, accepted, c.want)
				}
			}
		})
	}
}

func TestWithoutTheStoreNoAssertionPassesAndSecretsDo(t *testing.T) {
	d := newDoor(t)
	s := d.newSigning("signe", auth.AllScopes())
	if err := d.uses.Close(); err != nil {
		t.Fatal(err)
	}
	got := d.show(s.assertion(t, auth.EdDSA, issuer, d.now()))
	if got.status != 503 || got.json(t)["error"] != "temporarily_unavailable" || got.header.Get("Retry-After") == "" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	secret := "grant_type=client_credentials&client_id=" + d.partner.ID + "&client_secret=secret-un"
	if got := d.do(ask{method: "POST", path: "/oauth/token", token: "-", body: secret, contentType: form}); got.status != 200 {
		t.Errorf("a secret: %d %s", got.status, got.body)
	}
}

// The audit says by its pseudonym which aidant did what; nobody else learns it.
func TestTheAuditSaysWhoActed(t *testing.T) {
	d := newDoor(t)
	s := d.newSigning("signe", auth.AllScopes())
	d.token = d.show(s.assertion(t, auth.EdDSA, issuer, d.now()), "prescripteur", "aidant-7", "usager", "u.42").json(t)["access_token"].(string)
	made := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k1", body: demand(d.slot("g", "09:00"), `usager.reference="dossier-9"`)})
	if made.status != 201 || strings.Contains(string(made.body), "aidant-7") {
		t.Fatalf("%d %s", made.status, made.body)
	}
	id := made.json(t)["id"].(string)
	d.token = d.show(s.assertion(t, auth.EdDSA, issuer, d.now()), "prescripteur", "aidant-8").json(t)["access_token"].(string)
	if got := d.do(ask{method: "POST", path: "/v1/rendez-vous/" + id + "/annulation", key: "k2", body: `{"par":"usager","raison":"empêchement"}`}); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := d.do(ask{method: "DELETE", path: person("dossier-9")}); got.status != 204 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	held := d.do(ask{method: "POST", path: "/v1/reservations", key: "k3", body: `{"creneau_id":"` + d.slot("a", "11:00") + `"}`}).json(t)["id"].(string)
	if got := d.do(ask{method: "DELETE", path: "/v1/reservations/" + held}); got.status != 204 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	audit, err := sql.Open("sqlite", "file:"+d.file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer audit.Close()
	for id, want := range map[string]string{
		id: s.id + "/aidant-7," + s.id + "/aidant-8," + s.id + "/aidant-8", held: s.id + "/aidant-8",
	} {
		var who string
		row := audit.QueryRowContext(t.Context(), "SELECT group_concat(who) FROM (SELECT who FROM audit WHERE appointment = ? ORDER BY id)", id)
		if err := row.Scan(&who); err != nil || who != want {
			t.Errorf("the audit says %q, want %q (%v)", who, want, err)
		}
	}
}

// Two instances on one ledger, each with what it remembers: within fifteen seconds both refuse.
func TestARevocationReachesEveryInstance(t *testing.T) {
	for name, end := range map[string]func(*door) error{
		"the partner": func(d *door) error { return d.ledger.RevokePartner(t.Context(), d.partner.ID, d.now()) },
		"its tokens so far": func(d *door) error {
			return d.ledger.ChangePartner(t.Context(), d.partner.ID, func(p *auth.Partner) error {
				p.NotBefore = d.now().Add(time.Second)
				return nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			parts := d.parts
			parts.Verifier = must[*auth.Verifier](t)(auth.NewVerifier(d.settings))
			instances := []http.Handler{d.handler, must[http.Handler](t)(New(parts))}
			statuses := func() (got []int) {
				for _, d.handler = range instances {
					got = append(got, d.do(ask{path: "/v1/lieux"}).status)
				}
				return got
			}
			if got := statuses(); !slices.Equal(got, []int{200, 200}) {
				t.Fatalf("before: %v", got)
			}
			d.wait(3 * time.Second)
			if err := end(d); err != nil {
				t.Fatal(err)
			}
			d.wait(15 * time.Second)
			if got := statuses(); !slices.Equal(got, []int{401, 401}) {
				t.Errorf("fifteen seconds after: %v", got)
			}
		})
	}
}
