package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Provider is where people of public bodies have an account already, such as ProConnect: OpenID Connect with the
// authorization code flow. What it publishes about itself is read when it is first needed.
type Provider struct {
	ProviderOptions

	mu    sync.Mutex
	known *published // nil until it has been read
}

// ProviderOptions are how we are known there. All are needed.
type ProviderOptions struct {
	Issuer string // as it calls itself
	ID     string // client_id
	Secret string // client_secret
	Name   string // what people call it
	Back   string // redirect_uri: the address of /connexion/retour, as it is public
	Home   string // post_logout_redirect_uri: where people come back to once they have left it
	Signed bool   // what it says of a person is signed (userinfo as a JWT); an answer that is not is refused

	HTTP *http.Client
	Now  func() time.Time
}

// NewProvider checks the parts. It asks no network.
func NewProvider(o ProviderOptions) (*Provider, error) {
	if o.Issuer == "" || o.ID == "" || o.Secret == "" || o.Name == "" || o.Back == "" || o.Home == "" || o.HTTP == nil || o.Now == nil {
		return nil, errors.New("signin: a part of the provider is missing")
	}
	return &Provider{ProviderOptions: o}, nil
}

// algorithms are those with which a provider may sign: with a key that only it has.
var algorithms = []string{oidc.ES256, oidc.RS256}

// askIn is how long a provider may take for all that one sign-in asks of it.
const askIn = 15 * time.Second

// published is what a provider says of itself (OpenID Connect Discovery 1.0 §3).
type published struct {
	provider *oidc.Provider
	oauth    oauth2.Config
	pkce     bool
	userinfo string
	end      string // end_session_endpoint; empty where there is none
}

// discover reads it, once it has succeeded never again.
func (p *Provider) discover(ctx context.Context) (*published, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil {
		return p.known, nil
	}
	provider, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: discovery: %s", ErrProvider, brief(err))
	}
	var says struct {
		Scopes   []string `json:"scopes_supported"`
		Methods  []string `json:"token_endpoint_auth_methods_supported"`
		PKCE     []string `json:"code_challenge_methods_supported"`
		Userinfo string   `json:"userinfo_endpoint"`
		End      string   `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&says); err != nil {
		return nil, fmt.Errorf("%w: discovery: not what was expected", ErrProvider)
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // the default where it says nothing; trying both would use the code up
	if len(says.Methods) > 0 && !slices.Contains(says.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	p.known = &published{
		provider: provider, pkce: slices.Contains(says.PKCE, "S256"), userinfo: says.Userinfo, end: says.End,
		oauth: oauth2.Config{ClientID: p.ID, ClientSecret: p.Secret, Endpoint: endpoint, RedirectURL: p.Back, Scopes: scopes(says.Scopes)},
	}
	return p.known, nil
}

// scopes asks for the address and the name, in the words that the provider knows: ProConnect refuses others.
func scopes(known []string) []string {
	asked := []string{oidc.ScopeOpenID, "email"}
	for _, s := range []string{"profile", "given_name", "usual_name"} {
		if slices.Contains(known, s) {
			asked = append(asked, s)
		}
	}
	return asked
}

// wanted asks how the person signed in (OpenID Connect Core 1.0 §5.5): without being asked, ProConnect does not say.
const wanted = `{"id_token":{"amr":{"essential":true}}}`

// begin is the address where the browser goes. It has no parameter but those of the standard: ProConnect refuses others.
func (p *Provider) begin(ctx context.Context, a attempt) (string, error) {
	ctx, cancel := p.asking(ctx)
	defer cancel()
	known, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.nonce), oauth2.SetAuthURLParam("claims", wanted)}
	if known.pkce {
		options = append(options, oauth2.S256ChallengeOption(a.verifier))
	}
	return known.oauth.AuthCodeURL(a.state, options...), nil
}

// finish turns a code into who it is for, and the id_token that the provider wants back at the end.
func (p *Provider) finish(ctx context.Context, code string, a attempt) (Identity, string, error) {
	ctx, cancel := p.asking(ctx)
	defer cancel()
	known, err := p.discover(ctx)
	if err != nil {
		return Identity{}, "", err
	}
	var options []oauth2.AuthCodeOption
	if known.pkce {
		options = append(options, oauth2.VerifierOption(a.verifier))
	}
	tokens, err := known.oauth.Exchange(ctx, code, options...)
	if err != nil {
		return Identity{}, "", exchange(err)
	}
	hint, _ := tokens.Extra("id_token").(string)
	id, err := p.verify(ctx, known, hint, false)
	if err != nil {
		return Identity{}, "", err
	}
	if id.Nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.nonce)) != 1 {
		return Identity{}, "", ErrState
	}
	who := Identity{Issuer: p.Issuer, Subject: id.Subject}
	var said struct {
		AMR []string `json:"amr"`
		AZP string   `json:"azp"`
	}
	if err := id.Claims(&said); err != nil {
		return Identity{}, "", fmt.Errorf("%w: id_token: %w", ErrProvider, err)
	}
	if said.AZP != "" && said.AZP != p.ID || len(id.Audience) != 1 { // given to somebody else (Core §3.1.3.7)
		return Identity{}, "", fmt.Errorf("%w: id_token: not for us alone", ErrProvider)
	}
	who.Strong = slices.Contains(said.AMR, "mfa")
	return who, hint, p.describe(ctx, known, tokens, &who)
}

// exchange tells a no of the provider from its silence. Its text may repeat what it was sent, and stays out.
func exchange(err error) error {
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		if e.ErrorCode == "invalid_grant" { // the code is used up, or too old
			return ErrState
		}
		return fmt.Errorf("%w: token: %d %s", ErrProvider, e.Response.StatusCode, e.ErrorCode)
	}
	return fmt.Errorf("%w: token: %s", ErrProvider, brief(err))
}

// brief is the cause of an error, without the address that was asked, and without the page that a server may have sent.
func brief(err error) string {
	if asked, ok := errors.AsType[*url.Error](err); ok {
		err = asked.Err
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text[:min(len(text), 120)]
}

// verify checks what the provider has signed. An answer about a person may have no end.
func (p *Provider) verify(ctx context.Context, known *published, token string, endless bool) (*oidc.IDToken, error) {
	id, err := known.provider.Verifier(&oidc.Config{
		ClientID: p.ID, SupportedSigningAlgs: algorithms, Now: p.Now, SkipExpiryCheck: endless,
	}).Verify(ctx, token)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrProvider, brief(err))
	}
	if !id.Expiry.IsZero() && p.Now().After(id.Expiry) {
		return nil, fmt.Errorf("%w: a token whose time is over", ErrProvider)
	}
	if id.Subject == "" || id.IssuedAt.After(p.Now().Add(time.Minute)) {
		return nil, fmt.Errorf("%w: a token says nothing of whom it is for, or comes from the future", ErrProvider)
	}
	return id, nil
}

// farewell is the address that ends the provider's own session; empty where it has none, or does not answer. ProConnect
// wants a state there too, of 32 characters; nothing is done with it when it comes back.
func (p *Provider) farewell(ctx context.Context, hint, state string) string {
	ctx, cancel := p.asking(ctx)
	defer cancel()
	known, err := p.discover(ctx)
	if err != nil || known.end == "" || hint == "" {
		return ""
	}
	u, err := url.Parse(known.end)
	if err != nil || !strings.HasPrefix(u.Scheme, "http") {
		return ""
	}
	q := u.Query()
	q.Set("id_token_hint", hint)
	q.Set("post_logout_redirect_uri", p.Home)
	q.Set("state", state)
	u.RawQuery = q.Encode()
	return u.String()
}

func (p *Provider) asking(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(oidc.ClientContext(ctx, p.HTTP), askIn)
}
