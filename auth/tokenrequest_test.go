package auth

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

const formType = "application/x-www-form-urlencoded"

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

func tokenRequest(target, contentType, authorization, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return r
}

func TestParseTokenRequest(t *testing.T) {
	const grant = "grant_type=client_credentials"
	signed := grant + "&client_assertion=x.y.z&client_assertion_type=" + url.QueryEscape(assertionType)
	for _, c := range []struct {
		name, target, contentType, authorization, body string
		want                                           TokenRequest
		code                                           string
	}{
		{"form", "/", formType, "", grant + "&client_id=a&client_secret=s&scope=lieux%3Alire+creneaux%3Alire", TokenRequest{ClientID: "a", Secret: "s", Scope: "lieux:lire creneaux:lire"}, ""},
		{"basic", "/", formType, basic("a", "s"), grant, TokenRequest{ClientID: "a", Secret: "s"}, ""},
		{"basic, any case", "/", formType, strings.Replace(basic("a", "s"), "Basic", "bASIC", 1), grant, TokenRequest{ClientID: "a", Secret: "s"}, ""},
		{"basic is form-encoded inside", "/", formType, basic("a%3Ab", "s%25+t"), grant, TokenRequest{ClientID: "a:b", Secret: "s% t"}, ""},
		{"charset", "/", formType + "; charset=UTF-8", basic("a", "s"), grant, TokenRequest{ClientID: "a", Secret: "s"}, ""},
		{"basic and the same client_id", "/", formType, basic("a", "s"), grant + "&client_id=a", TokenRequest{ClientID: "a", Secret: "s"}, ""},
		{"unknown fields", "/", formType, basic("a", "s"), grant + "&resource=x", TokenRequest{ClientID: "a", Secret: "s"}, ""},
		{"basic and form secret", "/", formType, basic("a", "s"), grant + "&client_secret=s", TokenRequest{}, invalidRequest},
		{"basic and another client_id", "/", formType, basic("a", "s"), grant + "&client_id=b", TokenRequest{}, invalidRequest},
		{"basic and form", "/", formType, basic("a", "s"), grant + "&client_id=a&client_secret=s", TokenRequest{}, invalidRequest},
		{"JSON", "/", "application/json", "", `{"grant_type":"client_credentials"}`, TokenRequest{}, invalidRequest},
		{"no type", "/", "", basic("a", "s"), grant, TokenRequest{}, invalidRequest},
		{"multipart", "/", "multipart/form-data; boundary=x", basic("a", "s"), grant, TokenRequest{}, invalidRequest},
		{"broken type", "/", "application/;;", basic("a", "s"), grant, TokenRequest{}, invalidRequest},
		{"in the address", "/?" + grant + "&client_id=a&client_secret=s", formType, "", "", TokenRequest{}, invalidRequest},
		{"secret in the address", "/?client_secret=s", formType, "", grant + "&client_id=a", TokenRequest{}, invalidRequest},
		{"no grant", "/", formType, basic("a", "s"), "", TokenRequest{}, invalidRequest},
		{"password grant", "/", formType, basic("a", "s"), "grant_type=password&username=a&password=s", TokenRequest{}, unsupportedGrantType},
		{"grant twice", "/", formType, basic("a", "s"), grant + "&" + grant, TokenRequest{}, invalidRequest},
		{"client twice", "/", formType, "", grant + "&client_id=a&client_id=b&client_secret=s", TokenRequest{}, invalidRequest},
		{"broken escape", "/", formType, "", grant + "&client_id=%zz&client_secret=s", TokenRequest{}, invalidRequest},
		{"semicolons", "/", formType, "", grant + ";client_id=a;client_secret=s", TokenRequest{}, invalidRequest},
		{"too long", "/", formType, basic("a", "s"), grant + "&x=" + strings.Repeat("x", maxTokenRequest), TokenRequest{}, invalidRequest},
		{"assertion", "/", formType, "", signed, TokenRequest{Assertion: "x.y.z"}, ""},
		{"assertion and client_id", "/", formType, "", signed + "&client_id=a&scope=s", TokenRequest{ClientID: "a", Assertion: "x.y.z", Scope: "s"}, ""},
		{"for whom", "/", formType, basic("a", "s"), grant + "&prescripteur=aidant-7&usager=u.12_3", TokenRequest{ClientID: "a", Secret: "s", Behalf: Behalf{"aidant-7", "u.12_3"}}, ""},
		{"prescriber by address", "/", formType, basic("a", "s"), grant + "&prescripteur=a%40example.org", TokenRequest{}, invalidRequest},
		{"person by telephone", "/", formType, basic("a", "s"), grant + "&usager=0612345678", TokenRequest{}, invalidRequest},
		{"person is a partner", "/", formType, basic("a", "s"), grant + "&usager=partenaire_x", TokenRequest{}, invalidRequest},
		{"assertion and secret", "/", formType, "", signed + "&client_id=a&client_secret=s", TokenRequest{}, invalidRequest},
		{"assertion and basic", "/", formType, basic("a", "s"), signed, TokenRequest{}, invalidRequest},
		{"assertion twice", "/", formType, "", signed + "&client_assertion=x.y.z", TokenRequest{}, invalidRequest},
		{"assertion without type", "/", formType, "", grant + "&client_assertion=x.y.z", TokenRequest{}, invalidRequest},
		{"assertion of SAML", "/", formType, "", grant + "&client_assertion=x&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Asaml2-bearer", TokenRequest{}, invalidRequest},
		{"type without assertion", "/", formType, "", strings.Replace(signed, "&client_assertion=x.y.z", "", 1), TokenRequest{}, invalidRequest},
		{"no credentials", "/", formType, "", grant, TokenRequest{}, invalidClient},
		{"no secret", "/", formType, "", grant + "&client_id=a", TokenRequest{}, invalidClient},
		{"empty secret", "/", formType, basic("a", ""), grant, TokenRequest{}, invalidClient},
		{"bearer", "/", formType, "Bearer x", grant, TokenRequest{}, invalidClient},
		{"bearer and form", "/", formType, "Bearer x", grant + "&client_id=a&client_secret=s", TokenRequest{}, invalidClient},
		{"basic is not base64", "/", formType, "Basic !!!", grant, TokenRequest{}, invalidClient},
		{"basic without colon", "/", formType, "Basic " + base64.StdEncoding.EncodeToString([]byte("a")), grant, TokenRequest{}, invalidClient},
		{"basic with a broken escape", "/", formType, basic("a", "%zz"), grant, TokenRequest{}, invalidClient},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseTokenRequest(tokenRequest(c.target, c.contentType, c.authorization, c.body))
			if c.code == "" {
				if err != nil || got != c.want {
					t.Fatalf("got %+v, %v", got, err)
				}
				return
			}
			refusal, ok := errors.AsType[*OAuthError](err)
			if !ok || refusal.Code != c.code || got != (TokenRequest{}) {
				t.Fatalf("got %+v, %v", got, err)
			}
			checkRefusal(t, refusal)
		})
	}
}

// describable is the alphabet of error_description (RFC 6749, section 5.2).
var describable = regexp.MustCompile(`^[\x20-\x21\x23-\x5b\x5d-\x7e]+$`)

func checkRefusal(t *testing.T, e *OAuthError) {
	t.Helper()
	if !describable.MatchString(e.Description) {
		t.Errorf("description %q", e.Description)
	}
	want := http.StatusBadRequest
	if e.Code == invalidClient {
		want = http.StatusUnauthorized
	}
	if e.Status() != want {
		t.Errorf("%s has status %d", e.Code, e.Status())
	}
}

func TestTwoAuthorizationHeadersAreRefused(t *testing.T) {
	r := tokenRequest("/", formType, basic("a", "s"), "grant_type=client_credentials")
	r.Header.Add("Authorization", basic("b", "s"))
	_, err := ParseTokenRequest(r)
	if refusal, ok := errors.AsType[*OAuthError](err); !ok || refusal.Code != invalidRequest {
		t.Errorf("got %v", err)
	}
}

func TestNoRefusalRepeatsASecret(t *testing.T) {
	_, err := ParseTokenRequest(tokenRequest("/", formType, "", "grant_type=client_credentials&client_id=a&client_secret=tresor%zz"))
	if err == nil || strings.Contains(err.Error(), "zz") || strings.Contains(err.Error(), "tresor") {
		t.Errorf("got %v", err)
	}
}

func FuzzParseTokenRequest(f *testing.F) {
	f.Add(formType, basic("a", "s"), "grant_type=client_credentials")
	f.Add(formType, "", "grant_type=client_credentials&client_id=a&client_secret=s&scope=x")
	f.Add(formType, "", "grant_type=client_credentials&client_assertion=x&client_assertion_type="+url.QueryEscape(assertionType)+"&usager=u&prescripteur=p")
	f.Add("text/plain;;", "Basic %%%", "a=%zz&a=b")
	f.Fuzz(func(t *testing.T, contentType, authorization, body string) {
		got, err := ParseTokenRequest(tokenRequest("/", contentType, authorization, body))
		if err == nil {
			if got.Assertion == "" && (got.ClientID == "" || got.Secret == "") || got.Assertion != "" && got.Secret != "" || got.check() != nil {
				t.Errorf("got %+v", got)
			}
			return
		}
		refusal, ok := errors.AsType[*OAuthError](err)
		if !ok || got != (TokenRequest{}) {
			t.Fatalf("got %+v, %v", got, err)
		}
		checkRefusal(t, refusal)
	})
}
