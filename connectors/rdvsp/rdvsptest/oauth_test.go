package rdvsptest

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

func authorization() url.Values {
	return url.Values{"client_id": {application.ID}, "redirect_uri": {application.RedirectURI}, "response_type": {"code"}, "scope": {"write"}}
}

func tokenForm(pairs ...string) url.Values {
	values := url.Values{"client_id": {application.ID}, "client_secret": {application.Secret}, "redirect_uri": {application.RedirectURI}}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

// signIn is the whole way to a token.
func (w *world) signIn(agent Agent) string {
	w.t.Helper()
	code, err := w.Consent(agent.ID, authorization())
	if err != nil {
		w.t.Fatal(err)
	}
	r := w.form("/oauth/token", tokenForm("grant_type", "authorization_code", "code", code))
	token, _ := r.dig(w.t, "access_token").(string)
	return token
}

func (w *world) me(token string) int { return w.ask(token, "GET", "/api/v1/agents/me", nil).status }

func TestAnAgentConsentsAndTheTokenLastsTwoHours(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	r := w.ask(token, "GET", "/api/v1/agents/me", nil)
	if r.id(t, "agent", "id") != w.agent.ID || r.dig(t, "agent", "email") != w.agent.Email {
		t.Errorf("me: %s", r.body)
	}
	w.clock.Add(2*time.Hour - time.Second)
	if got := w.me(token); got != http.StatusOK {
		t.Errorf("just before its end: %d", got)
	}
	w.clock.Add(time.Second)
	const body = `{"errors":["Vous devez vous connecter ou vous inscrire pour continuer."]}`
	want(t, "at its end", w.ask(token, "GET", "/api/v1/agents/me", nil), http.StatusUnauthorized, body)
	want(t, "no token", w.ask("", "GET", "/api/v1/rdvs", nil), http.StatusUnauthorized, body)
}

func TestTheBrowserIsSentBackWithACode(t *testing.T) {
	w := newWorld(t, nil)
	refuses := w.AddAgent(Agent{Email: "non@exemple.fr", Refuses: true})
	query := authorization()
	query.Set("state", "s t")
	ask := func() *url.URL {
		r := w.ask("", "GET", "/oauth/authorize?"+query.Encode(), nil)
		back, err := url.Parse(r.header.Get("Location"))
		if r.status != http.StatusFound || err != nil {
			t.Fatalf("%d %v", r.status, err)
		}
		return back
	}
	if back := ask(); back.Path != "/agents/sign_in" {
		t.Errorf("nobody is signed in: %s", back)
	}
	w.SignIn(refuses.ID)
	if back := ask(); back.Query().Get("error") != "access_denied" || back.Query().Get("state") != "s t" || back.Query().Has("code") {
		t.Errorf("refused: %s", back)
	}
	w.SignIn(w.agent.ID)
	back := ask()
	if back.Host != "passerelle.exemple.fr" || back.Query().Get("state") != "s t" {
		t.Errorf("back: %s", back)
	}
	r := w.form("/oauth/token", tokenForm("grant_type", "authorization_code", "code", back.Query().Get("code")))
	if r.dig(t, "token_type") != "Bearer" || r.dig(t, "expires_in") != 7200.0 || r.dig(t, "scope") != "write" || r.dig(t, "refresh_token") == "" {
		t.Errorf("token: %s", r.body)
	}
	for name, value := range map[string]string{"client_id": "other", "redirect_uri": "https://exemple.com/"} {
		bad := authorization()
		bad.Set(name, value)
		if r := w.ask("", "GET", "/oauth/authorize?"+bad.Encode(), nil); r.status != http.StatusUnauthorized || r.header.Get("Location") != "" {
			t.Errorf("wrong %s: %d", name, r.status)
		}
	}
	query.Set("scope", "admin")
	if back := ask(); back.Query().Get("error") != "invalid_scope" {
		t.Errorf("another scope: %s", back)
	}
}

func TestTokensAreGivenForAFormAndNothingElse(t *testing.T) {
	w := newWorld(t, nil)
	code := func() string {
		c, err := w.Consent(w.agent.ID, authorization())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	want(t, "JSON", w.ask("", "POST", "/oauth/token", map[string]string{"code": code()}), http.StatusUnsupportedMediaType, "")
	want(t, "secret in the address", w.form("/oauth/token?client_secret=x", tokenForm("grant_type", "authorization_code", "code", code())), http.StatusBadRequest, "")
	want(t, "wrong secret", w.form("/oauth/token", tokenForm("grant_type", "authorization_code", "code", code(), "client_secret", "x")), http.StatusUnauthorized, "")
	want(t, "another redirect", w.form("/oauth/token", tokenForm("grant_type", "authorization_code", "code", code(), "redirect_uri", "x")), http.StatusBadRequest, "")
	want(t, "another grant", w.form("/oauth/token", tokenForm("grant_type", "client_credentials")), http.StatusBadRequest, "")
	old := code()
	w.clock.Add(10 * time.Minute)
	want(t, "an old code", w.form("/oauth/token", tokenForm("grant_type", "authorization_code", "code", old)), http.StatusBadRequest, "")
	once := tokenForm("grant_type", "authorization_code", "code", code())
	want(t, "a code", w.form("/oauth/token", once), http.StatusOK, "")
	want(t, "a code again", w.form("/oauth/token", once), http.StatusBadRequest, "")
}

func TestARefreshReplacesThePair(t *testing.T) {
	for name, strict := range map[string]bool{"on use of the new token": false, "at once": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *Options) { o.StrictRefresh = strict })
			code, _ := w.Consent(w.agent.ID, authorization())
			first := w.form("/oauth/token", tokenForm("grant_type", "authorization_code", "code", code))
			refresh := tokenForm("grant_type", "refresh_token", "refresh_token", first.dig(t, "refresh_token").(string))
			w.clock.Add(3 * time.Hour) // a dead token is refreshed too
			second := w.form("/oauth/token", refresh)
			again := w.form("/oauth/token", refresh)
			if lost := map[bool]int{false: http.StatusOK, true: http.StatusBadRequest}[strict]; again.status != lost {
				t.Errorf("the answer was lost, asked again: %d, want %d", again.status, lost)
			}
			if got := w.me(second.dig(t, "access_token").(string)); got != http.StatusOK {
				t.Errorf("the new token: %d", got)
			}
			want(t, "the old refresh token", w.form("/oauth/token", refresh), http.StatusBadRequest, "")
		})
	}
}

func TestAnAgentTakesHisConsentBack(t *testing.T) {
	w := newWorld(t, nil)
	code, _ := w.Consent(w.agent.ID, authorization())
	r := w.form("/oauth/token", tokenForm("grant_type", "authorization_code", "code", code))
	other := w.signIn(w.admin)
	w.Revoke(w.agent.ID)
	if got := w.me(r.dig(t, "access_token").(string)); got != http.StatusUnauthorized {
		t.Errorf("his token: %d", got)
	}
	want(t, "its refresh", w.form("/oauth/token", tokenForm("grant_type", "refresh_token", "refresh_token", r.dig(t, "refresh_token").(string))), http.StatusBadRequest, "")
	if got := w.me(other); got != http.StatusOK {
		t.Errorf("another agent's token: %d", got)
	}
	if _, err := w.Consent(0, authorization()); err == nil {
		t.Error("nobody consented")
	}
}
