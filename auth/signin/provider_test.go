package signin_test

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"passerelle/auth/signin"
	"passerelle/internal/held"
)

func TestAPersonSignsInThroughAProvider(t *testing.T) {
	l := newLiar(t)
	l.known = map[string]any{"code_challenge_methods_supported": []string{"S256"}, "scopes_supported": []string{"openid", "email", "given_name", "usual_name"}}
	d, c := l.desk(nil)
	visit := signin.NewVisit()
	asked := way(t, d, visit)
	for name, want := range map[string]string{
		"response_type": "code", "client_id": clientID, "redirect_uri": "https://rdv.example/connexion/retour", "scope": "openid email given_name usual_name",
		"code_challenge_method": "S256", "claims": `{"id_token":{"amr":{"essential":true}}}`,
	} {
		if got := asked.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"state", "nonce"} { // ProConnect wants 32 characters
		if len(asked.Get(name)) < 32 {
			t.Errorf("the %s is %q", name, asked.Get(name))
		}
	}
	if len(asked) != 9 {
		t.Errorf("ProConnect refuses what it does not know: %v", asked)
	}
	l.claims = l.honest(asked, c.Now())
	session, back, err := d.FromProvider(t.Context(), visit, signin.Answer{State: asked.Get("state"), Code: "code", Issuer: l.url})
	if err != nil || back != "/lieux/a?creneau=x" {
		t.Fatalf("%q, %v", back, err)
	}
	exchange := l.asked[0]
	sum := sha256.Sum256([]byte(exchange.Get("code_verifier")))
	if exchange.Get("code") != "code" || b64(sum[:]) != asked.Get("code_challenge") || exchange.Get("redirect_uri") != asked.Get("redirect_uri") || l.basic != 1 {
		t.Errorf("the code was exchanged with %v", exchange)
	}
	s, err := d.Who(t.Context(), session)
	if err != nil || s.Account.Name != "Camille Martin" || s.Account.Address != "camille.martin@mairie.example.org" || !s.Strong || s.Account.Issuer != l.url {
		t.Errorf("%+v, %v", s, err)
	}
	if may, err := d.MayBook(t.Context(), s.Account); err != nil || !may {
		t.Errorf("%v, %v", may, err)
	}
	if s.MayRun() {
		t.Error("an agent runs the gateway")
	}
	there, farewell, err := d.SignOut(t.Context(), session)
	if u, _ := url.Parse(farewell); err != nil || !there || len(u.Query().Get("state")) < 32 || !strings.HasPrefix(farewell, l.url+"/fin?") || u.Query().Get("id_token_hint") == "" || u.Query().Get("post_logout_redirect_uri") != "https://rdv.example/connexion" {
		t.Errorf("%s, %v", farewell, err)
	}
	if _, err := d.Who(t.Context(), session); !errors.Is(err, signin.ErrUnknown) {
		t.Errorf("who has left is still there: %v", err)
	}
}

// The secret goes where the provider wants it, at the first try: a second one would find the code used up.
func TestTheSecretGoesWhereTheProviderWantsIt(t *testing.T) {
	l := newLiar(t)
	l.known = map[string]any{"token_endpoint_auth_methods_supported": []string{"client_secret_post"}}
	d, c := l.desk(nil)
	visit := signin.NewVisit()
	asked := way(t, d, visit)
	l.claims = l.honest(asked, c.Now())
	if _, _, err := d.FromProvider(t.Context(), visit, signin.Answer{State: asked.Get("state"), Code: "code"}); err != nil {
		t.Fatal(err)
	}
	if len(l.asked) != 1 || l.asked[0].Get("client_secret") != clientSecret || l.basic != 0 || asked.Has("code_challenge") || l.asked[0].Has("code_verifier") {
		t.Errorf("asked with %v", l.asked)
	}
}

// What a provider, or who stands between, may say that must let nobody in.
func TestWhatAProviderMayNotSay(t *testing.T) {
	claim := func(name string, value any) func(*liar, *held.Clock) {
		return func(l *liar, _ *held.Clock) { l.claims[name] = value }
	}
	without := func(name string) func(*liar, *held.Clock) {
		return func(l *liar, _ *held.Clock) { delete(l.claims, name) }
	}
	says := func(change func(*liar, jwt.MapClaims)) func(*liar, *held.Clock) {
		return func(l *liar, _ *held.Clock) {
			l.userinfo = func(w http.ResponseWriter) {
				p := l.person()
				change(l, p)
				l.jwt(w, p)
			}
		}
	}
	plain := func(kind, text string, status int) func(*liar, *held.Clock) {
		return func(l *liar, _ *held.Clock) {
			l.userinfo = func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", kind)
				w.WriteHeader(status)
				_, _ = w.Write([]byte(text))
			}
		}
	}
	for name, lie := range map[string]func(*liar, *held.Clock){
		"another nonce":               claim("nonce", strings.Repeat("n", 43)),
		"no nonce":                    without("nonce"),
		"a nonce that is none":        claim("nonce", ""),
		"for another client":          claim("aud", "autre"),
		"for us and another client":   claim("aud", []string{clientID, "autre"}),
		"for nobody":                  without("aud"),
		"given to another client":     claim("azp", "autre"),
		"by another issuer":           claim("iss", "https://autre.example"),
		"by nobody":                   without("iss"),
		"about nobody":                without("sub"),
		"about an empty name":         claim("sub", ""),
		"about another than userinfo": claim("sub", "agent-2"),
		"without an end":              without("exp"),
		"over":                        func(l *liar, c *held.Clock) { l.claims["exp"] = c.Now().Add(-time.Hour).Unix() },
		"from the future":             func(l *liar, c *held.Clock) { l.claims["iat"] = c.Now().Add(time.Hour).Unix() },
		"not yet":                     func(l *liar, c *held.Clock) { l.claims["nbf"] = c.Now().Add(time.Hour).Unix() },
		"no id_token":                 func(l *liar, _ *held.Clock) { l.claims = nil },
		"an id_token that is none":    func(l *liar, _ *held.Clock) { l.sign = func(jwt.MapClaims) string { return "a.b.c" } },
		"signed with a key of nobody's": func(l *liar, _ *held.Clock) {
			l.header = map[string]any{"kid": "autre"}
			other := newLiar(l.t)
			l.sign = other.signed
		},
		"signed with another key of a name": func(l *liar, _ *held.Clock) { other := newLiar(l.t); l.sign = other.signed },
		"signed with our secret": func(l *liar, _ *held.Clock) {
			l.sign = func(c jwt.MapClaims) string {
				text, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(clientSecret))
				return text
			}
		},
		"not signed": func(l *liar, _ *held.Clock) {
			l.sign = func(c jwt.MapClaims) string {
				text, _ := jwt.NewWithClaims(jwt.SigningMethodNone, c).SignedString(jwt.UnsafeAllowNoneSignatureType)
				return text
			}
		},
		"userinfo about another":      says(func(_ *liar, p jwt.MapClaims) { p["sub"] = "agent-2" }),
		"userinfo about nobody":       says(func(_ *liar, p jwt.MapClaims) { delete(p, "sub") }),
		"userinfo for another client": says(func(_ *liar, p jwt.MapClaims) { p["aud"] = "autre" }),
		"userinfo of another issuer":  says(func(_ *liar, p jwt.MapClaims) { p["iss"] = "https://autre.example" }),
		"userinfo with the key of another": func(l *liar, _ *held.Clock) {
			other := newLiar(l.t)
			l.userinfo = func(w http.ResponseWriter) { other.jwt(w, l.person()) }
		},
		"userinfo whose time is over":     says(func(_ *liar, p jwt.MapClaims) { p["exp"] = time.Now().Add(-time.Hour).Unix() }),
		"userinfo that is not signed":     plain("application/json", `{"sub":"agent-1"}`, 200),
		"userinfo that says it is signed": plain("application/jwt", `{"sub":"agent-1"}`, 200),
		"userinfo that is a page":         plain("text/html", "<html>", 200),
		"userinfo that fails":             plain("application/json", `{}`, 500),
		"userinfo without an end":         plain("application/jwt", strings.Repeat("a", 1<<20), 200),
		"a token endpoint that fails": func(l *liar, _ *held.Clock) {
			l.token = func(w http.ResponseWriter) bool { w.WriteHeader(500); return true }
		},
		"a code that is used up": func(l *liar, _ *held.Clock) {
			l.token = func(w http.ResponseWriter) bool {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(400)
				_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
				return true
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t)
			d, c := l.desk(nil)
			visit := signin.NewVisit()
			asked := way(t, d, visit)
			l.claims = l.honest(asked, c.Now())
			lie(l, c)
			session, _, err := d.FromProvider(t.Context(), visit, signin.Answer{State: asked.Get("state"), Code: "code"})
			if err == nil || session != "" {
				t.Fatalf("it signs somebody in: %v", err)
			}
			if !errors.Is(err, signin.ErrProvider) && !errors.Is(err, signin.ErrState) {
				t.Errorf("%v", err)
			}
			for _, secret := range []string{clientSecret, asked.Get("state"), "acces"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error holds %q: %v", secret, err)
				}
			}
		})
	}
}

// Where a provider cannot sign what it says of people, the operator may say so.
func TestAnAnswerThatNeedNotBeSigned(t *testing.T) {
	l := newLiar(t)
	l.userinfo = func(w http.ResponseWriter) {
		l.say(w, map[string]string{"sub": "agent-1", "name": "Camille\u202e\n Martin"})
	}
	d, c := l.desk(func(p *signin.ProviderOptions, _ *signin.Options) { p.Signed = false })
	visit := signin.NewVisit()
	asked := way(t, d, visit)
	l.claims = l.honest(asked, c.Now())
	l.claims["amr"] = []string{"pwd"}
	session, _, err := d.FromProvider(t.Context(), visit, signin.Answer{State: asked.Get("state"), Code: "code"})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := d.Who(t.Context(), session); err != nil || s.Account.Name != "Camille Martin" || s.Account.Address != "" || s.Strong {
		t.Errorf("%+v, %v", s, err)
	}
}

// What the browser brings back is believed once, in time, and in the browser that was sent.
func TestAnswersOfAnotherWay(t *testing.T) {
	l := newLiar(t)
	d, c := l.desk(nil)
	mine, theirs := signin.NewVisit(), signin.NewVisit()
	asked, other := way(t, d, mine), way(t, d, theirs)
	l.claims = l.honest(asked, c.Now())
	last := func(s string) string {
		return s[:len(s)-1] + map[bool]string{true: "B", false: "A"}[s[len(s)-1] == 'A']
	}
	try := func(visit string, a signin.Answer) error {
		session, _, err := d.FromProvider(t.Context(), visit, a)
		if (session == "") != (err != nil) {
			t.Errorf("%q, %v", session, err)
		}
		return err
	}
	state := asked.Get("state")
	for name, c := range map[string]struct {
		visit string
		a     signin.Answer
		want  error
	}{
		"another browser's state":     {mine, signin.Answer{State: other.Get("state"), Code: "code"}, signin.ErrState},
		"a state in another browser":  {theirs, signin.Answer{State: state, Code: "code"}, signin.ErrState},
		"a browser without a visit":   {"", signin.Answer{State: state, Code: "code"}, signin.ErrState},
		"a visit that is none":        {"visite", signin.Answer{State: state, Code: "code"}, signin.ErrState},
		"no state":                    {mine, signin.Answer{Code: "code"}, signin.ErrState},
		"a state with another end":    {mine, signin.Answer{State: last(state), Code: "code"}, signin.ErrState},
		"a state with more behind it": {mine, signin.Answer{State: state + "AAAA", Code: "code"}, signin.ErrState},
		"a state that is cut":         {mine, signin.Answer{State: state[:60], Code: "code"}, signin.ErrState},
		"a state with a line end":     {mine, signin.Answer{State: state[:8] + "\n" + state[8:], Code: "code"}, signin.ErrState},
		"a state without an end":      {mine, signin.Answer{State: strings.Repeat("A", 1<<20), Code: "code"}, signin.ErrState},
		"an answer of another issuer": {mine, signin.Answer{State: state, Code: "code", Issuer: "https://autre.example"}, signin.ErrState},
		"no":                          {mine, signin.Answer{State: state, Error: "access_denied"}, signin.ErrDenied},
		"a provider that cannot":      {mine, signin.Answer{State: state, Error: "server_error"}, signin.ErrProvider},
		"nothing":                     {mine, signin.Answer{State: state}, signin.ErrProvider},
		"an error that is a text":     {mine, signin.Answer{State: state, Error: "<b>jeton</b>"}, signin.ErrProvider},
	} {
		if err := try(c.visit, c.a); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if len(l.asked) != 0 {
		t.Errorf("the provider was asked %d times about what is not ours", len(l.asked))
	}
	if err := try(mine, signin.Answer{State: state, Code: "code"}); err != nil {
		t.Fatal(err)
	}
	if err := try(mine, signin.Answer{State: state, Code: "code"}); !errors.Is(err, signin.ErrState) {
		t.Errorf("an answer is good twice: %v", err)
	}
	late := way(t, d, mine)
	l.claims = l.honest(late, c.Now())
	c.Add(10 * time.Minute)
	if err := try(mine, signin.Answer{State: late.Get("state"), Code: "code"}); !errors.Is(err, signin.ErrState) {
		t.Errorf("an answer that comes too late: %v", err)
	}
}

func TestAProviderThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	l := newLiar(t)
	l.broken = strings.Repeat("secret ", 100_000)
	away, _ := l.desk(nil)
	if _, err := away.ToProvider(t.Context(), signin.NewVisit(), "/"); !errors.Is(err, signin.ErrProvider) || len(err.Error()) > 300 {
		t.Errorf("a provider that is down: %.400s", err)
	}
	l.broken = ""
	l.known = map[string]any{"issuer": "https://autre.example"}
	d, _ := l.desk(nil)
	for range 2 {
		if _, err := d.ToProvider(t.Context(), signin.NewVisit(), "/"); !errors.Is(err, signin.ErrProvider) {
			t.Fatalf("a provider that calls itself another: %v", err)
		}
	}
	l.known = nil
	way(t, d, signin.NewVisit())
}

// An address that the provider has not checked is nobody's.
func TestAnAddressThatNobodyHasChecked(t *testing.T) {
	for value, want := range map[any]string{false: "", "false": "", true: "camille.martin@mairie.example.org", nil: "camille.martin@mairie.example.org"} {
		l := newLiar(t)
		l.userinfo = func(w http.ResponseWriter) {
			p := l.person()
			if value != nil {
				p["email_verified"] = value
			}
			l.jwt(w, p)
		}
		d, c := l.desk(nil)
		visit := signin.NewVisit()
		asked := way(t, d, visit)
		l.claims = l.honest(asked, c.Now())
		session, _, err := d.FromProvider(t.Context(), visit, signin.Answer{State: asked.Get("state"), Code: "code"})
		if err != nil {
			t.Fatal(err)
		}
		if s, err := d.Who(t.Context(), session); err != nil || s.Account.Address != want {
			t.Errorf("checked %v: %+v, %v", value, s, err)
		}
	}
}
