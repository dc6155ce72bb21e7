package auth

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// AuthMethods lists the ways in which a partner identifies itself (RFC 8414, section 2), the best one first.
func AuthMethods() []string {
	return []string{"private_key_jwt", "client_secret_basic", "client_secret_post"}
}

// maxTokenRequest is the longest body of a token request, in bytes.
const maxTokenRequest = 8 << 10

// TokenRequest is a client credentials request as it was sent: nothing of it is verified.
type TokenRequest struct {
	ClientID  string // may be empty beside an assertion
	Secret    string // or else…
	Assertion string // … a signed assertion
	Scope     string // names separated by spaces; empty when none is asked
	Behalf
}

// ParseTokenRequest reads a token request (RFC 6749, sections 2.3.1 and 4.4.2): grant_type=client_credentials in a
// form, with a secret in an Authorization header (Basic) or in the form, or with a signed assertion (RFC 7521, section
// 4.2), and only one of the three. The error is always an *OAuthError. Whoever calls it limits how long the body may
// take.
func ParseTokenRequest(r *http.Request) (TokenRequest, error) {
	form, err := readForm(r)
	if err != nil {
		return TokenRequest{}, err
	}
	switch form.Get("grant_type") {
	case "client_credentials":
	case "":
		return TokenRequest{}, badRequest("grant_type manque", nil)
	default:
		return TokenRequest{}, &OAuthError{Code: unsupportedGrantType, Description: "grant_type doit valoir client_credentials"}
	}
	id, secret, basic, err := basicCredentials(r)
	if err != nil {
		return TokenRequest{}, err
	}
	request := TokenRequest{
		ClientID: form.Get("client_id"), Secret: form.Get("client_secret"), Assertion: form.Get("client_assertion"), Scope: form.Get("scope"),
		Behalf: Behalf{Prescriber: form.Get("prescripteur"), Person: form.Get("usager")},
	}
	if err := request.Behalf.check(); err != nil {
		return TokenRequest{}, badRequest("prescripteur et usager sont des pseudonymes : lettres, chiffres, - _ . et rien de personnel", err)
	}
	if form.Has("client_assertion") || form.Has("client_assertion_type") {
		return request.signed(form.Get("client_assertion_type"), basic)
	}
	if basic {
		// The same client_id may stand in the form too: it identifies, it does not authenticate (section 3.2.1).
		if request.Secret != "" || request.ClientID != "" && request.ClientID != id {
			return TokenRequest{}, badRequest("client_id et client_secret sont fournis deux fois", nil)
		}
		request.ClientID, request.Secret = id, secret
	}
	if request.ClientID == "" || request.Secret == "" {
		return TokenRequest{}, &OAuthError{Code: invalidClient, Description: "client_id ou client_secret manque"}
	}
	return request, nil
}

// signed checks a request with an assertion.
func (r TokenRequest) signed(kind string, basic bool) (TokenRequest, error) {
	switch {
	case basic || r.Secret != "":
		return TokenRequest{}, badRequest("un secret et client_assertion sont fournis tous deux", nil)
	case kind != assertionType:
		return TokenRequest{}, badRequest("client_assertion_type doit valoir "+assertionType, nil)
	case r.Assertion == "":
		return TokenRequest{}, badRequest("client_assertion manque", nil)
	}
	return r, nil
}

// readForm reads the body, in which a parameter stands once at most (section 3.2).
func readForm(r *http.Request) (url.Values, error) {
	if r.URL.RawQuery != "" {
		return nil, badRequest("la demande se fait dans le corps, jamais dans l'adresse", nil)
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || len(r.Header.Values("Content-Type")) > 1 {
		return nil, badRequest("Content-Type doit valoir application/x-www-form-urlencoded", err)
	}
	var body []byte
	if r.Body != nil {
		body, err = io.ReadAll(io.LimitReader(r.Body, maxTokenRequest+1))
	}
	if err != nil {
		return nil, badRequest("le corps de la demande est illisible", err)
	}
	if len(body) > maxTokenRequest {
		return nil, badRequest("le corps de la demande est trop long", nil)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		// The error of net/url repeats what it could not read: that may be a secret.
		return nil, badRequest("le corps de la demande est illisible", errors.New("not a form"))
	}
	for _, values := range form {
		if len(values) > 1 {
			return nil, badRequest("un champ est fourni deux fois", nil)
		}
	}
	return form, nil
}

// basicCredentials reads the Authorization header, if there is one. Both parts are form-encoded inside the base64
// (section 2.3.1).
func basicCredentials(r *http.Request) (id, secret string, ok bool, err error) {
	switch headers := r.Header.Values("Authorization"); {
	case len(headers) == 0:
		return "", "", false, nil
	case len(headers) > 1:
		return "", "", false, badRequest("Authorization est fourni deux fois", nil)
	case !strings.HasPrefix(strings.ToLower(headers[0]), "basic "):
		return "", "", false, &OAuthError{Code: invalidClient, Description: "Authorization doit valoir Basic"}
	}
	user, password, ok := r.BasicAuth()
	id, err1 := url.QueryUnescape(user)
	secret, err2 := url.QueryUnescape(password)
	if !ok || err1 != nil || err2 != nil {
		return "", "", false, &OAuthError{Code: invalidClient, Description: "Authorization est illisible"}
	}
	return id, secret, true, nil
}

func badRequest(description string, err error) *OAuthError {
	return &OAuthError{Code: invalidRequest, Description: description, Err: err}
}
