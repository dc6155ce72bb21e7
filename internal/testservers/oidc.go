package testservers

import (
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

//go:embed oidc.mjs
var oidcProvider []byte

// OIDCServer is an OpenID Connect provider of one test, which knows one relying party. Codes are good for 30 seconds,
// access tokens and ID tokens for 60.
type OIDCServer struct {
	Issuer string // http://127.0.0.1:port, the same for its whole life

	ClientID, ClientSecret string // of the relying party; the secret has what a client may forget to encode

	setup   oidcSetup
	program program
	process *process
}

// oidcSetup is the argument of oidc.mjs.
type oidcSetup struct {
	Modules string         `json:"modules"`
	Issuer  string         `json:"issuer"`
	Port    int            `json:"port"`
	PKCE    bool           `json:"pkce"`
	Client  map[string]any `json:"client"` // as OpenID Connect Dynamic Client Registration names it
}

// OIDCOption makes a provider another than the usual one, which is as ProConnect is: the secret in the form
// (client_secret_post), signed claims at the userinfo endpoint, ES256.
type OIDCOption func(*oidcSetup)

// OIDCSecretBasic takes the secret in the header Authorization alone (client_secret_basic), instead of in the form alone.
func OIDCSecretBasic() OIDCOption {
	return func(s *oidcSetup) { s.Client["token_endpoint_auth_method"] = "client_secret_basic" }
}

// OIDCPlainUserInfo answers JSON at the userinfo endpoint, instead of a signed token.
func OIDCPlainUserInfo() OIDCOption {
	return func(s *oidcSetup) { delete(s.Client, "userinfo_signed_response_alg") }
}

// OIDCSignRS256 signs with RS256 what is signed with ES256 otherwise. Both keys are published either way.
func OIDCSignRS256() OIDCOption {
	return func(s *oidcSetup) {
		s.Client["id_token_signed_response_alg"] = "RS256"
		if _, signed := s.Client["userinfo_signed_response_alg"]; signed {
			s.Client["userinfo_signed_response_alg"] = "RS256"
		}
	}
}

// OIDCRequirePKCE refuses an authorization request without a code_challenge. One that has a challenge is held to it
// without this too.
func OIDCRequirePKCE() OIDCOption {
	return func(s *oidcSetup) { s.PKCE = true }
}

// OIDCLogoutTo lets who signs out be sent to the URI (post_logout_redirect_uri). Without it there is none.
func OIDCLogoutTo(uri string) OIDCOption {
	return func(s *oidcSetup) { s.Client["post_logout_redirect_uris"] = []string{uri} }
}

// StartOIDC starts a provider that ends with the test: the npm package oidc-provider, installed in the folder that
// PASSERELLE_ICALJS names. It sends its answers to the redirect URI alone.
func StartOIDC(t testing.TB, redirectURI string, options ...OIDCOption) *OIDCServer {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		absent(t, "node")
	}
	modules := os.Getenv("PASSERELLE_ICALJS")
	if _, err := os.Stat(filepath.Join(modules, "node_modules", "oidc-provider")); modules == "" || err != nil {
		absent(t, "the npm package oidc-provider, in a folder that PASSERELLE_ICALJS names,")
	}
	home := folder(t, "oidc", nil)
	script := filepath.Join(home, "oidc.mjs")
	if err := os.WriteFile(script, oidcProvider, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &OIDCServer{ClientID: "passerelle", ClientSecret: "sesame: ouvre-toi + 100%"}
	s.setup = oidcSetup{Modules: modules, Client: map[string]any{
		"client_id": s.ClientID, "client_secret": s.ClientSecret, "redirect_uris": []string{redirectURI},
		"token_endpoint_auth_method":   "client_secret_post",
		"id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "ES256",
	}}
	for _, option := range options {
		option(&s.setup)
	}
	t.Cleanup(func() { s.Stop(t) })
	for range ports {
		s.setup.Port = freePort(t)
		s.setup.Issuer = "http://" + address(s.setup.Port)
		s.Issuer = s.setup.Issuer
		argument, err := json.Marshal(s.setup)
		if err != nil {
			t.Fatal(err)
		}
		s.program = program{
			path: path, args: []string{script, string(argument)}, folder: home,
			polite: syscall.SIGTERM, death: syscall.SIGKILL,
		}
		if err := s.start(); err == nil {
			return s
		}
	}
	t.Fatalf("testservers: oidc-provider does not start:\n%s", logTail(home))
	return nil
}

// Stop ends the provider. It does nothing when it is down.
func (s *OIDCServer) Stop(t testing.TB) {
	t.Helper()
	if !s.process.end(s.program.polite) {
		t.Errorf("testservers: oidc-provider had to be killed:\n%s", logTail(s.program.folder))
	}
	s.process = nil
}

// Start starts it again, at the same address, with new keys: it has forgotten every session, code and token. It does
// nothing when it runs.
func (s *OIDCServer) Start(t testing.TB) {
	t.Helper()
	if s.process.alive() {
		return
	}
	if err := s.start(); err != nil {
		t.Fatalf("testservers: oidc-provider does not start again: %v\n%s", err, logTail(s.program.folder))
	}
}

func (s *OIDCServer) start() error {
	p, err := s.program.start()
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: answerGuard, Transport: &http.Transport{DisableKeepAlives: true}}
	err = p.await(func() bool {
		answer, err := client.Get(s.Issuer + "/pid")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		pid, err := io.ReadAll(answer.Body)
		return err == nil && string(pid) == strconv.Itoa(p.pid) // the port may be another's
	})
	if err != nil {
		p.end(syscall.SIGKILL)
		return err
	}
	s.process = p
	return nil
}
