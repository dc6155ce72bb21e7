package testservers

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// OIDCAccount is who signs in: whatever it says, the provider believes. An empty claim is not there.
type OIDCAccount struct {
	ID         string // the sub; not empty
	Email      string
	Unverified bool // email_verified is false
	GivenName  string
	UsualName  string   // the family name, as ProConnect calls it
	AMR        []string // how the person signed in (RFC 8176), for an ID token that is asked for its amr
}

// OIDCBrowser is one person's: it keeps the provider's cookies, and follows the provider's redirects to itself alone.
type OIDCBrowser struct {
	server *OIDCServer
	client *http.Client
}

// maxOIDCPages are more than a person is ever shown in a row: two.
const maxOIDCPages = 5

// xsrf finds the secret of the form that ends a session.
var xsrf = regexp.MustCompile(`name="xsrf" value="([^"]+)"`)

// NewBrowser returns one in which nobody is signed in.
func (s *OIDCServer) NewBrowser(t testing.TB) *OIDCBrowser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &OIDCBrowser{s, &http.Client{
		Jar: jar, Timeout: answerGuard, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if !strings.HasPrefix(r.URL.String(), s.Issuer+"/") {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}}
}

// SignIn signs in with a new browser.
func (s *OIDCServer) SignIn(t testing.TB, authorizationURL string, as OIDCAccount) (callback string) {
	t.Helper()
	return s.NewBrowser(t).SignIn(t, authorizationURL, as)
}

// Refuse refuses to sign in, with a new browser.
func (s *OIDCServer) Refuse(t testing.TB, authorizationURL string) (callback string) {
	t.Helper()
	return s.NewBrowser(t).Refuse(t, authorizationURL)
}

// SignIn opens the URL, fills the form that it leads to, and returns the address that the provider then sends the browser
// to, which is not opened: the redirect URI with a code, or with an error where the request is wrong. Who is signed in
// already is shown no form, and stays who it is, unless the request insists on one (prompt, max_age).
func (b *OIDCBrowser) SignIn(t testing.TB, authorizationURL string, as OIDCAccount) (callback string) {
	t.Helper()
	return b.walk(t, authorizationURL, url.Values{
		"compte": {as.ID}, "amr": {strings.Join(as.AMR, " ")}, "email": {as.Email},
		"email_verified": {strconv.FormatBool(!as.Unverified)}, "given_name": {as.GivenName}, "usual_name": {as.UsualName},
	})
}

// Refuse is SignIn for a person who presses the other button: the error is access_denied.
func (b *OIDCBrowser) Refuse(t testing.TB, authorizationURL string) (callback string) {
	t.Helper()
	return b.walk(t, authorizationURL, url.Values{"refus": {"oui"}})
}

// SignOut opens the URL (end_session_endpoint), says yes to the question whether to sign out, and returns the address that
// the provider then sends the browser to: the post_logout_redirect_uri, which the URL must have.
func (b *OIDCBrowser) SignOut(t testing.TB, endSessionURL string) (callback string) {
	t.Helper()
	return b.walk(t, endSessionURL, nil)
}

// walk answers every page with a form, until the provider sends the browser elsewhere.
func (b *OIDCBrowser) walk(t testing.TB, address string, form url.Values) string {
	t.Helper()
	answer, text := b.visit(t, http.MethodGet, address, nil)
	for range maxOIDCPages {
		if to := answer.Header.Get("Location"); to != "" {
			return to
		}
		at := answer.Request.URL
		secret := xsrf.FindStringSubmatch(text)
		switch {
		case answer.StatusCode != http.StatusOK:
			t.Fatalf("testservers: %s answers %s:\n%s\n%s", at.Path, answer.Status, text, logTail(b.server.program.folder))
		case secret != nil:
			answer, text = b.visit(t, http.MethodPost, b.server.Issuer+"/session/end/confirm", url.Values{"xsrf": {secret[1]}, "logout": {"yes"}})
		case form != nil && strings.HasPrefix(at.Path, "/interaction/"):
			answer, text = b.visit(t, http.MethodPost, at.String(), form)
		default:
			t.Fatalf("testservers: %s is no form that is known here:\n%s", at.Path, text)
		}
	}
	t.Fatalf("testservers: after %d forms the provider asks again:\n%s", maxOIDCPages, text)
	return ""
}

func (b *OIDCBrowser) visit(t testing.TB, method, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := b.client.Do(request)
	if err != nil {
		t.Fatalf("testservers: %v\n%s", err, logTail(b.server.program.folder))
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}
