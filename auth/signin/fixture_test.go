package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"passerelle/auth/signin"
	"passerelle/booking/ledger"
	"passerelle/booking/volatile"
	"passerelle/internal/held"
)

const (
	clientID     = "passerelle"
	clientSecret = "secret-de-la-passerelle"
)

// liar is a provider that says what it is told to: what no real one does.
type liar struct {
	t   *testing.T
	url string
	key *ecdsa.PrivateKey

	mu       sync.Mutex
	claims   jwt.MapClaims              // of the id_token
	header   map[string]any             // of the id_token, besides its own
	sign     func(jwt.MapClaims) string // instead of with the key
	userinfo func(w http.ResponseWriter)
	known    map[string]any // in its discovery, besides its own
	token    func(w http.ResponseWriter) bool
	broken   string       // what it answers instead of its discovery
	asked    []url.Values // at the token endpoint
	basic    int          // of them, with the secret in the header
}

func newLiar(t *testing.T) *liar {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l := &liar{t: t, key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", l.discovery)
	mux.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) {
		point, _ := key.PublicKey.Bytes()
		l.say(w, map[string]any{"keys": []any{map[string]string{
			"kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "alg": "ES256", "x": b64(point[1:33]), "y": b64(point[33:]),
		}}})
	})
	mux.HandleFunc("/token", l.exchange)
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer acces" {
			t.Errorf("userinfo was asked with %q", r.Header.Get("Authorization"))
		}
		l.userinfo(w)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	l.url = server.URL
	l.userinfo = func(w http.ResponseWriter) { l.jwt(w, l.person()) }
	return l
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (l *liar) say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		l.t.Error(err)
	}
}

func (l *liar) discovery(w http.ResponseWriter, _ *http.Request) {
	if l.broken != "" {
		http.Error(w, l.broken, http.StatusServiceUnavailable)
		return
	}
	says := map[string]any{
		"issuer": l.url, "authorization_endpoint": l.url + "/auth", "token_endpoint": l.url + "/token", "jwks_uri": l.url + "/jwks",
		"userinfo_endpoint": l.url + "/userinfo", "end_session_endpoint": l.url + "/fin", "id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
	}
	maps.Copy(says, l.known)
	l.say(w, says)
}

func (l *liar) exchange(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		l.t.Error(err)
	}
	l.asked = append(l.asked, r.PostForm)
	if id, secret, ok := r.BasicAuth(); ok && id == clientID && secret == clientSecret {
		l.basic++
	}
	if l.token != nil && l.token(w) {
		return
	}
	answer := map[string]any{"access_token": "acces", "token_type": "Bearer"}
	if l.claims != nil {
		answer["id_token"] = l.signed(l.claims)
	}
	l.say(w, answer)
}

func (l *liar) signed(c jwt.MapClaims) string {
	if l.sign != nil {
		return l.sign(c)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodES256, c)
	token.Header["kid"] = "k"
	maps.Copy(token.Header, l.header)
	text, err := token.SignedString(l.key)
	if err != nil {
		l.t.Error(err)
	}
	return text
}

// person is what is said of who signs in, when nobody lies.
func (l *liar) person() jwt.MapClaims {
	return jwt.MapClaims{"iss": l.url, "aud": clientID, "sub": "agent-1", "email": "Camille.Martin@mairie.example.org", "given_name": "Camille", "usual_name": "Martin"}
}

func (l *liar) jwt(w http.ResponseWriter, c jwt.MapClaims) {
	text, err := jwt.NewWithClaims(jwt.SigningMethodES256, c).SignedString(l.key)
	if err != nil {
		l.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/jwt")
	_, _ = w.Write([]byte(text))
}

// desk is one on a real ledger, with this provider.
func (l *liar) desk(change func(*signin.ProviderOptions, *signin.Options)) (*signin.Desk, *held.Clock) {
	l.t.Helper()
	c := held.NewClock(time.Now().Truncate(time.Second))
	p := signin.ProviderOptions{
		Issuer: l.url, ID: clientID, Secret: clientSecret, Name: "Fournisseur", Back: "https://rdv.example/connexion/retour", Home: "https://rdv.example/connexion",
		Signed: true, HTTP: &http.Client{}, Now: c.Now,
	}
	o := signin.Options{
		Store: store(l.t, c), ByMail: true, Key: make([]byte, 32), Replays: volatile.NewMemory(c.Now, volatile.Limits{}),
		Publishes: func(place, address string) bool {
			return address == "accueil@lieu.example.org" && (place == "" || place == "lieu-1")
		},
		Now: c.Now, Random: rand.Reader,
	}
	if change != nil {
		change(&p, &o)
	}
	provider, err := signin.NewProvider(p)
	if err != nil {
		l.t.Fatal(err)
	}
	o.Provider = provider
	desk, err := signin.New(o)
	if err != nil {
		l.t.Fatal(err)
	}
	return desk, c
}

func store(t *testing.T, c *held.Clock) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), ledger.Options{Path: filepath.Join(t.TempDir(), "registre.db"), Keys: [][]byte{make([]byte, 32)}, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// way begins to sign in, and gives what the provider was asked.
func way(t *testing.T, d *signin.Desk, visit string) url.Values {
	t.Helper()
	address, err := d.ToProvider(t.Context(), visit, "/lieux/a?creneau=x")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// honest is the id_token of who answers a question as it was asked.
func (l *liar) honest(asked url.Values, at time.Time) jwt.MapClaims {
	return jwt.MapClaims{
		"iss": l.url, "aud": clientID, "sub": "agent-1", "nonce": asked.Get("nonce"), "iat": at.Unix(), "exp": at.Add(time.Minute).Unix(), "amr": []string{"pwd", "mfa"},
	}
}
