package rdvsptest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// How long what agents consent to lasts.
const (
	codeLasts  = 10 * time.Minute
	tokenLasts = 2 * time.Hour
)

// grants is what agents have consented to. A code works once.
type grants struct {
	signedIn int // the agent of the browser, or 0
	codes    map[string]code
	tokens   map[string]*token // by access token
}

type code struct {
	agent    int
	redirect string
	at       time.Time
}

type token struct {
	agent    int
	access   string
	refresh  string
	previous string // access token that this one came of, until this one is used
	at       time.Time
	revoked  bool
}

func newGrants() grants {
	return grants{codes: make(map[string]code), tokens: make(map[string]*token)}
}

// SignIn is the agent in front of the browser from now on; 0 for nobody.
func (s *Server) SignIn(agent int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants.signedIn = agent
}

// Consent is an agent who follows an address of /oauth/authorize, of which this is the query, and says yes. It returns
// the code that the application gets.
func (s *Server) Consent(agent int, query url.Values) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if why := s.wrongAuthorization(query); why != "" {
		return "", fmt.Errorf("rdvsptest: %s", why)
	}
	if a, there := s.agents[agent]; !there || a.Email == "" || a.Refuses {
		return "", fmt.Errorf("rdvsptest: agent %d does not consent", agent)
	}
	return s.issueCode(agent, query.Get("redirect_uri")), nil
}

// Revoke is an agent who takes his consent back, on the page that lists the applications.
func (s *Server) Revoke(agent int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.grants.tokens {
		if t.agent == agent {
			t.revoked = true
		}
	}
}

func (s *Server) issueCode(agent int, redirect string) string {
	value := s.randomText(secretAlphabet, 43)
	s.grants.codes[value] = code{agent: agent, redirect: redirect, at: s.now()}
	return value
}

const secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// wrongAuthorization is why an application may not ask; empty when it may. The code is the only grant and write the
// only scope.
func (s *Server) wrongAuthorization(query url.Values) string {
	app := s.o.Application
	switch {
	case app.ID == "" || query.Get("client_id") != app.ID:
		return "invalid_client"
	case query.Get("redirect_uri") != app.RedirectURI:
		return "invalid_redirect_uri"
	case query.Get("response_type") != "code":
		return "unsupported_response_type"
	case !slices.Contains([]string{"", "write"}, query.Get("scope")):
		return "invalid_scope"
	}
	return ""
}

// authorize is the page of consent, which the agent of the browser answers by himself. An application that is not
// known gets a page and no redirect.
func (s *Server) authorize(c *call) answer {
	query := c.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	why := s.wrongAuthorization(query)
	switch agent, there := s.agents[s.grants.signedIn]; {
	case err != nil || why == "invalid_client" || why == "invalid_redirect_uri":
		return page(http.StatusUnauthorized, why)
	case !there:
		return redirect(c.here("/agents/sign_in"))
	default:
		said := back.Query()
		switch {
		case why != "":
			said.Set("error", why)
		case agent.Refuses:
			said.Set("error", "access_denied")
		default:
			said.Set("code", s.issueCode(agent.ID, query.Get("redirect_uri")))
		}
		if query.Has("state") {
			said.Set("state", query.Get("state"))
		}
		back.RawQuery = said.Encode()
		return redirect(back.String())
	}
}

// asAgent lets in who bears a living token.
func (s *Server) asAgent(handle func(*call) answer) func(*call) answer {
	return func(c *call) answer {
		bearer, _ := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
		t, known := s.grants.tokens[bearer]
		if !known || t.revoked || !s.now().Before(t.at.Add(tokenLasts)) {
			return unauthenticated().with("WWW-Authenticate", `Bearer realm="Doorkeeper", error="invalid_token"`)
		}
		if old := s.grants.tokens[t.previous]; old != nil { // now that its successor has arrived
			old.revoked, t.previous = true, ""
		}
		agent, there := s.agents[t.agent]
		if !there {
			return unauthenticated()
		}
		c.agent = &agent
		return handle(c)
	}
}
